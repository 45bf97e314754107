/**
 * Players of the pages: every figure with sounds gets one transport beneath its pictures.
 *
 * The sounds of a figure run in step, one of them audible, so that changing over has no gap and
 * keeps the position. A cursor on each picture follows. The browser's own players are built where
 * no script runs, and where no sound can be had or played: thirty hidden ones take long to build.
 *
 * The sounds come in scripts that hand an encoded sound to `sdEncoded`: a page that was opened from
 * a disk may not fetch a file, but it may load a script. `data-gain` brings one to its level.
 */

import { icon, make } from "../../js/parts/dom.js";
import { Output } from "../../js/parts/output.js";
import { Player } from "../../js/parts/player.js";
import { bytesOf, loadScript } from "../../js/parts/scripts.js";

/** Seconds that an arrow key moves. */
const KEY_STEP = 0.25;
const MOVES = { ArrowLeft: -KEY_STEP, ArrowDown: -KEY_STEP, ArrowRight: KEY_STEP, ArrowUp: KEY_STEP };
/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * How far along a picture a time lies, 0 (left) to 1 (right).
 * @type {(time: number, span: Span) => number}
 */
const placeOf = (time, { start, end }) => clamp((time - start) / (end - start), 0, 1);

/**
 * The time under a place of a picture, 0 (left) to 1 (right).
 * @type {(place: number, span: Span) => number}
 */
const timeAt = (place, { start, end }) => Math.max(0, start + place * (end - start));

const clock = (time, duration) => `${time.toFixed(1)} / ${duration.toFixed(1)} s`;
const spoken = (time, duration) => `${time.toFixed(1)} of ${duration.toFixed(1)} seconds`;

/** Encoded sounds that have arrived, and those that are on their way, by address. */
/** @type {Object<string, string>} */
const arrived = {};
/** @type {Object<string, Promise<AudioBuffer>>} */
const loading = {};

// A telephone call takes the output away, and a sound that goes on unheard is none.
const output = new Output(() => document.dispatchEvent(new CustomEvent("sd-play")));

window.sdEncoded = (base64) => {
  arrived[/** @type {HTMLScriptElement} */ (document.currentScript).src] = base64;
};

/** What a promise gives, or an error with a sentence for the reader when it is broken. */
const orTell = (promise, sentence) => promise.catch(() => {
  throw new Error(sentence);
});

/** @param {string} url of a script @returns {Promise<AudioBuffer>} */
function load(url) {
  loading[url] ??= decoded(url).catch((error) => {
    // The next press on Play tries again.
    delete loading[url];
    throw error;
  });
  return loading[url];
}

async function decoded(url) {
  await orTell(loadScript(url), "The sound could not be loaded.");
  const decoding = async () => output.context.decodeAudioData(bytesOf(arrived[url]).buffer);
  return orTell(decoding(), "The sound could not be decoded.");
}

/** One sound of a figure: its picture, and the button that bears its name. */
class Sound {
  /** @param {HTMLElement} element @param {boolean} alone whether it is the figure's only one */
  constructor(element, alone, onChoose) {
    const { start, end, seconds } = element.dataset;
    this.element = element;
    this.span = { start: Number(start), end: Number(end) };
    this.seconds = Number(seconds);
    this.frame = /** @type {HTMLElement} */ (element.querySelector(".sd-frame"));
    this.audio = element.querySelector("audio");
    this.name = this.audio.getAttribute("aria-label");
    this.url = new URL(this.audio.dataset.script, document.baseURI).href;
    this.gain = Number(this.audio.dataset.gain);
    this.offerDownload(element.querySelector(".sd-note"));
    if (!alone) this.becomeButton(element.querySelector(".sd-name"), onChoose);
  }

  becomeButton(label, onclick) {
    this.label = label;
    this.button = make("button", { type: "button", class: "sd-name", onclick }, this.name);
    label.replaceWith(this.button);
  }

  offerDownload(note) {
    const href = this.audio.dataset.src.replace(/\.mp3$/, ".flac");
    const what = make("span", { class: "sd-unseen" }, ` of “${this.name}”: download without loss`);
    note.append(make("a", { href, download: "", title: "Download without loss" }, "FLAC", what));
  }

  /** Let the browser's own player play it. */
  becomeNative() {
    this.button?.replaceWith(this.label);
    this.audio.src = this.audio.dataset.src;
    this.audio.controls = true;
  }

  /** @param {boolean} chosen */
  mark(chosen) {
    this.element.classList.toggle("sd-chosen", chosen);
    this.button?.setAttribute("aria-pressed", chosen);
  }

  /** @param {number} time s */
  show(time) {
    this.frame.style.setProperty("--sd-at", `${placeOf(time, this.span)}`);
  }

  /** The time under a pointer. @param {PointerEvent} event */
  timeUnder({ clientX }) {
    const { left, width } = this.frame.getBoundingClientRect();
    return timeAt(clamp((clientX - left) / width, 0, 1), this.span);
  }
}

