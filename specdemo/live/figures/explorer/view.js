/** One Explorer on a page: what joins its parts. */

import { Stage } from "./stage.js";
import { Deck } from "./deck.js";
import { Runs, measure } from "./runs.js";
import {
  CONTROLS, DISPLAY, FACES, SETTINGS, effective, parseSetting, readFragment, writeFragment,
} from "./settings.js";
import { makeControl } from "../../js/parts/controls.js";
import { button, make } from "../../js/parts/dom.js";
import { listenToDrops, save } from "../../js/parts/files.js";
import { bufferOf, playedRate } from "../../js/parts/played.js";
import { clampSpan } from "../../js/parts/scales.js";
import { FILE_SR, peak, wavFile } from "../../js/parts/sounds.js";
import { Sources } from "../../js/parts/sources.js";
import { round } from "../../js/parts/text.js";

/** One Explorer on a page: the settings live in the model, the mathematics in the worker. */
export class View {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   * @param {string} [id] of the figure, to which links lead, on a static page
   */
  constructor(model, el, id) {
    this.model = model;
    this.id = id;
    /** @type {Sound|null} */
    this.sound = null;
    /** @type {Map<string, Sound>} */
    this.sounds = new Map();
    /** @type {Set<string>} labels of sounds that are on their way */
    this.awaited = new Set();
    /** @type {Record<string, string>} a sentence for each topic */
    this.notes = {};
    this.stage = new Stage({
      onSeek: (time) => this.deck.seek(time),
      onPlay: () => this.deck.togglePlay(),
      onSpan: () => this.deck.loopAnew(),
    });
    this.deck = new Deck(this.stage, (sentence) => this.say("output", sentence));
    this.player = this.deck.player;
    this.runs = new Runs(this);
    this.sources = new Sources({
      onChoose: (label) => this.choose(label),
      onWait: (label) => {
        this.say("link", "");
        this.waitFor(label);
      },
      onSound: (label, sound) => (sound ? this.useSound(label, sound) : this.forget(label)),
      onProblem: (label, sentence) => this.refuse(label, sentence),
    });
    this.build(el);
    this.listen();
    this.changeStep();
    this.restoreLink();
    this.load(model.get("clip"));
  }

  /** The settings as they take effect, and what else the texts of the controls need. */
  get state() {
    const sr = this.sound?.sr ?? FILE_SR;
    const settings = Object.fromEntries(SETTINGS.map((name) => [name, this.model.get(name)]));
    return { ...effective(settings, sr), sr, step: this.model.get("step") };
  }

  set(values) {
    Object.entries(values).forEach(([name, value]) => this.model.set(name, value));
    this.model.save_changes();
  }

  /** What the reader sets: a link that was copied before leads elsewhere. */
  change(values) {
    this.say("link", "");
    this.set(values);
  }

  // -- building

  build(el) {
    this.groups = make("div", { class: "sd-groups" });
    this.root = make("div", { class: "sd-app" },
      this.sources.element, this.stage.element, this.deck.element, this.runs.numberList,
      this.buildNews(), this.groups, this.buildActions());
    if (this.model.get("caption"))
      this.root.append(make("p", { class: "sd-caption" }, this.model.get("caption")));
    listenToDrops(this.root, ([file]) => this.sources.open(file));
    this.root.view = this;
    el.append(this.root);
  }

  buildNews() {
    this.status = make("p", { role: "status", class: "sd-status" });
    return make("div", { class: "sd-told" }, this.status, this.runs.work);
  }

  buildActions() {
    this.downloadButton = button(["Download WAV"], () => this.download());
    return make("div", { class: "sd-actions" }, button(["Reset"], () => this.reset()),
      ...(this.id ? [button(["Copy link"], () => this.copyLink())] : []), this.downloadButton);
  }

