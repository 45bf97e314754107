/** Equal steps of pitch, on a ruler that one bends between Hz and octaves. */

import { semitones, stepsOf } from "../js/dsp/ruler.js";
import { line, tag, word } from "../js/parts/svg.js";
import { round } from "../js/parts/text.js";

const LEFT = 18, HERTZ = 58, EVEN = 168, OCTAVES = 278, RAIL = 372;
const LOWEST_HZ = 200, HIGHEST_HZ = 4000, FEWEST_TONES = 3, MOST_TONES = 17, HTK_HZ = 700, CLOSEST_HZ = 12.5, FURTHEST_HZ = 204800, START_HZ = FURTHEST_HZ / 2;
// Four stops to the octave, and the corner of HTK_HZ among them. Seconds for which a tone sounds.
const CORNERS = [...Array.from({ length: 57 }, (_, i) => CLOSEST_HZ * 2 ** (i / 4)).filter((c) => Math.abs(c / HTK_HZ - 1) > 0.09), HTK_HZ]
  .sort((a, b) => a - b), SECONDS = 0.45;

/** @param {any} data @param {State} state @param {number} width */
function places({ high }, { n_tones }, width) {
  const plot = width - 2 * LEFT, log = (f) => Math.log(f / LOWEST_HZ) / Math.log(high / LOWEST_HZ);
  return {
    plot, X: (f) => LEFT + plot * f / high, L: (f) => LEFT + plot * log(f), E: (i) => LEFT + plot * i / (n_tones - 1),
    C: (corner) => LEFT + plot * Math.log(corner / CLOSEST_HZ) / Math.log(FURTHEST_HZ / CLOSEST_HZ),
    corner: (x) => CLOSEST_HZ * (FURTHEST_HZ / CLOSEST_HZ) ** ((x - LEFT) / plot), part: (x) => (x - LEFT) / plot,
  };
}

/** @param {State} state */
const toneAt = ({ tone, n_tones }) => Math.min(n_tones - 1, Math.max(0, Math.round(tone / 100 * (n_tones - 1))));

function marksOf(tones, chosen, { X, L, E, C, plot }, high) {
  const right = LEFT + plot, dot = (x, y, i) => tag("circle", { cx: x, cy: y, r: i === chosen ? 6 : 4, class: i === chosen ? "sd-now" : "sd-tone" });
  const each = Array.from(tones, (f, i) => line(X(f), HERTZ, E(i), EVEN, "sd-faint") + line(E(i), EVEN, L(f), OCTAVES, "sd-faint")
    + dot(X(f), HERTZ, i) + dot(E(i), EVEN, i) + dot(L(f), OCTAVES, i));
  const hertz = [0, 1000, 2000, 3000, 4000].filter((f) => f <= high), octaves = [200, 400, 800, 1600, 3200].filter((f) => f <= high);
  return [HERTZ, EVEN, OCTAVES].map((y) => line(LEFT, y, right, y, "sd-axis")).join("") + line(E(1), EVEN, E(1), EVEN + 34, "sd-guide") + each.join("")
    + [[HERTZ, "on an axis of hertz"], [EVEN, "on your ruler: equal steps"], [OCTAVES, "on an axis of octaves, as a piano"]].map(([y, text]) => word(LEFT, +y - 16, text)).join("")
    + hertz.map((f) => word(X(f), HERTZ - 34, `${f}`, "sd-small", f === 4000 ? "end" : f ? "middle" : "start")).join("")
    + octaves.map((f) => word(L(f), OCTAVES + 26, `${f}`, "sd-small", f > 200 ? "middle" : "start")).join("")
    + word(LEFT, RAIL - 18, "bend the ruler")
    + line(LEFT, RAIL, right, RAIL, "sd-axis") + line(C(HTK_HZ), RAIL - 8, C(HTK_HZ), RAIL + 8, "sd-guide") + word(C(HTK_HZ), RAIL + 28, "mel", "sd-small", "middle")
    + word(LEFT, RAIL + 28, "octaves") + word(right, RAIL + 28, "hertz", "sd-small", "end");
}

/** @type {FigureKind} */
export const steps = {
  name: "steps",
  title: "Tones in equal steps of a ruler, on an axis of hertz and on one of octaves",
  hear: "Play the tones",

  prepare: ({ sr }) => ({ high: Math.max(2 * LOWEST_HZ, Math.min(HIGHEST_HZ, 0.45 * sr)) }),
  start: () => ({ corner: START_HZ, tone: 0, n_tones: 9 }),

  handles: () => [
    { name: "corner", label: "Ruler, from octaves to hertz: its corner in hertz", stops: CORNERS },
    { name: "tone", label: "Tone, by its place in the row, in per cent", min: 0, max: 100, page: 25, walks: true, plays: true },
    { name: "n_tones", label: "Number of tones", min: FEWEST_TONES, max: MOST_TONES, page: 4, reversed: "x" },
  ],

  draw(state, data, width) {
    const place = places(data, state, width), { C, E, plot, corner, part } = place;
    const tones = stepsOf(state.n_tones, LOWEST_HZ, data.high, state.corner), chosen = toneAt(state), last = tones.length - 1;
    const first = semitones(tones[0], tones[1]), end = semitones(tones[last - 1], tones[last]);
    const text = `first step ${round(first, 1)} semitones, last ${round(end, 1)}`;
    return {
      height: RAIL + 36, says: text, marks: marksOf(tones, chosen, place, data.high) + word(E(1) + 14, EVEN + 39, `${state.n_tones} tones`),
      grips: {
        corner: { x: C(state.corner), y: RAIL, text: `corner at ${round(state.corner)} hertz, ${text}`, move: ({ x }) => corner(x) },
        tone: { x: E(chosen), y: EVEN, text: `tone ${chosen + 1} of ${state.n_tones}, ${round(tones[chosen])} hertz`, move: ({ x }) => 100 * part(x) },
        n_tones: { x: E(1), y: EVEN + 34, text: `${state.n_tones} tones, ${text}`, move: ({ x }) => 1 + plot / Math.max(1, x - LEFT) },
      },
      surfaces: {
        tone: { x: LEFT, y: HERTZ - 12, width: plot, height: EVEN - HERTZ + 24 },
        corner: { x: LEFT, y: RAIL - 14, width: plot, height: 46 },
      },
      numbers: [
        { name: "tone", label: `tone ${chosen + 1}`, text: `${round(tones[chosen])} Hz` },
        { name: "first", label: "first step", text: `${first.toFixed(1)} semitones` },
        { name: "last", label: "last step", text: `${end.toFixed(1)} semitones` },
      ],
    };
  },

  heard(state, { high }) {
    const tones = stepsOf(state.n_tones, LOWEST_HZ, high, state.corner);
    return { key: "tone", hertz: tones[toneAt(state)] };
  },

  walked(state, _, passed) {
    const i = Math.floor(passed / SECONDS) % state.n_tones;
    return { ...state, tone: 100 * i / (state.n_tones - 1) };
  },
};
