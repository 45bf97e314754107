/** A decoder on a map of its codes: what lies between two voices, between two digits, and where nobody has been. */

import { N_MELS, asked, decode, makeBank, partsOf, spoken, stretched } from "../js/dsp/speak.js";
import { bytesOf } from "../js/parts/scripts.js";
import { line, rect, tag, tenth, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

// The map goes a little further than its handles, to the outermost words.
const LEFT = 22, TOP = 24, GAP = 40, PITCH = 58, FURTHEST = 5, EDGE = 5.3, N_DIGITS = 10;
const LOWEST_HZ = 60, HIGHEST_HZ = 400, LONGEST = 64, SIDE_BY_SIDE = 560, HOP_MS = 10;

const nearest = Math.round;

/** Where codes, frames and digits lie: the map, and the word beside it, or below. */
function places(width) {
  const isWide = width >= SIDE_BY_SIDE, plot = width - LEFT - 14;
  const side = isWide ? Math.min(300, (plot - GAP) / 2) : Math.min(plot, 250);
  const left = isWide ? LEFT + side + GAP : LEFT, top = isWide ? TOP : TOP + side + 60;
  const room = width - 14 - left, high = isWide ? side - PITCH - 30 : 130, pitch = top + high + 30;
  const rail = Math.max(TOP + side, pitch + PITCH) + 66;
  return {
    side, left, top, room, high, pitch, rail, plot, bottom: TOP + side,
    X: (code) => LEFT + side * (code + EDGE) / (2 * EDGE), Y: (code) => TOP + side * (EDGE - code) / (2 * EDGE),
    x: (at) => (at - LEFT) / side * 2 * EDGE - EDGE, y: (at) => EDGE - (at - TOP) / side * 2 * EDGE,
    D: (digit) => LEFT + 10 + (plot - 20) * digit / (N_DIGITS - 1), digit: (at) => (at - LEFT - 10) / (plot - 20) * (N_DIGITS - 1),
    P: (hertz) => pitch + PITCH * (1 - Math.log2(Math.min(HIGHEST_HZ, Math.max(LOWEST_HZ, hertz)) / LOWEST_HZ) / Math.log2(HIGHEST_HZ / LOWEST_HZ)),
  };
}

/**
 * The word of a state: what the decoder answers, and how far the nearest word of the digit is that it has learned.
 * @param {State} state
 */
function wordOf({ first, second, digit }, { layers, words, unheard }) {
  const parts = partsOf(decode(layers, asked([first, second], digit)));
  const known = words.filter((one) => one.digit === nearest(digit) && one.voice !== unheard)
    .map(({ code: [a, b], voice }) => ({ far: Math.hypot(a - first, b - second), voice }));
  return { parts, ...known.sort((a, b) => a.far - b.far)[0], ...stretched(parts), hertz: 2 ** (7 + parts.middle) };
}

/**
 * The words of this digit on the map, and the name of each voice beside them.
 * @param {any} data @param {State} state @param {ReturnType<typeof places>} place
 */
function mapMarks({ words, names, unheard }, { first, second, digit }, { X, Y, side, bottom }) {
  const dots = words.map(({ code: [a, b], voice, digit: d }) => tag("circle", { cx: X(a), cy: Y(b), r: d === nearest(digit) ? 4 : 1.5,
    class: voice === unheard ? "sd-worst" : "sd-now" }));
  const named = names.map(({ code: [a, b], voice, digit: d }) => (d === nearest(digit) ? word(X(a), Y(b) + 4, voice, "sd-small", "middle") : ""));
  return word(LEFT, TOP - 8, "large: this digit; ring: voice never heard") + rect(LEFT, TOP, side, side, "sd-field") + dots.join("")
    + line(X(first), TOP, X(first), bottom, "sd-guide") + line(LEFT, Y(second), LEFT + side, Y(second), "sd-guide")
    + rect(X(first) - 6, Y(second) - 6, 12, 12, "sd-chosen") + named.join("");
}

function wordMarks({ n_frames, f0, voicing }, { left, top, room, high, pitch, P }) {
  const step = room / LONGEST, at = (m) => left + step * (m + 0.5), n = Math.min(LONGEST, n_frames);
  const isVoiced = (m) => voicing[m] > 0.5, voiced = Array.from({ length: n }, (_, m) => m).filter(isVoiced);
  const path = voiced.map((m) => `${isVoiced(m - 1) ? "L" : "M"}${tenth(at(m))} ${tenth(P(f0[m]))}`).join("");
  const levels = [100, 200].map((hertz) => line(left, P(hertz), left + room - 60, P(hertz), "sd-faint")
    + word(left + room - 8, P(hertz) + 4, `${hertz} Hz`, "sd-small", "end"));
  return word(left, top - 8, "the word that the decoder says") + rect(left, top, room, high, "sd-empty")
    + word(left, pitch - 8, "its pitch") + rect(left, pitch, room, PITCH, "sd-empty") + levels.join("") + tag("path", { d: path, class: "sd-accent" });
}

/** The outline as cells, from the highest band down. */
function rasterOf({ n_frames, levels }) {
  const columns = Math.min(LONGEST, n_frames), bytes = new Uint8Array(columns * N_MELS);
  for (let i = 0; i < bytes.length; i++) {
    const level = levels[(i % columns) * N_MELS + N_MELS - 1 - Math.floor(i / columns)];
    bytes[i] = 1 + Math.round(239 * Math.min(1, Math.max(0, level)));
  }
  return { columns, rows: N_MELS, bytes };
}

/** @type {FigureKind} */
export const speak = {
  name: "speak",
  title: "A map of codes with known words, and the word that a decoder makes of a point",
  hear: "Hear the word",

  prepare({ model }) {
    const { layers, ...more } = JSON.parse(model);
    return {
      ...more, layers: layers.map(({ n_in, matrix, scale, offset }) => ({
        n_in, matrix: new Int8Array(bytesOf(matrix).buffer),
        scale: new Float32Array(bytesOf(scale).buffer), offset: new Float32Array(bytesOf(offset).buffer),
      })),
    };
  },

  start: () => ({ first: 0, second: 0, digit: 5 }),

  handles: () => [
    { name: "first", label: "First number of the code", min: -FURTHEST, max: FURTHEST, step: 0.05, page: 1 },
    { name: "second", label: "Second number of the code", min: -FURTHEST, max: FURTHEST, step: 0.05, page: 1 },
    { name: "digit", label: "Digit that is asked for", min: 0, max: N_DIGITS - 1, step: 0.1, page: 1 },
  ],

  draw(state, data, width) {
    const place = places(width), { X, Y, D, x, y, digit, side, left, top, room, high, rail, bottom } = place;
    const { first, second } = state, found = wordOf(state, data), { n_frames, hertz } = found;
    const raster = rasterOf(found), text = `${round(hertz)} hertz, ${n_frames * HOP_MS} milliseconds`;
    const digits = Array.from({ length: N_DIGITS }, (_, d) => word(D(d), rail - 16, `${d}`, "sd-small", "middle"));
    return {
      height: rail + 26, says: text,
      marks: mapMarks(data, state, place) + wordMarks(found, place)
        + line(LEFT, rail, LEFT + place.plot, rail, "sd-axis") + word(LEFT, rail - 36, "the digit that is asked for") + digits.join(""),
      raster: { ...raster, key: `${first} ${second} ${state.digit} ${width}`, x: left, y: top, width: room * raster.columns / LONGEST, height: high },
      grips: {
        first: { x: X(first), y: bottom, text: `${signed(round(first, 2))}, ${text}`, move: (to) => x(to.x) },
        second: { x: LEFT, y: Y(second), text: `${signed(round(second, 2))}, ${text}`, move: (to) => y(to.y) },
        digit: { x: D(state.digit), y: rail, text: `${round(state.digit, 1)}, ${text}`, move: (to) => digit(to.x) },
      },
      surfaces: { first: { x: LEFT, y: TOP, width: side, height: side, of: ["first", "second"] }, digit: { x: LEFT, y: rail - 32, width: place.plot, height: 46 } },
      numbers: [
        { name: "pitch", label: "pitch", text: `${hertz.toFixed(0)} Hz` },
        { name: "lasts", label: "lasts", text: `${n_frames * HOP_MS} ms` },
        { name: "far", label: `nearest known word: ${found.voice ?? "none"},`, text: found.far?.toFixed(2) ?? "\u2013" },
      ],
    };
  },

  heard(state, data) {
    const { first, second, digit } = state;
    return loopLater(`${first} ${second} ${digit}`, () => spoken(wordOf(state, data).parts, data.bank ??= makeBank()));
  },
};