  /** Show the controls of the step; on a narrow page, those of its first group. */
  changeStep() {
    const { groups, show } = FACES[this.model.get("step")];
    // Before it is on the page, the figure has no width.
    const narrow = (this.root.clientWidth || window.innerWidth) < 560;
    this.controls = {};
    const elements = Object.entries({ ...groups, Display: DISPLAY }).map(([heading, names], i) => {
      const controls = names.map((name) => (
        this.controls[name] = makeControl(name, CONTROLS[name],
          (value) => this.change({ [name]: value }))));
      const details = make("details", {}, make("summary", {}, heading),
        make("div", { class: "sd-grid" }, ...controls.map(({ element }) => element)));
      details.open = !narrow || i === 0;
      return details;
    });
    this.groups.replaceChildren(...elements);
    this.updateControls();
    this.stage.setShow(show);
  }

  updateControls() {
    this.stage.settings = this.state;
    Object.values(this.controls).forEach((control) => control.update(this.stage.settings));
  }

  // -- changes

  listen() {
    const { model } = this;
    this.listeners = {
      "msg:custom": (content, buffers) => this.receiveSound(content, buffers),
      "change:clip": () => this.load(model.get("clip")),
      "change:clips": () => this.listSounds(),
      "change:step": () => this.changeStep(),
      ...Object.fromEntries(SETTINGS.map((name) => [`change:${name}`, () => this.schedule(name)])),
    };
    Object.entries(this.listeners).forEach(([event, listener]) => model.on(event, listener));
    this.onHash = () => this.restoreLink();
    window.addEventListener("hashchange", this.onHash);
  }

  /** Settings that change together are drawn and run once. */
  schedule(name) {
    this.changes ??= { at: performance.now(), names: new Set() };
    if (!this.changes.names.size) queueMicrotask(() => this.applyChanges());
    this.changes.names.add(name);
  }

  applyChanges() {
    const { at, names } = this.changes;
    this.changes = null;
    this.updateControls();
    this.stage.paint();
    measure("repaint", at);
    if ([...names].some((name) => !DISPLAY.includes(name))) this.runs.run(at);
  }

  // -- sounds

  listSounds() {
    const labels = new Set([...this.model.get("clips"), ...this.sounds.keys()]);
    this.sources.list([...labels], this.stage.label || this.model.get("clip"));
  }

  choose(label) {
    this.change(this.model.get("clips").includes(label) ? { clip: label } : {});
    this.load(label);
  }

  /** Ask the model's host for a sound, unless it is here or asked for. */
  load(label) {
    this.sources.turn++;
    if (label === this.wanted) return;
    this.wanted = label;
    if (this.sounds.has(label)) return this.useSound(label, this.sounds.get(label));
    this.waitFor(label);
    this.model.send({ kind: "sound", clip: label });
  }

  /** A sound is on its way; what was wrong with another is over. */
  waitFor(label) {
    this.awaited.add(label);
    this.say("error", "");
    this.tellSound();
    this.markState();
  }

  /** Whether the reader has to wait: for a sound, or for a run. */
  markState() {
    this.root.dataset.state = this.awaited.size || this.runs.isRunning ? "busy" : "ready";
  }

  receiveSound({ kind, clip, sr, error }, buffers) {
    if (kind !== "sound") return;
    if (clip !== this.wanted) return this.forget(clip);
    if (error) return this.refuseSound(clip, error);
    const { buffer, byteOffset, byteLength } = buffers[0];
    const x = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    this.useSound(clip, { x, sr });
  }

  /** Stay with the sound that there is. */
  refuseSound(label, sentence) {
    this.wanted = this.stage.label;
    this.listSounds();
    this.refuse(label, sentence);
  }

  refuse(label, sentence) {
    this.forget(label);
    this.say("error", sentence);
  }

  /** Wait no longer for a sound. */
  forget(label) {
    this.awaited.delete(label);
    this.tellSound();
    this.markState();
  }

