/** The page where an array becomes sound: what joins its parts. */

import { setAddress, systemOfAddress } from "./address.js";
import { Choices } from "./choices.js";
import { Deck } from "./deck.js";
import { GivenBack } from "./given.js";
import { Intake } from "./intake.js";
import { Sheet } from "./sheet.js";
import { describeArray, describeSound, doubts, verdict } from "./words.js";
import { reachOf } from "../../js/dsp/bounds.js";
import { loadSound } from "../../js/parts/clips.js";
import { button, make } from "../../js/parts/dom.js";
import { Engine } from "../../js/parts/engine.js";
import { listenToDrops, save } from "../../js/parts/files.js";
import { peak, resample, wavFile } from "../../js/parts/sounds.js";

/**
 * A sound of the array in a format.
 * @typedef {Sound & {name: string, i: number, n_iter: number, isCut: boolean, isLevelLost: boolean,
 *   convergence_db: number, n_padding: number, n_strays: number,
 *   places?: import("./sheet.js").Places, rms?: number, gain?: number, level?: number}} Heard
 */

/** The clip that examples are made of. */
const CLIP = "speech";

export class View {
  /**
   * @param {HTMLElement} el
   * @param {string} worker the text of the worker
   * @param {Record<string, string>} sounds addresses of the bundled clips
   */
  constructor(el, worker, sounds) {
    this.urls = sounds;
    /** @type {Map<string, any>} */
    this.facts = new Map();
    /** @type {Map<string, import("./given.js").Given>} */
    this.given = new Map();
    /** @type {Map<string, import("./sheet.js").Places>} */
    this.places = new Map();
    /** @type {(import("../../js/dsp/formats.js").Table & {isCut?: boolean})|null} */
    this.table = null;
    this.label = this.example = "";
    /** @type {number|null} the item of a batch */
    this.item = null;
    this.chosen = "";
    /** @type {string|undefined} the format that a link or the reader asks for */
    this.wanted = undefined;
    this.isLinked = false;
    /** Whether the reader has stopped what would have been heard first. */
    this.isCancelled = false;
    /** @type {(() => void)|null} what follows when the worker is done */
    this.next = null;
    this.engine = new Engine(worker, (message) => this[`on_${message.kind}`]?.(message));
    const onProblem = (error) => this.refuse(error);
    this.intake = new Intake({
      onTable: (table, array, item) => this.take(table, array, { item }),
      onExample: (name) => this.makeExample(name), onProblem,
    });
    this.choices = new Choices((name) => this.choose(name));
    this.given_back = new GivenBack({ onGiven: (given) => this.give(given), onProblem });
    this.sheet = new Sheet((time) => this.deck.seek(time));
    this.deck = new Deck({ onTime: (time) => this.sheet.setPlayhead(time), onProblem });
    this.listening = this.deck.listening;
    this.build(el);
    window.addEventListener("hashchange", () => this.followFragment());
    this.ask({ task: "facts" }, {});
  }

  // -- building

  build(el) {
    this.status = make("p", { role: "status", class: "sd-status" });
    this.alert = make("div", { role: "alert", class: "sd-alert" });
    this.root = make("div", { class: "sd-app sd-hear" }, this.intake.element, this.buildDrop(),
      this.buildNews(), this.alert, this.choices.element, this.given_back.element,
      this.buildSound());
    listenToDrops(this.root, (files) => this.intake.open(files), document.documentElement);
    this.root.view = this;
    this.root.dataset.state = "busy";
    el.append(this.root);
  }

  buildDrop() {
    this.drop = make("p", { class: "sd-drop" }, "Drop a file here: ", make("b", {}, ".npy"), ", ",
      make("b", {}, ".npz"), " or ", make("b", {}, ".safetensors"));
    return this.drop;
  }

  buildNews() {
    this.progress = make("progress", { "aria-label": "Progress", max: 1 });
    this.progressText = make("span");
    this.work = make("div", { class: "sd-work" }, this.progress, this.progressText,
      button(["Cancel"], () => this.cancel()));
    this.work.hidden = true;
    return make("div", { class: "sd-told" }, this.status, this.work);
  }

  buildSound() {
    this.told = make("p", { class: "sd-status" });
    this.losses = make("ul", { class: "sd-losses" });
    this.downloadButton = button(["Download WAV"], () => this.download());
    this.sound = make("div", { class: "sd-heard" }, this.sheet.element,
      this.deck.element, this.told, this.losses,
      make("div", { class: "sd-actions" }, this.downloadButton));
    this.sound.hidden = true;
    return this.sound;
  }

  // -- what is told

  say(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
  }

  /**
   * Say what is wrong, with the line of Python that helps.
   * @param {{message: string, code?: string}|null} fault
   */
  warn(fault) {
    const code = fault?.code ? [" ", make("code", {}, fault.code)] : [];
    this.alert.replaceChildren(fault?.message ?? "", ...code);
  }

