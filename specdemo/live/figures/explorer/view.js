/** One Explorer on a page: what joins its parts. */

import {
  CONTROLS, DISPLAY, FACES, SETTINGS, effective, parseSetting, readFragment, writeFragment,
} from "./settings.js";
import { Stage } from "./stage.js";
import { clampSpan } from "../../js/parts/axes.js";
import { makeControl, makeNumber, makeSwitch } from "../../js/parts/controls.js";
import { button, icon, iconButton, listenToDrops, make, save } from "../../js/parts/dom.js";
import { Engine } from "../../js/parts/engine.js";
import { follow } from "../../js/parts/follow.js";
import { makePicture } from "../../js/parts/picture.js";
import { bufferOf, playedRate } from "../../js/parts/played.js";
import { Output } from "../../js/parts/output.js";
import { Player } from "../../js/parts/player.js";
import { FILE_SR, peak, wavFile } from "../../js/parts/sounds.js";
import { Sources } from "../../js/parts/sources.js";
import { decibels, round, thousands } from "../../js/parts/text.js";

// Changes that follow each other within this time are one movement.
const HURRY_MS = 150;

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
    this.engine = new Engine(model.get("_dsp"), (message) => this[`on_${message.kind}`]?.(message));
    this.player = new Player(
      "original", () => this.endPlaying(), new Output(() => this.pause()));
    this.stage = new Stage({
      onSeek: (time) => this.seek(time),
      onPlay: () => this.togglePlay(),
      onSpan: () => this.loopAnew(),
    });
    this.sources = new Sources({
      onChoose: (label) => this.choose(label),
      onWait: (label) => {
        this.say("link", "");
        this.waitFor(label);
      },
      onSound: (label, sound) => this.useSound(label, sound),
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
      this.sources.element, this.stage.element, this.buildTransport(), this.buildNumbers(),
      this.buildNews(), this.groups, this.buildActions());
    if (this.model.get("caption"))
      this.root.append(make("p", { class: "sd-caption" }, this.model.get("caption")));
    listenToDrops(this.root, (file) => this.sources.open(file));
    this.root.view = this;
    el.append(this.root);
  }

  buildTransport() {
    const { stage } = this;
    this.playButton = button([], () => this.togglePlay(), { class: "sd-play" });
    this.sideSwitch = makeSwitch("Listen to", { original: "original", result: "result" },
      (side) => this.chooseSide(side));
    this.loop = make("input", { type: "checkbox", onchange: () => this.restart() });
    this.showPlaying();
    return make("div", { class: "sd-transport" }, this.playButton, this.sideSwitch.element,
      make("label", { class: "sd-check" }, this.loop, "loop"),
      make("span", { class: "sd-zoom" },
        iconButton("left", "Earlier", () => stage.pan(-0.5)),
        iconButton("minus", "Zoom out", () => stage.zoom(2)),
        iconButton("plus", "Zoom in", () => stage.zoom(0.5)),
        iconButton("right", "Later", () => stage.pan(0.5)),
        iconButton("all", "Show all", () => stage.setSpan(0, Infinity))));
  }

  buildNumbers() {
    this.numbers = {
      kept: makeNumber("numbers kept", "Real numbers that are kept of a second of sound"),
      convergence: makeNumber("spectral convergence",
        "Error of what came back, relative to the size of what was kept; lower is better"),
      distance: makeNumber("log-mel distance",
        "Root mean square difference of 80 log-mel bands of original and result; 0 is best"),
      level: makeNumber("level", "Change of the result, so that both sound equally loud"),
    };
    const elements = Object.values(this.numbers).map(({ element }) => element);
    return (this.numberList = make("dl", { class: "sd-numbers" }, ...elements));
  }

  buildNews() {
    this.status = make("p", { role: "status", class: "sd-status" });
    this.progress = make("progress", { "aria-label": "Iterations", max: 1 });
    this.progressText = make("span");
    this.work = make("div", { class: "sd-work" }, this.progress, this.progressText,
      button(["Cancel"], () => this.cancel()));
    this.work.hidden = true;
    return make("div", { class: "sd-told" }, this.status, this.work);
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
    if ([...names].some((name) => !DISPLAY.includes(name))) this.run(at);
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
    this.root.dataset.state = this.awaited.size || this.isRunning ? "busy" : "ready";
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
    this.pause();
    this.awaited.delete(label);
    this.job = null;
    this.wanted = label;
    this.sound = { ...sound, peak: peak(sound.x) };
    this.sounds.set(label, sound);
    Object.assign(stage, { label, sounds: { original: this.sound }, pictures: {}, playhead: 0 });
    stage.span = clampSpan(0, Infinity, stage.duration);
    this.tellSound();
    this.say("run", "");
    this.listSounds();
    this.dropResult();
    this.player.setTrack("original", bufferOf(this.sound), 1);
    this.engine.setInput({ x: sound.x, sr: sound.sr });
    this.updateControls();
    this.stage.paint();
    this.run(performance.now());
  }

  // -- runs, and the messages of the worker

  /**
   * Run the settings. While a slider is being moved, runs end with the pictures: the way back is
   * looked for when it rests.
   * @param {number} at when the run was asked for
   */
  run(at) {
    if (!this.sound) return;
    const hurried = at - (this.job?.at ?? -Infinity) < HURRY_MS;
    clearTimeout(this.rest);
    if (hurried) this.rest = setTimeout(() => this.start(at, true), HURRY_MS);
    this.start(at, !hurried);
  }

  start(at, whole) {
    const { state } = this;
    this.job = { at, state, whole };
    this.isRunning = true;
    this.markState();
    this.numberList.classList.add("sd-stale");
    this.say("error", "");
    this.engine.run(state);
  }

  on_original({ levels, n_frames, n_bins }) {
    // Arrives while the worker makes what is kept, and takes effect after that.
    if (!this.job.whole) this.engine.cancel();
    const { n_fft, hop_length, sr } = this.job.state;
    const frequencies = Float64Array.from({ length: n_bins }, (_, k) => k * sr / n_fft);
    const frame_step = hop_length / sr;
    this.grid = { n_frames, n_rows: n_bins, frequencies, frame_step, start_time: 0 };
    this.stage.pictures.original = makePicture({ levels, ...this.grid });
    this.stage.paintUpper();
    if (!this.job.state.n_mels) this.stage.paintLower();
    measure("analysis", this.job.at);
  }

  on_kept(message) {
    const { rows, numbers_per_second, numbers_per_second_wave, empty_bands } = message;
    this.stage.pictures.kept = makePicture(message);
    this.stage.paintLower();
    if (rows !== "bins") measure("mel", this.job.at);
    this.numbers.kept.set(`${thousands(numbers_per_second)} per s`,
      comparison(numbers_per_second, numbers_per_second_wave));
    this.say("run", empty_bands
      ? `${empty_bands} of ${this.job.state.n_mels} mel bands hold no bin and stay empty.` : "");
  }

  on_progress({ i, n_iter, convergence_db }) {
    if (this.work.hidden && performance.now() - this.job.at < 150) return;
    this.work.hidden = false;
    this.progress.value = i / n_iter;
    this.progressText.textContent = `iteration ${i} of ${n_iter}`;
    this.numbers.convergence.set(decibels(convergence_db));
  }

  on_result({ x_hat, levels, convergence_db, log_mel_distance_db, gain }) {
    this.result = { x: x_hat, sr: this.sound.sr, peak: peak(x_hat) };
    this.stage.sounds.result = this.result;
    this.stage.pictures.result = makePicture({ levels, ...this.grid });
    this.stage.paintLower();
    this.stage.paintWave();
    measure("invert", this.job.at);
    this.numbers.convergence.set(decibels(convergence_db));
    this.numbers.distance.set(decibels(log_mel_distance_db, 2));
    this.numberList.classList.remove("sd-stale");
    this.matchLevels(gain);
    this.enableResult(true);
    this.share(x_hat);
  }

  on_done() {
    this.work.hidden = true;
    this.isRunning = false;
    this.markState();
  }

  on_cancelled() {
    if (!this.job.whole) return;
    this.on_done();
    this.say("run", "Cancelled: what comes back is that of the settings before.");
  }

  on_error({ message }) {
    this.on_done();
    this.dropResult();
    this.stage.paint();
    this.say("error", message);
  }

  /** The reader has seen enough: nothing is left to do, whatever the worker is at. */
  cancel() {
    clearTimeout(this.rest);
    this.job.whole = true;
    this.engine.cancel();
    this.on_cancelled();
  }

  /** Hand the result to the kernel. */
  share(x_hat) {
    this.set({ x_hat: new DataView(x_hat.slice().buffer), sr: this.sound.sr });
  }

  /** Play the result as loud as the original, and both softer where one of them would clip. */
  matchLevels(gain) {
    const top = Math.max(1, this.sound.peak, gain * this.result.peak);
    this.player.setTrack("original", bufferOf(this.sound), 1 / top);
    this.player.setTrack("result", bufferOf(this.result), gain / top);
    const gain_db = decibels(20 * Math.log10(gain)), lower_db = decibels(-20 * Math.log10(top));
    this.numbers.level.set(gain > 1 ? `+${gain_db}` : gain_db,
      top > 1.005 ? `to match; both ${lower_db} to avoid clipping` : "to match the original");
  }

  dropResult() {
    this.result = null;
    delete this.stage.sounds.result;
    delete this.stage.pictures.result;
    this.player.removeTrack("result");
    this.enableResult(false);
    ["convergence", "distance", "level"].forEach((name) => this.numbers[name].set("\u2013"));
  }

  enableResult(on) {
    this.sideSwitch.inputs.result.disabled = !on;
    this.downloadButton.disabled = !on;
    if (!on) this.chooseSide("original");
  }

  /** Replace the sentence about a topic; those about the others stay. */
  say(topic, sentence) {
    this.notes[topic] = sentence;
    const text = Object.values(this.notes).filter(Boolean).join(" ");
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("sd-error", Boolean(this.notes.error || this.notes.output));
  }

  // -- playing

  async play() {
    const turn = this.turn = {};
    this.showPlaying();
    try {
      await this.player.ready();
      // Not when it was paused meanwhile.
      if (turn === this.turn) this.startPlaying();
    } catch (error) {
      if (turn === this.turn) this.say("output", error.message);
    }
    if (turn === this.turn) this.turn = null;
    this.showPlaying();
  }

  startPlaying() {
    const { span, playhead, duration } = this.stage, loop = this.loop.checked ? span : null;
    const { start, end } = loop ?? { start: 0, end: duration };
    const outside = playhead < start || playhead > end - 0.01;
    this.player.start(outside ? start : playhead, loop);
    this.say("output", "");
    this.follow();
  }

  /** Whether the sound is heard, or will be as soon as the output is ready. */
  get active() {
    return this.player.playing || Boolean(this.turn);
  }

  pause() {
    this.turn = null;
    if (this.player.playing) this.stage.setPlayhead(this.player.heard());
    this.player.stop();
    this.showPlaying();
  }

  endPlaying() {
    this.stage.setPlayhead(this.stage.duration);
    this.showPlaying();
  }

  async togglePlay() {
    if (this.active) this.pause();
    else if (this.sound) await this.play();
  }

  /** Go on from where the sound is, as the loop and the window are now. */
  async restart() {
    if (!this.player.playing) return;
    this.stage.setPlayhead(this.player.heard());
    await this.play();
  }

  async loopAnew() {
    if (this.loop.checked) await this.restart();
  }

  async seek(time) {
    this.stage.setPlayhead(time);
    if (this.player.playing) await this.play();
  }

  chooseSide(side) {
    this.sideSwitch.choose(side);
    this.player.choose(side);
    this.stage.setSide(side);
  }

  showPlaying() {
    const on = this.active;
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play");
  }

  /** Let the playing position follow the sound. */
  follow() {
    this.stopFollowing?.();
    this.stopFollowing = follow(() => this.player.playing,
      () => this.stage.setPlayhead(this.player.heard(), true));
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
    save(wavFile(this.result), `${name}-${this.model.get("step")}.wav`);
  }

  close() {
    Object.entries(this.listeners).forEach(([event, listener]) => this.model.off(event, listener));
    window.removeEventListener("hashchange", this.onHash);
    this.stage.resizer.disconnect();
    clearTimeout(this.rest);
    this.sources.recording?.stop();
    this.player.close();
    this.engine.close();
    this.root.remove();
  }
}

/** How much of the numbers of the wave is kept, in words for both much less and much more. */
function comparison(count, wave) {
  const ratio = count / wave;
  const percent = round(100 * ratio, ratio < 0.1 ? 1 : 0);
  return `${ratio < 1 ? `${percent} % of` : `${round(ratio, 1)} \u00d7`} the wave\u2019s`;
}

function measure(name, start) {
  performance.measure(`specdemo:${name}`, { start, end: performance.now() });
}