  tellSound() {
    const [next] = this.awaited;
    this.say("sound", next ? `Waiting for ${next}.` : this.sound ? this.describeSound() : "");
  }

  describeSound() {
    const { x, sr, note } = this.sound;
    const played = playedRate(sr) === sr ? "" : ` Played at ${round(playedRate(sr))} Hz.`;
    return note ?? `${this.stage.label}: ${round(x.length / sr, 1)} s, at ${sr} Hz.${played}`;
  }

  useSound(label, sound) {
    const { stage } = this;
    this.deck.pause();
    this.awaited.delete(label);
    this.runs.job = null;
    this.wanted = label;
    this.sound = { ...sound, peak: peak(sound.x) };
    this.sounds.set(label, sound);
    Object.assign(stage, { label, sounds: { original: this.sound }, pictures: {}, playhead: 0 });
    stage.span = clampSpan(0, Infinity, stage.duration);
    this.tellSound();
    this.say("run", "");
    this.listSounds();
    this.runs.dropResult();
    this.player.setTrack("original", bufferOf(this.sound), 1);
    this.runs.engine.setInput({ x: sound.x, sr: sound.sr });
    this.updateControls();
    this.stage.paint();
    this.runs.run(performance.now());
  }

  // -- what comes of a run

  /** Hand the result to the kernel. */
  share(x_hat) {
    this.set({ x_hat: new DataView(x_hat.slice().buffer), sr: this.sound.sr });
  }

  enableResult(on) {
    this.deck.sideSwitch.inputs.result.disabled = !on;
    this.downloadButton.disabled = !on;
    if (!on) this.deck.chooseSide("original");
  }

  /** Replace the sentence about a topic; those about the others stay. */
  say(topic, sentence) {
    this.notes[topic] = sentence;
    const text = Object.values(this.notes).filter(Boolean).join(" ");
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("sd-error", Boolean(this.notes.error || this.notes.output));
  }

  // -- actions

  reset() {
    const { clip, ...preset } = this.model.get("_preset");
    this.change(preset);
    if (this.id && readFragment(location.hash)?.id === this.id)
      history.replaceState(null, "", location.pathname + location.search);
    this.stage.setShow(FACES[this.model.get("step")].show);
    this.stage.setSpan(0, Infinity);
  }

  async copyLink() {
    const { model } = this, preset = model.get("_preset");
    const values = Object.fromEntries(Object.keys(preset).map((name) => [name, model.get(name)]));
    history.replaceState(null, "", writeFragment(this.id, values, preset));
    const copying = navigator.clipboard?.writeText(location.href);
    const copied = await copying?.then(() => true, () => false);
    this.say("link", copied ? "The link is copied." : "The link is in the address bar.");
  }

  /** Take the settings of the address, if it names this figure; what it leaves out is preset. */
  restoreLink() {
    const link = readFragment(location.hash);
    if (!this.id || link?.id !== this.id) return;
    const values = { ...this.model.get("_preset") }, refused = [];
    for (const [name, text] of link.values) {
      const isClip = name === "clip" && this.model.get("clips").includes(text);
      const value = isClip ? text : parseSetting(name, text);
      if (value === undefined) refused.push(`${name} = ${text}`);
      else values[name] = value;
    }
    this.set(values);
    this.say("link", refused.length ? `Left out of the link: ${refused.join(", ")}.` : "");
  }

  download() {
    const name = this.stage.label.replace(/\.\w+$/, "");
    save(wavFile(this.runs.result), `${name}-${this.model.get("step")}.wav`);
  }

  close() {
    Object.entries(this.listeners).forEach(([event, listener]) => this.model.off(event, listener));
    window.removeEventListener("hashchange", this.onHash);
    this.stage.resizer.disconnect();
    clearTimeout(this.runs.rest);
    this.sources.recording?.stop();
    this.player.close();
    this.runs.engine.close();
    this.root.remove();
  }
}
