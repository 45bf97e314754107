/** Two clicks and two tones: no length of the frame parts both pairs when they are too near. */

import {
  LENGTHS, MIDDLE_HZ, PARTED_DB, SHOWN, SR, clickPower, dip, pairs, picture, tonePower,
} from "../js/dsp/tradeoff.js";
import { secondsAxis } from "../js/parts/seconds.js";
import { area, curve, line, rect, word } from "../js/parts/svg.js";
import { round } from "../js/parts/text.js";

const LEFT = 44, TOP = 34, MAP = 210, UNDER = 60, BELOW = TOP + MAP + 8, FLOOR = BELOW + UNDER;
const LOW_HZ = 700, HIGH_HZ = 1300, LENGTH_S = SHOWN / SR, MIDDLE_S = LENGTH_S / 2;
const STOPS = LENGTHS.map((n) => 1000 * n / SR);

function places(width) {
  const side = Math.max(58, 0.15 * width), plot = width - LEFT - side - 14;
  return {
    side, plot, right: LEFT + plot + 8, X: (t) => LEFT + plot * t / LENGTH_S,
    Y: (f) => TOP + MAP * (HIGH_HZ - f) / (HIGH_HZ - LOW_HZ),
    time: (x) => (x - LEFT) / plot * LENGTH_S, hertz: (y) => HIGH_HZ - (y - TOP) / MAP * (HIGH_HZ - LOW_HZ),
  };
}

/** The frame under the picture, and over it the clicks as the frame sees them. */
function below(n_fft, apart_s, { X }) {
  const half = n_fft / 2 / SR, one = (t) => Math.sqrt(clickPower(n_fft, 0, t * SR) / 2);
  const both = (t) => Math.sqrt(clickPower(n_fft, apart_s * SR, t * SR));
  const high = (value) => FLOOR - 0.7 * UNDER * value;
  return area(41, (i) => [X(MIDDLE_S + (i / 20 - 1) * half), high(one((i / 20 - 1) * half))], FLOOR, "sd-lens")
    + curve(161, (i) => [X(i / 160 * LENGTH_S), high(both(i / 160 * LENGTH_S - MIDDLE_S))], "sd-accent")
    + line(X(0), FLOOR, X(LENGTH_S), FLOOR, "sd-axis");
}

/** The peak of a tone beside the picture, and over it the tones as the frame sees them. */
function beside(n_fft, apart_hz, { right, side, Y }) {
  const bins = (hertz) => hertz * n_fft / SR, span = HIGH_HZ - LOW_HZ;
  const one = (f) => Math.sqrt(tonePower(n_fft, 0, bins(f - MIDDLE_HZ)) / 2);
  const both = (f) => Math.sqrt(tonePower(n_fft, bins(apart_hz), bins(f - MIDDLE_HZ)));
  const upright = (value, n) => (i) => [right + 0.66 * side * value(LOW_HZ + i / n * span), Y(LOW_HZ + i / n * span)];
  const peak = [[right, Y(LOW_HZ)], ...Array.from({ length: 181 }, (_, i) => upright(one, 180)(i)), [right, Y(HIGH_HZ)]];
  return curve(peak.length, (i) => /** @type {[number, number]} */ (peak[i]), "sd-lens")
    + curve(241, /** @type {(i: number) => [number, number]} */ (upright(both, 240)), "sd-accent")
    + line(right, TOP, right, TOP + MAP, "sd-axis");
}

function axes({ Y, plot }) {
  const rows = [800, 1000, 1200].map((f) => word(LEFT - 6, Y(f) + 4, `${f}`, "sd-small", "end"));
  return word(LEFT - 6, Y(HIGH_HZ) + 10, "Hz", "sd-small", "end") + rows.join("")
    + secondsAxis(LENGTH_S, LEFT, plot, FLOOR + 18) + rect(LEFT, TOP, plot, MAP, "sd-empty");
}

const parted = (level) => (level >= PARTED_DB ? "two" : "one");

