/**
 * A figure to take hold of: its drawing, its handles, its sound and its link.
 *
 * A kind of figure is a plain object (see `FigureKind` in types.d.ts); what is here asks it for a
 * drawing of a state, shows that, and changes the state when a handle moves.
 */

import { MAGMA, makePalette } from "./colours.js";
import { button, icon, iconButton, make } from "./dom.js";
import { Handles, fitted } from "./handles.js";
import { elementsOf } from "./svg.js";
import { Voice } from "./voice.js";

// Units of a drawing: its width on a page; on anything wider, such as a projector, it is magnified.
const NARROWEST = 300, WIDEST = 740;

/** The corners of a screen, as the lines of an icon. */
const FULL = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";

/** The level of a spectrogram's cell as a colour; 0 is a cell that is not there. */
const PALETTE = makePalette(MAGMA, 120);

/** A state after a value of it has been moved. @param {FigureKind} kind @param {State} state */
const moved = (kind, data, state, key, value) => kind.changed?.(state, key, value, data) ?? { ...state, [key]: value };

/**
 * What a state can be: every value one that its handle can be moved to, one after the other, and nothing else.
 * @param {FigureKind} kind @param {Record<string, number|string>} values
 */
export function mended(kind, data, values) {
  return kind.handles(data).reduce((state, handle) => {
    const key = handle.key ?? handle.name, value = Number(values[key]);
    return Number.isFinite(value) ? moved(kind, data, state, key, fitted(handle, value)) : state;
  }, { ...kind.start(data) });
}

/** How far each value has been: what a drawing may show as a trail. @returns {Seen} */
export function seenWith(seen, state) {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, {
    low: Math.min(value, seen[key]?.low ?? value), high: Math.max(value, seen[key]?.high ?? value),
  }]));
}

/** One figure on a page. */
export class Figure {
  /**
   * @param {FigureKind} kind
   * @param {HTMLElement} root the `<figure>`
   * @param {Object} host
   * @param {Sound} host.sound
   * @param {Record<string, number>} host.values what it starts with
   * @param {(state: State) => void} [host.onChange]
   * @param {boolean} [host.isLinked] whether the address of the page holds the state
   */
  constructor(kind, root, { sound, values, onChange = () => {}, isLinked = false }) {
    this.kind = kind;
    this.root = root;
    this.onChange = onChange;
    this.isLinked = isLinked;
    this.data = kind.prepare(sound, values);
    this.preset = mended(kind, this.data, values);
    this.state = this.preset;
    this.seen = seenWith({}, this.state);
    this.n_draws = 0;
    this.visible = false;
    this.build();
    this.voice = new Voice(root, () => this.showPlaying());
    this.listen();
    this.restoreLink();
    // At once, and not with the next picture: until then what is below would stand higher.
    this.draw();
  }

  build() {
    const { kind, root } = this, handles = kind.handles(this.data);
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("role", "group");
    this.svg.setAttribute("aria-label", kind.title);
    this.marks = document.createElementNS("http://www.w3.org/2000/svg", "g");
    this.marks.setAttribute("aria-hidden", "true");
    this.svg.append(this.marks);
    this.handles = new Handles(this.svg, handles, this);
    this.numbers = make("p", { class: "sd-read" });
    this.news = make("span", { role: "status", class: "sd-news" });
    this.play = button([], () => this.toggle(), { class: "sd-play" });
    this.stage = make("div", { class: "sd-stage" }, this.canvas, this.svg);
    const full = document.fullscreenEnabled
      ? [iconButton(FULL, "Full screen", () => this.toggleFull())] : [];
    this.own = kind.action ? [button([kind.action.label], () => this.act())] : [];
    this.bar = make("div", { class: "sd-bar" }, ...(kind.heard ? [this.play] : []), ...this.own,
      button(["Reset"], () => this.reset()), ...full, this.news);
    root.prepend(this.stage, this.numbers, this.bar);
    Object.assign(root, { view: this });
    root.dataset.mounted = "yes";
  }

  listen() {
    this.resizer = new ResizeObserver(() => this.schedule());
    this.resizer.observe(this.stage);
    this.watcher = new IntersectionObserver(([{ isIntersecting }]) => {
      this.visible = isIntersecting;
      if (isIntersecting) this.schedule();
      else if (this.voice.node) this.voice.stop();
    });
    this.watcher.observe(this.stage);
    this.onHash = () => this.restoreLink();
    window.addEventListener("hashchange", this.onHash);
    this.showPlaying();
  }

  // -- changes

  valueOf(handle) {
    return handle.value ? handle.value(this.state, this.data) : this.state[handle.key ?? handle.name];
  }

  /** A handle has been taken hold of: it goes along no more, and is heard if a press is to play it. */
  hold(handle) {
    if (handle.walks) this.isWalking = false;
    this.press(handle);
  }

  /** Sound what a press plays, as soon as the browser allows that: while a finger is down, it does not. */
  press(handle) {
    if (handle?.plays && !this.voice.node && navigator.userActivation?.isActive !== false) this.start(false);
  }

  /** A handle has been moved to a value. */
  move(handle, value) {
    this.set(moved(this.kind, this.data, this.state, handle.key ?? handle.name, value));
  }

  set(state) {
    this.state = state;
    this.news.textContent = "";
    this.seen = seenWith(this.seen, state);
    this.onChange(state);
    this.follow(this.isHeld);
    this.schedule();
  }