  refuse(error) {
    this.rest();
    this.warn(error);
  }

  rest() {
    this.work.hidden = true;
    this.root.dataset.state = "ready";
  }

  // -- runs of the worker

  /** @param {{task: string, [name: string]: unknown}} settings @param {object} [input] */
  ask(settings, input) {
    this.next = null;
    if (input) this.engine.setInput(input);
    this.root.dataset.state = "busy";
    this.started = performance.now();
    this.engine.run(settings);
  }

  on_facts({ facts }) {
    facts.forEach((fact) => this.facts.set(fact.name, fact));
    this.followFragment();
  }

  on_done() {
    const next = this.next;
    this.next = null;
    if (next) next();
    else this.rest();
  }

  on_cancelled() {
    this.rest();
  }

  on_error({ message }) {
    this.refuse({ message });
  }

  showProgress(part, text) {
    if (this.work.hidden && performance.now() - this.started < 150) return;
    this.work.hidden = false;
    this.progress.value = part;
    this.progressText.textContent = text;
  }

  cancel() {
    this.next = null;
    this.engine.cancel();
    // What has no sound yet can be pressed again.
    if (!this.listening.sounds.has(this.chosen)) {
      this.choices.leave(this.chosen);
      this.chosen = "";
      this.isCancelled = true;
    }
    // Without a choice of formats there would be nothing to go on with.
    if (this.choices.element.hidden && this.table)
      return this.ask({ task: "judge", isQuick: true });
    this.rest();
    this.tellSound();
  }

  // -- an array

  async makeExample(name) {
    this.intake.clear();
    await this.intake.attempt(async (isNewest) => {
      const sound = await this.clip();
      if (!isNewest()) return;
      const x = resample(sound.x, sound.sr, this.facts.get(name).sr);
      this.ask({ task: "example", name, x }, {});
    });
  }

