/** The waveform and the two spectrograms over one time axis. */

import { frequencyLabel, timeTicks } from "../../js/parts/axes.js";
import { COLORMAPS } from "../../js/parts/colormaps.js";
import { LOWEST_DB, levelByte, makePalette } from "../../js/parts/colours.js";
import { makeSwitch } from "../../js/parts/controls.js";
import { make } from "../../js/parts/dom.js";
import { fitCanvases, makePanel, makeTick } from "../../js/parts/panel.js";
import {
  colorPixels, drawWave, levelAt, poolLevels, waveEnvelope,
} from "../../js/parts/picture.js";
import { clampSpan, frequencyTicks, makeScale } from "../../js/parts/scales.js";
import { decibels, round, signed, thousands } from "../../js/parts/text.js";

const SIDE_COLORS = { original: "#3b82c4", result: "#c96f16" };
const KEYS = "Arrow keys move the probe, Shift with left and right the window. Plus, minus and 0 "
  + "zoom. Enter moves the sound to the probe, Space plays it.";

/**
 * The waveform and the two spectrograms over one time axis, with probe and playing position.
 *
 * Its owner sets `label`, `sounds` ({original, result}), `pictures` ({original, kept, result}) and
 * `settings`, and calls `paint`; it is told by `onSeek(time)`, `onPlay()` and `onSpan()`.
 */
export class Stage {
  /**
   * @param {Object} owner
   * @param {(time: number) => void} owner.onSeek
   * @param {() => void} owner.onPlay
   * @param {() => void} owner.onSpan
   */
  constructor({ onSeek, onPlay, onSpan }) {
    this.onSeek = onSeek;
    this.onPlay = onPlay;
    this.onSpan = onSpan;
    this.label = "";
    /** @type {Record<string, Sound>} */
    this.sounds = {};
    /** @type {Record<string, Picture>} */
    this.pictures = {};
    /** @type {Settings} */
    this.settings = undefined;
    this.side = "original";
    this.show = "kept";
    /** @type {Span} */
    this.span = { start: 0, end: 1 };
    this.playhead = 0;
    /** @type {{time: number, unit?: number}|null} */
    this.probe = null;
    /** @type {{x: number, span: Span, dragged: boolean}|null} */
    this.press = null;
    this.wave = makePanel("wave");
    this.upper = makePanel("original");
    this.lower = makePanel("lower");
    this.times = make("div", { class: "sd-times", "aria-hidden": "true" });
    this.readout = make("output", { class: "sd-readout" });
    const words = { kept: "what is kept", result: "what comes back" };
    this.showSwitch = makeSwitch("Lower picture", words, (word) => this.setShow(word));
    const group = { class: "sd-plots", tabindex: 0, role: "group", "aria-label": KEYS };
    this.element = make("div", group, this.wave.element, this.makeHeading(), this.upper.element,
      make("div", { class: "sd-heading" }, this.showSwitch.element), this.lower.element,
      this.times);
    this.listen();
  }

  makeHeading() {
    this.scaleBar = make("canvas", { width: 256, height: 1 });
    this.scaleText = make("span");
    const scale = make("span", { class: "sd-scale" }, this.scaleText, this.scaleBar, "0 dB");
    const unit = make("span", { class: "sd-axis-unit" }, "Hz");
    return make("div", { class: "sd-heading" }, unit, "original", scale, this.readout);
  }