  /** A handle has been let go: what is heard, and the address, follow. */
  rest(handle) {
    this.press(handle);
    this.follow();
    if (!this.isLinked) return;
    const values = Object.entries(this.state).map(([key, value]) => [key, `${Number(value.toFixed(4))}`]);
    history.replaceState(history.state, "", `#${this.root.id}?${new URLSearchParams(values)}`);
  }

  restoreLink() {
    const [, id, query] = /^#([\w-]+)\?(.*)$/.exec(location.hash) ?? [];
    if (!this.isLinked || id !== this.root.id) return;
    this.adopt(Object.fromEntries(new URLSearchParams(query)));
  }

  /** Take on values from outside. @param {Record<string, number|string>} values */
  adopt(values) {
    this.isWalking = false;
    this.set(mended(this.kind, this.data, values));
    this.follow();
  }

  reset() {
    this.seen = {};
    this.set(this.preset);
    this.rest();
  }

  act() {
    this.set(this.kind.action.apply(this.state, this.data));
    this.rest();
    this.news.textContent = this.kind.draw(this.state, this.data, WIDEST, this.seen).says;
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  // -- sound

  /** What the state sounds like; while a handle is `held`, a loop goes on as it was. */
  heard(isHeld = false) {
    const heard = this.kind.heard?.(this.state, this.data) ?? { key: "" };
    return isHeld && !heard.hertz ? this.voice.node?.heard ?? heard : heard;
  }

  /** Sound as the state does, if it sounds. */
  follow(isHeld = false) {
    if (this.voice?.node) this.voice.follow(this.heard(isHeld));
  }

  get isHeld() {
    return this.svg.classList.contains("sd-held");
  }

  async toggle() {
    // As wide as its longest word: whoever presses twice stops the sound, and resets nothing.
    this.play.style.minWidth ||= `${this.play.offsetWidth}px`;
    if (this.voice.node) this.voice.stop();
    else await this.start(true);
  }

  /** Begin to sound, and with `isWalking`, to go along with the sound until that handle is taken hold of. */
  async start(isWalking) {
    this.isWalking = isWalking && Boolean(this.kind.walked);
    try {
      await this.voice.start(this.heard());
      this.news.textContent = "";
    } catch (error) {
      this.news.textContent = error.message;
    }
    this.showPlaying();
    this.walk();
  }

  showPlaying() {
    const on = Boolean(this.voice?.node);
    this.play.replaceChildren(icon(on ? "pause" : "play"), on ? "Stop" : this.kind.hear ?? "Listen");
    this.play.setAttribute("aria-pressed", `${on}`);
  }

  /** Let the state go along with the sound, where the kind says how; calmly, if that is asked for. */
  walk() {
    if (this.kind.hasHead) this.schedule();
    if (!(this.isWalking || this.kind.hasHead) || !this.voice.node) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (this.isWalking) this.set(this.kind.walked(this.state, this.data, this.voice.passed));
    if (calm) setTimeout(() => this.walk(), 400);
    else requestAnimationFrame(() => this.walk());
  }

  // -- drawing

  /** Draw with the next picture of the screen, if the figure is seen. */
  schedule() {
    if (this.waits || !this.visible) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.draw();
    });
  }

  draw() {
    // That of the figure: on a full screen, the stage is as wide as its height allows.
    const width = Math.min(WIDEST, Math.max(NARROWEST, this.root.clientWidth));
    const passed = this.voice.node && this.voice.passed;
    const drawing = this.kind.draw(this.state, this.data, width, this.seen, passed);
    this.stage.style.setProperty("--sd-ratio", `${width / drawing.height}`);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${drawing.height}`);
    this.marks.replaceChildren(...elementsOf(drawing.marks));
    this.handles.update(drawing, (handle) => this.valueOf(handle));
    this.paint(drawing.raster, width, drawing.height);
    this.numbers.replaceChildren(...drawing.numbers.flatMap(({ name, label, text }) => [
      make("span", {}, `${label} `, make("b", { "data-number": name }, text)), " "]));
    // An action that would change nothing is grey; `disabled` would take the focus away from it.
    const isDone = () => JSON.stringify(this.kind.action.apply(this.state, this.data)) === JSON.stringify(this.state);
    for (const button of this.own) button.setAttribute("aria-disabled", `${isDone()}`);
    this.n_draws++;
  }

  /** Colour the cells of a spectrogram behind the drawing. */
  paint(raster, width, height) {
    const { canvas } = this;
    canvas.hidden = !raster;
    if (!raster || raster.key === this.painted) return;
    this.painted = raster.key;
    const { columns, rows, bytes, colours } = raster, context = canvas.getContext("2d");
    canvas.width = columns;
    canvas.height = rows;
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const palette = colours?.map(([r, g, b]) => r | g << 8 | b << 16 | 255 << 24) ?? PALETTE;
    for (let i = 0; i < bytes.length; i++) pixels[i] = bytes[i] && palette[bytes[i]];
    context.putImageData(image, 0, 0);
    canvas.style.cssText = `left:${100 * raster.x / width}%;top:${100 * raster.y / height}%;`
      + `width:${100 * raster.width / width}%;height:${100 * raster.height / height}%`;
  }

  close() {
    this.resizer.disconnect();
    this.watcher.disconnect();
    window.removeEventListener("hashchange", this.onHash);
    this.voice.close();
  }
}