/** A figure and its transport. */
class Deck {
  /** @param {HTMLElement} figure */
  constructor(figure) {
    /** @type {NodeListOf<HTMLElement>} */
    const found = figure.querySelectorAll(".sd-sound"), elements = [...found];
    this.figure = figure;
    this.turn = null;
    this.sounds = elements.map((element, i) =>
      new Sound(element, elements.length === 1, () => this.hear(i)));
    this.duration = Math.max(...this.sounds.map(({ seconds }) => seconds));
    this.player = new Player("0", () => this.rest(0), output);
    this.sounds.forEach(({ frame }, i) => this.followPointer(frame, i));
    figure.querySelector(".sd-sounds").after(this.transport());
    figure.classList.add("sd-live");
    document.addEventListener("sd-play", (/** @type {CustomEvent} */ { detail }) =>
        detail !== figure && this.pause());
    this.choose(0);
    this.rest(0);
  }

  transport() {
    const max = this.duration;
    this.button = make("button", { type: "button", class: "sd-go", onclick: () => this.toggle() });
    this.slider = make("input", {
      type: "range", class: "sd-seek", min: 0, max, step: "any", "aria-label": "Position",
      oninput: () => this.seek(Number(this.slider.value)),
      onkeydown: (event) => this.onKey(event),
    });
    this.clock = make("span", { class: "sd-clock", "aria-hidden": "true" });
    this.news = make("span", { class: "sd-news", role: "alert" });
    const names = this.sounds.map(({ name }) => name).join(", ");
    return make("div", { class: "sd-deck", role: "group", "aria-label": `Player: ${names}` },
      this.button, this.slider, this.clock, this.news);
  }

  get active() {
    return this.player.playing || this.turn !== null;
  }

  toggle() {
    if (this.active) this.pause();
    else this.play();
  }

  async play() {
    const turn = this.turn = {};
    document.dispatchEvent(new CustomEvent("sd-play", { detail: this.figure }));
    this.label();
    try {
      await this.ready();
      // Not when it was paused, or sought, before the sounds were there.
      if (turn === this.turn) this.player.start(this.time);
    } catch (error) {
      // Whoever has paused meanwhile may try again.
      if (turn === this.turn) this.fail(error);
    }
    if (turn === this.turn) this.turn = null;
    this.label();
    this.follow();
  }

  /** Load what is missing, and start the output. */
  async ready() {
    const isRunning = this.player.ready();
    // Without a context there is nothing to decode with.
    const loads = output.context ? this.sounds.map(({ url }) => load(url)) : [];
    const [buffers] = await Promise.all([Promise.all(loads), isRunning]);
    buffers.forEach((buffer, i) => this.player.setTrack(`${i}`, buffer, this.sounds[i].gain));
  }

  pause() {
    if (this.player.playing) this.rest(this.player.heard());
    this.turn = null;
    this.player.stop();
    this.label();
  }

  /** Stand still at a time. @param {number} time s */
  rest(time) {
    this.show(time < this.duration ? time : 0);
    this.label();
  }

  /** @param {number} time s */
  seek(time) {
    this.show(clamp(time, 0, this.duration));
    if (this.player.playing) this.play();
  }

  /** Make a sound the audible one. @param {number} index */
  choose(index) {
    this.player.choose(`${index}`);
    this.sounds.forEach((sound, i) => sound.mark(i === index));
  }

  /** Choose a sound and make sure that it is heard. @param {number} index */
  hear(index) {
    this.choose(index);
    if (!this.active) this.play();
  }

  follow() {
    if (!this.player.playing) return;
    this.show(Math.min(this.player.heard(), this.duration));
    requestAnimationFrame(() => this.follow());
  }

  show(time) {
    this.time = time;
    this.sounds.forEach((sound) => sound.show(time));
    this.slider.value = time;
    this.slider.setAttribute("aria-valuetext", spoken(time, this.duration));
    this.clock.textContent = clock(time, this.duration);
  }

  label() {
    this.button.replaceChildren(icon(this.active ? "pause" : "play"));
    this.button.setAttribute("aria-label", this.active ? "Pause" : "Play");
    this.figure.toggleAttribute("data-playing", this.player.playing);
  }

  /** Say what went wrong, and give the browser's own players back. @param {Error} error */
  fail(error) {
    this.news.textContent = `${error.message} Here are the browser’s own players.`;
    const hadFocus = this.figure.contains(document.activeElement);
    this.figure.classList.remove("sd-live");
    this.sounds.forEach((sound) => sound.becomeNative());
    if (hadFocus) this.sounds[Number(this.player.side)].audio.focus();
  }

  onKey(event) {
    const move = MOVES[event.key];
    if (event.key === " ") this.toggle();
    else if (move) this.seek(this.time + move);
    else return;
    event.preventDefault();
  }

  followPointer(frame, index) {
    frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.choose(index);
      this.seek(this.sounds[index].timeUnder(event));
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => {
      if (frame.hasPointerCapture(event.pointerId)) this.seek(this.sounds[index].timeUnder(event));
    });
  }
}

/** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.sd-listen"))
  .forEach((figure) => new Deck(figure));