  listen() {
    const { element } = this;
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.onPress(event));
    element.addEventListener("pointermove", (event) => this.onMove(event));
    element.addEventListener("pointerup", (event) => this.onRelease(event));
    element.addEventListener("pointercancel", () => { this.press = null; });
    element.addEventListener("pointerleave", ({ pointerType }) => {
      // A finger leaves when it is lifted; what it has pointed at stays.
      if (pointerType === "mouse") this.setProbe(null);
    });
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(element);
  }

  get duration() {
    const { original } = this.sounds;
    return original ? original.x.length / original.sr : 1;
  }

  get scale() {
    const { axis, sr, mel_scale } = this.settings;
    return makeScale(axis, sr, mel_scale);
  }

  setShow(word) {
    this.show = word;
    this.showSwitch.choose(word);
    this.paint();
  }

  setSide(side) {
    this.side = side;
    this.paintWave();
  }

  // -- painting

  resize() {
    fitCanvases([this.wave, this.upper, this.lower].map(({ canvas }) => canvas));
    this.paint();
  }

  paint() {
    this.paintUpper();
    this.paintLower();
    this.paintWave();
    this.labelTimes();
    this.setPlayhead(this.playhead);
  }

  paintUpper() {
    const { colormap, range_db } = this.settings, palette = makePalette(COLORMAPS[colormap], range_db);
    this.paintPanel(this.upper, this.pictures.original, palette);
    this.paintScale(palette, range_db);
    this.describe(this.upper, "Original", this.pictures.original);
  }

  paintLower() {
    const { pictures, show, settings: { colormap, range_db, threshold_db, n_mels } } = this;
    // Without bands, what is kept is the original without its quiet cells: no need to wait for it.
    const quick = show === "kept" && !n_mels;
    const picture = quick ? pictures.original : pictures[show];
    const palette = makePalette(COLORMAPS[colormap], range_db, quick ? threshold_db : LOWEST_DB);
    this.paintPanel(this.lower, picture, palette);
    this.lower.element.dataset.show = show;
    this.describe(this.lower, show === "kept" ? "What is kept" : "What comes back", picture);
  }

  paintPanel({ canvas, context, ticks }, picture, palette) {
    const { width, height, clientHeight } = canvas, { scale } = this;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    if (picture) {
      const pooled = poolLevels(picture, scale, this.span, width, height);
      colorPixels(pooled, palette, pixels, width, height);
    } else pixels.fill(palette[0]);
    context.putImageData(image, 0, 0);
    ticks.replaceChildren(...frequencyTicks(scale, this.settings.axis, clientHeight || 1).map((f) =>
      makeTick(1 - scale.toUnit(f), frequencyLabel(f))));
  }

  paintWave() {
    const { canvas: { width, height }, context } = this.wave, { sounds, side } = this;
    const sound = sounds[side] ?? sounds.original;
    this.wave.canvas.setAttribute("aria-label", `Waveform of the ${side}, ${this.label}`);
    if (!sound) return context.clearRect(0, 0, width, height);
    // One scale for both sounds, so that a change of level is seen.
    const top = Math.max(...Object.values(sounds).map(({ peak }) => peak));
    drawWave(context, waveEnvelope(sound, this.span, width), SIDE_COLORS[side], width, height, top);
  }

  paintScale(palette, range_db) {
    const context = this.scaleBar.getContext("2d"), image = context.createImageData(256, 1);
    const levels = Array.from({ length: 256 }, (_, i) => range_db * (i / 255 - 1));
    new Uint32Array(image.data.buffer).set(levels.map((level) => palette[levelByte(level)]));
    context.putImageData(image, 0, 0);
    this.scaleText.textContent = signed(-range_db);
  }

  labelTimes() {
    const { start, end } = this.span;
    this.times.replaceChildren(...timeTicks(this.span, this.times.clientWidth || 1).map((t) =>
      makeTick((t - start) / (end - start), `${t} s`)));
  }

  /** Say in words what a canvas shows. */
  describe({ canvas }, what, picture) {
    const { span: { start, end }, settings: { axis, sr } } = this;
    const parts = picture ? [
      `${what}, ${this.label}: spectrogram of ${picture.n_rows} rows`,
      `${round(start, 2)} to ${round(end, 2)} s, 0 to ${sr / 2} Hz on a ${axis} axis`,
      `loudest at ${round(picture.loudest.time, 2)} s and ${round(picture.loudest.frequency)} Hz`,
    ] : [`${what}: nothing yet`];
    canvas.setAttribute("aria-label", parts.join("; "));
  }

  // -- the window of time

  setSpan(start, length) {
    this.span = clampSpan(start, length, this.duration);
    this.paint();
    if (!this.press) this.onSpan();
  }

  /** Show `factor` times as much time, around a place that stays where it is. */
  zoom(factor, centre = this.probe?.time ?? this.visiblePlayhead) {
    const { start, end } = this.span;
    this.setSpan(centre - factor * (centre - start), factor * (end - start));
  }

  pan(part) {
    const { start, end } = this.span;
    this.setSpan(start + part * (end - start), end - start);
  }

  get visiblePlayhead() {
    const { start, end } = this.span;
    return this.playhead > start && this.playhead < end ? this.playhead : (start + end) / 2;
  }

  /** Move the playing position; with `follow`, turn the page when it leaves the window. */
  setPlayhead(time, follow = false) {
    this.playhead = Math.min(Math.max(0, time), this.duration);
    const { start, end } = this.span, isGone = this.playhead > end && !this.press;
    if (follow && isGone) return this.setSpan(this.playhead, end - start);
    const unit = (this.playhead - start) / (end - start);
    this.element.style.setProperty("--sd-at", unit < 0 || unit > 1 ? -1 : unit);
    this.updateReadout();
  }

  // -- the probe

  setProbe(probe) {
    this.probe = probe;
    this.element.classList.toggle("sd-probing", Boolean(probe));
    this.element.classList.toggle("sd-pitched", probe?.unit !== undefined);
    this.updateReadout();
  }

  updateReadout() {
    const { span: { start, end }, probe } = this;
    if (probe) {
      this.element.style.setProperty("--sd-x", (probe.time - start) / (end - start));
      this.element.style.setProperty("--sd-y", 1 - probe.unit);
    }
    this.readout.textContent = probe ? this.read(probe)
      : `${this.playhead.toFixed(2)} of ${this.duration.toFixed(2)} s`;
  }

  /** @param {{time: number, unit?: number}} probe */
  read({ time, unit }) {
    if (unit === undefined) return `${time.toFixed(3)} s`;
    const f = this.scale.toHz(unit), { pictures, show } = this;
    const place = `${time.toFixed(3)} s \u00b7 ${thousands(f)} Hz`;
    const level = (picture) => {
      const found = picture && levelAt(picture, time, f);
      return found <= LOWEST_DB ? "silent" : decibels(found);
    };
    const lower = `${show === "kept" ? "kept" : "back"} ${level(pictures[show])}`;
    return `${place} \u00b7 ${level(pictures.original)}, ${lower}`;
  }

  // -- pointers and keys

  /** Time under a pointer and, over a spectrogram, the place of the frequency on the axis. */
  place({ clientX, clientY }) {
    const { left, width } = this.upper.canvas.getBoundingClientRect(), { start, end } = this.span;
    const time = start + Math.min(1, Math.max(0, (clientX - left) / width)) * (end - start);
    for (const { canvas } of [this.upper, this.lower]) {
      const { top, bottom, height } = canvas.getBoundingClientRect();
      if (clientY >= top && clientY < bottom) return { time, unit: 1 - (clientY - top) / height };
    }
    return { time };
  }

  onWheel(event) {
    const { start, end } = this.span, { clientWidth } = this.upper.canvas;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey) this.zoom(Math.exp(0.01 * event.deltaY), this.place(event).time);
    else if (sideways && end - start < this.duration) this.pan(event.deltaX / clientWidth);
    else return;
    event.preventDefault();
  }

  onPress(event) {
    if (event.button || !event.target.closest(".sd-panel")) return;
    this.press = { x: event.clientX, span: this.span, dragged: false };
  }

  onMove(event) {
    const { press } = this;
    if (!press) return this.setProbe(event.target.closest(".sd-panel") ? this.place(event) : null);
    const moved = event.clientX - press.x, { start, end } = press.span;
    if (!press.dragged && Math.abs(moved) < 4) return;
    if (!press.dragged) this.element.setPointerCapture(event.pointerId);
    press.dragged = true;
    this.setSpan(start - moved / this.upper.canvas.clientWidth * (end - start), end - start);
  }

  onRelease(event) {
    const { press } = this;
    this.press = null;
    if (press?.dragged) return this.onSpan();
    if (!press) return;
    this.setProbe(this.place(event));
    this.onSeek(this.probe.time);
  }

  onKey(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.actionOf(event.key, event.shiftKey);
    if (!action) return;
    event.preventDefault();
    action();
  }

  actionOf(key, shift) {
    const { start, end } = this.span;
    const probe = { unit: 0.1, ...(this.probe ?? { time: this.visiblePlayhead }) };
    const move = (dt, du) => () => this.setProbe({
      time: Math.min(end, Math.max(start, probe.time + dt * (end - start))),
      unit: Math.min(1, Math.max(0, probe.unit + du)),
    });
    return {
      ArrowLeft: shift ? () => this.pan(-0.1) : move(-0.01, 0),
      ArrowRight: shift ? () => this.pan(0.1) : move(0.01, 0),
      ArrowUp: move(0, 0.02), ArrowDown: move(0, -0.02), Home: move(-1, 0), End: move(1, 0),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2),
      0: () => this.setSpan(0, Infinity), " ": () => this.onPlay(),
      Enter: () => this.onSeek(probe.time),
    }[key];
  }
}