  /** The sound of the example. @returns {Promise<Sound>} */
  clip() {
    this.loading ??= loadSound(this.urls[CLIP]).catch((error) => {
      // Whoever asks again gets another chance.
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  on_example({ name, table }) {
    this.next = () => {
      const array = { name: `Example of ${name}`, dtype: "float32", shape: table.shape };
      this.take(table, array, { example: name });
    };
  }

  /** A table has come: of an item of a batch, or as the example of a format. */
  take(table, array, { item = null, example = "" }) {
    const label = array.name.replace(/\.\w+$/, "");
    // What was pressed to hear another array counts no more; what a link asks for does.
    if (label !== this.label && !this.isLinked && this.wanted) {
      this.wanted = undefined;
      setAddress();
    }
    Object.assign(this, { table, label, item, example, chosen: "", isCancelled: false });
    this.given.clear();
    this.given_back.leave();
    this.places.clear();
    this.listening.clear();
    this.listening.player.choose("");
    this.warn(null);
    this.say(describeArray(array, table.values));
    this.drop.hidden = true;
    this.sound.hidden = false;
    this.choices.element.hidden = this.given_back.element.hidden = true;
    // Strays would take the colours of all others.
    this.range = reachOf(table.values);
    this.showTable(false);
    this.tellSound();
    this.ask({ task: "judge" }, { table });
  }

  /** Show the table as its frames: the columns, unless a format has them first. */
  showTable(isFramesFirst) {
    const { shape: [rows, columns], values } = this.table;
    const frames = isFramesFirst ? values
      : values.map((_, i) => values[i % rows * columns + Math.floor(i / rows)]);
    this.isFramesFirst = isFramesFirst;
    this.sheet.setTable({ frames, n_mels: isFramesFirst ? columns : rows, ...this.range });
  }

  on_trying({ name }) {
    this.showProgress(0, `trying ${name}`);
  }

  on_judged({ judged, names, isTurned, akin }) {
    const fitting = judged.filter((one) => !one.reason).map((one) => one.name);
    const words = verdict(names, fitting.length, this.facts.size, this.table, isTurned);
    this.isTurned = isTurned;
    this.choices.show(words, names, judged, this.facts, akin);
    const asked = [this.wanted, this.example].find((name) => name && this.choices.has(name));
    const wanted = asked ?? names[0];
    if (this.isLinked && wanted !== this.wanted) {
      this.warn({ message: this.whyNot(judged) });
      setAddress();
    }
    if (wanted && !this.isCancelled) this.next = () => this.choose(wanted, false);
    else this.tellSound();
  }

  whyNot(judged) {
    const { reason } = judged.find(({ name }) => name === this.wanted);
    return `The array cannot be in the format ${this.wanted}: that ${reason}.`;
  }

  // -- a format

  /**
   * Hear the array in a format.
   * @param {string} name @param {boolean} [isReaders] whether it is the reader's choice
   */
  choose(name, isReaders = true) {
    const fact = this.facts.get(name);
    this.chosen = name;
    this.choices.choose(name);
    if (isReaders) {
      this.wanted = name;
      this.isLinked = false;
      setAddress(name);
      this.warn(null);
    }
    const isFramesFirst = fact.frames_first !== this.isTurned;
    if (isFramesFirst !== this.isFramesFirst) this.showTable(isFramesFirst);
    this.sheet.setPlaces(this.places.get(name) ?? null);
    this.given_back.show(fact, this.given.get(name));
    this.losses.replaceChildren(...fact.losses.map((sentence) => make("li", {}, sentence)));
    if (this.listening.sounds.has(name)) this.listening.choose(name);
    this.tellSound();
    if (isFinished(this.listening.sounds.get(name))) return this.rest();
    this.invert();
  }

  async invert() {
    const { chosen: name, isTurned } = this, fact = this.facts.get(name);
    const given = this.given.get(name), isComplete = fact.needs !== "statistics" || given;
    if (isComplete) return this.ask({ task: "invert", name, isTurned, given });
    this.root.dataset.state = "busy";
    await this.intake.attempt(async () => {
      const { x, sr } = await this.clip();
      if (name === this.chosen) this.ask({ task: "measure", name, x: resample(x, sr, fact.sr) });
    });
  }

  on_measured({ name, mean, std }) {
    this.given.set(name, { mean, std, isStandIn: true });
    this.given_back.show(this.facts.get(name), this.given.get(name));
    this.next = () => this.invert();
  }

  /** The reader gives back what was lost. @param {import("./given.js").Given} given */
  give(given) {
    this.warn(null);
    this.given.set(this.chosen, given);
    this.given_back.show(this.facts.get(this.chosen), given);
    this.listening.remove(this.chosen);
    this.invert();
  }

  on_places({ name, step, start, frequencies }) {
    this.places.set(name, { step, start, frequencies });
    if (name === this.chosen) this.sheet.setPlaces(this.places.get(name));
  }

  on_progress({ i, n_iter }) {
    this.showProgress(i / n_iter, `iteration ${i} of ${n_iter}`);
  }

  /** @param {Heard} message */
  on_sound(message) {
    const { name, x } = message, fact = this.facts.get(name);
    const isNew = !this.listening.sounds.has(name);
    const isLevelLost = fact.needs === "peak" && !this.given.has(name);
    /** @type {Heard} */
    const heard = { ...message, peak: peak(x), places: this.places.get(name), isLevelLost };
    if (this.table.isCut) heard.isCut = true;
    this.listening.add(heard);
    if (isNew) this.listening.choose(name);
    if (isNew) measureTime(this.listening.sounds.size > 1 ? this.started : this.intake.since);
    this.tellSound();
  }

  /** Say how the sound of the chosen format is. */
  tellSound() {
    const heard = this.chosen ? this.listening.sounds.get(this.chosen) : null;
    this.sheet.setSound(heard ?? null);
    this.downloadButton.disabled = !heard;
    this.deck.enable(Boolean(heard));
    if (!heard) {
      this.told.textContent = this.chosen ? "The sound is being made."
        : this.isCancelled ? "Cancelled: press a format to hear the array in it." : "";
      return;
    }
    const isStandIn = Boolean(this.given.get(this.chosen)?.isStandIn);
    this.told.textContent = describeSound(heard, isStandIn);
    const message = doubts(heard, isStandIn);
    if (message) this.warn({ message });
  }

  download() {
    const { x, sr, level } = this.listening.sounds.get(this.chosen);
    const item = this.item === null ? "" : `-${this.item}`;
    save(wavFile({ x: x.map((v) => v * level), sr }), `${this.label}${item}-${this.chosen}.wav`);
  }

  // -- the address

  /** Take the format of the address, which may have it of another system. */
  followFragment() {
    const system = systemOfAddress();
    if (!system) return;
    const isMeant = ({ name, aliases }) => [name, ...aliases].some((one) => one.toLowerCase() === system);
    const fact = [...this.facts.values()].find(isMeant);
    if (!fact) return this.warn({ message: `No format that is known here is called ${system}.` });
    this.wanted = fact.name;
    this.isLinked = true;
    this.intake.offer(fact.name);
    if (!this.table) {
      this.say(`Waiting for an array in the format ${fact.name}.`);
    } else if (this.choices.has(fact.name)) this.choose(fact.name, false);
    else this.warn({ message: `The array cannot be in the format ${fact.name}: see why below.` });
  }
}

const isFinished = (heard) => heard && heard.i === heard.n_iter;

/** From the wish to the first sound. */
function measureTime(start) {
  performance.measure("specdemo:hear", { start, end: performance.now() });
}