/** Where the four dots are; both at the frame set its length. @param {State} state @param {any} place @param {number[]} dips */
function gripsOf(state, { X, Y, plot, right, time, hertz }, dips) {
  const { clicks, tones, frame } = state, [as_clicks, as_tones] = dips.map(parted);
  const length = `frame of ${round(frame, 1)} milliseconds: clicks seen as ${as_clicks}, tones as ${as_tones}`;
  return {
    clicks: { x: X(MIDDLE_S + clicks / 2000), y: TOP, move: ({ x }) => 2000 * Math.abs(time(x) - MIDDLE_S),
      text: `${round(clicks, 1)} milliseconds apart, seen as ${as_clicks}` },
    tones: { x: LEFT + plot, y: Y(MIDDLE_HZ + tones / 2), move: ({ y }) => 2 * Math.abs(hertz(y) - MIDDLE_HZ),
      text: `${round(tones)} hertz apart, seen as ${as_tones}` },
    long: { x: X(MIDDLE_S + frame / 2000), y: FLOOR, text: length,
      move: ({ x }) => 2000 * Math.max(1e-4, time(x) - MIDDLE_S) },
    // The peak of a tone under a Hann window ends two bins from its top.
    wide: { x: right, y: Y(MIDDLE_HZ - 2000 / frame), text: length,
      move: ({ y }) => 2000 / Math.max(1, MIDDLE_HZ - hertz(y)) },
  };
}

/** @type {FigureKind} */
export const tradeoff = {
  name: "tradeoff",
  title: "Spectrogram of two clicks and two tones, with the frame below it and the peak of a tone beside it",
  hear: "Hear clicks and tones",

  prepare: () => ({}),
  start: () => ({ clicks: 15, tones: 40, frame: 45.5 }),

  handles: () => [
    { name: "clicks", label: "From click to click, in milliseconds", min: 2, max: 120, step: 0.5, page: 5 },
    { name: "tones", label: "From tone to tone, in hertz", min: 4, max: 240, step: 1, page: 10 },
    { name: "long", label: "Length of the frame, in milliseconds", key: "frame", stops: STOPS },
    { name: "wide", label: "Width of a tone's peak: length of the frame, in milliseconds", key: "frame", stops: STOPS },
  ],

  draw(state, data, width) {
    const { clicks, tones, frame } = state, place = places(width), { X, Y, plot, right, side } = place;
    const n_fft = Math.round(frame * SR / 1000), key = `${clicks} ${tones} ${n_fft}`;
    if (data.key !== key)
      Object.assign(data, { key, raster: picture(clicks / 1000, tones, n_fft, LOW_HZ, HIGH_HZ) });
    const dips = [dip(clickPower, n_fft, clicks / 1000 * SR), dip(tonePower, n_fft, tones * n_fft / SR)];
    const [as_clicks, as_tones] = dips.map(parted), product = (clicks * tones / 1000).toFixed(2);
    return {
      height: FLOOR + 24, says: `clicks seen as ${as_clicks}, tones as ${as_tones}`,
      marks: axes(place) + below(n_fft, clicks / 1000, place) + beside(n_fft, tones, place)
        + word(X(MIDDLE_S), TOP - 16, `seen: ${as_clicks === "two" ? "two clicks" : "one click"}`, "sd-small", "middle")
        + word(right + side, TOP - 16, `seen: ${as_tones === "two" ? "two tones" : "one tone"}`, "sd-small", "end"),
      raster: { ...data.raster, key: `${key} ${width}`, x: LEFT, y: TOP, width: plot, height: MAP },
      grips: gripsOf(state, place, dips),
      surfaces: {
        clicks: { x: LEFT, y: TOP, width: plot, height: Y(MIDDLE_HZ + 150) - TOP },
        tones: { x: LEFT, y: Y(MIDDLE_HZ + 150), width: plot, height: Y(MIDDLE_HZ - 150) - Y(MIDDLE_HZ + 150) },
        long: { x: LEFT, y: BELOW, width: plot, height: UNDER },
        wide: { x: right, y: TOP, width: side, height: MAP },
      },
      numbers: [
        { name: "frame", label: "frame", text: `${round(frame, 1)} ms` },
        { name: "apart", label: "clicks, tones apart", text: `${round(clicks, 1)} ms, ${round(tones)} Hz` },
        { name: "clicks", label: "dip between the clicks", text: `${dips[0].toFixed(1)} dB` },
        { name: "tones", label: "between the tones", text: `${dips[1].toFixed(1)} dB` },
        { name: "product", label: "their product", text: product },
      ],
    };
  },

  heard: ({ clicks, tones }) => ({ key: `${clicks} ${tones}`, sound: { x: pairs(clicks / 1000, tones), sr: SR } }),
};
