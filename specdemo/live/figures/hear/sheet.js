/** The array as a picture, and the waveform of its sound, over one time axis. */

import { frequencyLabel, timeTicks } from "../../js/parts/axes.js";
import { LOWEST_DB, MAGMA, levelByte, makePalette } from "../../js/parts/colours.js";
import { makeSwitch } from "../../js/parts/controls.js";
import { make } from "../../js/parts/dom.js";
import { fitCanvases, makePanel, makeTick } from "../../js/parts/panel.js";
import {
  colorPixels, drawWave, makePicture, poolLevels, waveEnvelope,
} from "../../js/parts/picture.js";
import { round, thousands } from "../../js/parts/text.js";
import { brief } from "./words.js";

/** @typedef {{step: number, start: number, frequencies: Float64Array}} Places of frames, bands */
/** @typedef {{frames: Values, n_mels: number, low: number, high: number}} Shown */

// Levels from the lowest colour to the highest, in the steps of the palette.
const RANGE = 80;
const WAVE_COLOR = "#c96f16";
const ROUND_FREQUENCIES = [100, 200, 500, 1000, 2000, 4000, 8000, 16000];
const LABEL_PIXELS = 18;

/** The picture of an array. Its owner is told by `onSeek(time)`. */
export class Sheet {
  /** @param {(time: number) => void} onSeek */
  constructor(onSeek) {
    /** @type {Shown|null} */
    this.table = null;
    /** @type {Places|null} */
    this.places = null;
    /** @type {Sound|null} */
    this.sound = null;
    this.playhead = 0;
    this.palette = makePalette(MAGMA, RANGE);
    this.wave = makePanel("wave");
    this.panel = makePanel("array");
    this.times = make("div", { class: "sd-times", "aria-hidden": "true" });
    this.units = makeSwitch("Axes", { sound: "s and Hz", array: "frames and bands" },
      (word) => this.setAxes(word));
    this.element = make("div", { class: "sd-plots" }, this.wave.element, this.heading(),
      this.panel.element, this.times);
    this.element.addEventListener("pointerdown", (event) => this.onPress(event, onSeek));
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.element);
    this.setAxes("sound");
  }

  heading() {
    this.unit = make("span", { class: "sd-axis-unit" });
    this.scaleBar = make("canvas", { width: 256, height: 1, "aria-hidden": "true" });
    this.lowText = make("span");
    this.highText = make("span");
    const scale = make("span", { class: "sd-scale" }, this.lowText, this.scaleBar, this.highText);
    return make("div", { class: "sd-heading" }, this.unit, scale, this.units.element);
  }

  setAxes(word) {
    this.axes = word;
    this.units.choose(word);
    this.paint();
  }

  get n_frames() {
    return this.table ? this.table.frames.length / this.table.n_mels : 1;
  }

  /** Whether the axes are those of the sound, which a format has and an array alone has not. */
  get isSound() {
    return this.axes === "sound" && Boolean(this.places);
  }

  /** Seconds of the sound; without a format, frames. */
  get duration() {
    const { sound, places, n_frames } = this;
    return sound ? sound.x.length / sound.sr : places ? n_frames * places.step : n_frames;
  }

  resize() {
    fitCanvases([this.wave.canvas, this.panel.canvas]);
    this.paint();
  }

  /** Show another array. @param {Shown} table */
  setTable(table) {
    this.table = table;
    this.places = null;
    this.sound = null;
    this.picture = null;
    this.paint();
  }

  /** @param {Places} places */
  setPlaces(places) {
    this.places = places;
    this.picture = null;
    this.paint();
  }

  setSound(sound) {
    this.sound = sound;
    this.paint();
  }

  paint() {
    if (!this.panel || !this.units) return;
    this.units.inputs.sound.disabled = !this.places;
    this.unit.textContent = this.isSound ? "Hz" : "band";
    this.paintArray();
    this.paintWave();
    this.paintScale();
    this.labelTimes();
    this.setPlayhead(this.playhead);
  }

  paintArray() {
    const { context, canvas: { width, height }, ticks, canvas } = this.panel;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    if (this.table) {
      const { n_mels } = this.table, scale = { toHz: (unit) => unit * n_mels - 0.5 };
      const span = { start: 0, end: this.duration };
      this.picture ??= this.makePicture();
      const pooled = poolLevels(this.picture, scale, span, width, height);
      colorPixels(pooled, this.palette, pixels, width, height);
    } else pixels.fill(this.palette[0]);
    context.putImageData(image, 0, 0);
    ticks.replaceChildren(...this.bandTicks(canvas.clientHeight || 1));
    canvas.setAttribute("aria-label", this.describe());
  }

  /** The array as levels: the lowest colour is silent, and the highest is 0 dB. */
  makePicture() {
    const { frames, n_mels, low, high } = this.table;
    const { step, start } = this.places ?? { step: 1, start: 0.5 };
    const span = Math.max(high - low, Number.MIN_VALUE);
    const level = (v) => Math.min(0, Math.max(-RANGE, RANGE * (v - high) / span));
    const levels = Float32Array.from(frames, level);
    return makePicture({
      levels, n_frames: this.n_frames, n_rows: n_mels,
      frequencies: Float64Array.from({ length: n_mels }, (_, b) => b),
      frame_step: step, start_time: start,
    });
  }

  /** Numbers of bands, or round frequencies at the places that they have between bands. */
  bandTicks(height) {
    if (!this.table) return [];
    const { n_mels } = this.table;
    const found = this.isSound ? this.frequencyTicks()
      : [...Array(n_mels).keys()].filter((b) => b % niceStep(n_mels * LABEL_PIXELS / height) === 0)
        .map((b) => ({ band: b, text: `${b}` }));
    let above = Infinity;
    return found.reverse().flatMap(({ band, text }) => {
      const place = 1 - (band + 0.5) / n_mels;
      if (above !== Infinity && (place - above) * height < LABEL_PIXELS) return [];
      above = place;
      return [makeTick(place, text)];
    });
  }

  frequencyTicks() {
    const { frequencies } = this.places, last = frequencies.length - 1;
    const inside = ROUND_FREQUENCIES.filter((f) => f >= frequencies[0] && f <= frequencies[last]);
    return inside.map((f) => {
      const b = Math.max(0, frequencies.findLastIndex((centre) => centre <= f));
      const part = b < last ? (f - frequencies[b]) / (frequencies[b + 1] - frequencies[b]) : 0;
      return { band: b + part, text: frequencyLabel(f) };
    });
  }

  paintWave() {
    const { context, canvas: { width, height }, canvas } = this.wave, { sound } = this;
    canvas.setAttribute("aria-label", sound ? "Waveform of the sound" : "Waveform: nothing yet");
    if (!sound) return context.clearRect(0, 0, width, height);
    const span = { start: 0, end: this.duration };
    drawWave(context, waveEnvelope(sound, span, width), WAVE_COLOR, width, height, sound.peak);
  }

  paintScale() {
    const context = this.scaleBar.getContext("2d"), image = context.createImageData(256, 1);
    const levels = Array.from({ length: 256 }, (_, i) => RANGE * (i / 255 - 1));
    new Uint32Array(image.data.buffer).set(levels.map((level) =>
      this.palette[levelByte(Math.max(LOWEST_DB, level))]));
    context.putImageData(image, 0, 0);
    this.lowText.textContent = this.table ? brief(this.table.low) : "";
    this.highText.textContent = this.table ? brief(this.table.high) : "";
  }

  labelTimes() {
    const { isSound, duration, n_frames } = this, end = isSound ? duration : n_frames;
    const width = this.times.clientWidth || 1;
    const ticks = this.table ? timeTicks({ start: 0, end }, width) : [];
    const whole = ticks.filter((t) => isSound || Number.isInteger(t));
    this.times.replaceChildren(...whole.map((t) => makeTick(t / end, isSound ? `${t} s` : `${t}`)));
  }

  describe() {
    if (!this.table) return "Picture of the array: nothing yet";
    const { n_mels, low, high } = this.table, { places } = this;
    const where = places ? `; ${round(this.duration, 2)} s, ${thousands(places.frequencies[0])} to `
      + `${thousands(places.frequencies.at(-1))} Hz` : "";
    return `Picture of the array: ${n_mels} bands, ${this.n_frames} frames, values from `
      + `${brief(low)} to ${brief(high)}${where}`;
  }

  /** @param {number} time s */
  setPlayhead(time) {
    this.playhead = Math.min(Math.max(0, time), this.duration);
    this.element.style.setProperty("--sd-at", `${this.playhead / this.duration}`);
  }

  onPress(event, onSeek) {
    if (event.button || !event.target.closest(".sd-panel")) return;
    const { left, width } = this.panel.canvas.getBoundingClientRect();
    onSeek(Math.min(1, Math.max(0, (event.clientX - left) / width)) * this.duration);
  }
}

/** The smallest of 1, 2, 5, 10, 20 ... that is at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return power * [1, 2, 5, 10].find((n) => n * power >= least);
}
