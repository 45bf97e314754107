/** Several sounds of one array: played in step, at matched levels, one of them heard. */

import { sumOfSquares } from "../../js/dsp/arrays.js";
import { Output } from "../../js/parts/output.js";
import { bufferOf } from "../../js/parts/played.js";
import { Player } from "../../js/parts/player.js";

// The peak that a sound is given whose level is lost.
const ASSUMED_PEAK = 0.5;

// Steps of frames that differ by less, in s, keep sounds together.
const SAME_STEP = 1e-9;

/** @typedef {import("./view.js").Heard} Heard */

export class Listening {
  /** @param {() => void} onChange when playing begins or ends */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Map<string, Heard>} */
    this.sounds = new Map();
    this.time = 0;
    this.turn = null;
    this.player = new Player("", () => this.rest(0), new Output(() => this.pause()));
  }

  /** The sound that is heard. */
  get current() {
    return this.sounds.get(this.player.side);
  }

  /** Whether a sound is heard, or will be as soon as the output is ready. */
  get active() {
    return this.player.playing || this.turn !== null;
  }

  clear() {
    this.pause();
    [...this.sounds.keys()].forEach((name) => this.player.removeTrack(name));
    this.sounds.clear();
    this.time = 0;
  }

  /** @param {Heard} sound */
  add(sound) {
    const rms = Math.sqrt(sumOfSquares(sound.x) / sound.x.length);
    this.sounds.set(sound.name, { ...sound, rms });
    this.matchLevels();
  }

  remove(name) {
    this.sounds.delete(name);
    this.player.removeTrack(name);
  }

  /** Play all as loud as the first, and all softer where one of them would clip. */
  matchLevels() {
    const sounds = [...this.sounds.values()], [first] = sounds;
    const own = (sound) => (sound.isLevelLost && sound.peak > 0 ? ASSUMED_PEAK / sound.peak : 1);
    const wanted = own(first) * first.rms;
    const gains = sounds.map((sound) => (sound.rms > 0 ? wanted / sound.rms : 1));
    const top = Math.max(1, ...sounds.map((sound, i) => gains[i] * sound.peak));
    sounds.forEach((sound, i) => {
      sound.gain = gains[i] / top;
      sound.level = own(sound);
      this.player.setTrack(sound.name, bufferOf(sound), sound.gain);
    });
  }

  /** Make another sound the audible one, at the frame that is heard now. */
  choose(name) {
    const before = this.current, next = this.sounds.get(name);
    this.player.choose(name);
    if (!before || !next || !before.places || !next.places) return;
    const { step, start } = next.places, old = before.places;
    if (Math.abs(step - old.step) < SAME_STEP) return;
    const time = start + (this.now() - old.start) / old.step * step;
    if (this.player.playing) this.startAt(time);
    else this.time = Math.max(0, time);
  }

  now() {
    return this.player.playing ? this.player.heard() : this.time;
  }

  get duration() {
    const { current } = this;
    return current ? current.x.length / current.sr : 0;
  }

  /** @throws {Error} a sentence, when there is no output */
  async play() {
    const turn = this.turn = {};
    this.onChange();
    try {
      await this.player.ready();
      // Not when it was paused meanwhile.
      if (turn === this.turn) this.startAt(this.time > this.duration - 0.01 ? 0 : this.time);
    } finally {
      if (turn === this.turn) this.turn = null;
      this.onChange();
    }
  }

  startAt(time) {
    this.player.start(Math.min(Math.max(0, time), this.duration));
  }

  pause() {
    const time = this.now();
    this.turn = null;
    this.player.stop();
    this.rest(time);
  }

  rest(time) {
    this.time = time;
    this.onChange();
  }

  seek(time) {
    this.time = Math.min(Math.max(0, time), this.duration);
    if (this.player.playing) this.startAt(this.time);
    else this.onChange();
  }
}
