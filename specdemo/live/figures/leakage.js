/** What does not fit into a frame a whole number of times leaks, and a window decides where to. */

import { TWO_PI } from "../js/dsp/arrays.js";
import {
  FLOOR_DB, HAMMING, coefficients, peakWidth, shapeWith, toneLevel, windowAt, worstLeak,
} from "../js/dsp/leakage.js";
import { area, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const LEFT = 40, TOP = 32, HIGH = 108, GAP = 34, LEVELS = 200, POINTS = 320;
const FLOOR = TOP + HIGH + GAP + LEVELS, LOWEST_DB = -100, HIGHEST_DB = 6;
// Bins that are shown; how far from the tone a leak begins, in bins.
const BINS = 32, DISTANCE = 3, FINER = 12;
const FEWEST_CYCLES = 8, MOST_CYCLES = 16, HELD = 4;

/** @type {[number, string][]} */
const NAMES = [[0, "rectangular"], [HAMMING, "Hamming"], [1, "Hann"], [2, "Blackman"]];
const nameOf = (shape) => NAMES.find(([value]) => Math.abs(value - shape) < 1e-6)?.[1] ?? "in between";
const inDecibels = (level) => signed(level <= FLOOR_DB ? `below ${FLOOR_DB}` : level.toFixed(1));

/** Where windows, frames and levels lie. */
function places(width) {
  const side = Math.max(130, 0.27 * width), first = LEFT + side + 14, copy = (width - first - 10) / 2;
  const plot = width - LEFT - 12;
  return {
    side, first, copy, plot,
    X: (k) => LEFT + plot * k / BINS, bin: (x) => (x - LEFT) / plot * BINS,
    Y: (level) => FLOOR - LEVELS * (Math.max(LOWEST_DB, level) - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB),
    window: (w) => TOP + HIGH * (1 - w), value: (y) => 1 - (y - TOP) / HIGH,
  };
}

/** The window that is used, and faintly those that have names. */
function windows(shape, { side, window }) {
  const outline = (place) => (i) => [LEFT + side * i / 60, window(windowAt(coefficients(place), i / 60))];
  const named = NAMES.filter(([place]) => place !== HAMMING);
  const words = named.map(([place, name]) =>
    word(LEFT + side / 4 + 14, window(windowAt(coefficients(place), 0.25)) + (place ? 4 : 16), name));
  return word(LEFT, TOP - 16, "the window") + area(61, outline(shape), TOP + HIGH, "sd-lens")
    + named.map(([place]) => curve(61, outline(place), "sd-faint")).join("")
    + line(LEFT, TOP + HIGH, LEFT + side, TOP + HIGH, "sd-axis") + words.join("");
}

/** The windowed frame twice: the transform takes it to go on like that for ever. */
function frames({ cycles }, window, { first, copy }) {
  const middle = TOP + HIGH / 2;
  const value = (t) => windowAt(window, t) * Math.cos(TWO_PI * cycles * t) * (HIGH / 2 - 4);
  const one = (start) => (i) => [start + copy * i / POINTS, middle - value(i / POINTS)];
  const both = (i) => one(first + copy * Math.floor(i / (POINTS + 1)))(i % (POINTS + 1));
  const [, end] = one(0)(POINTS), [, start] = one(0)(0);
  return word(first, TOP - 16, "the frame, and again") + rect(first, TOP, 2 * copy, HIGH, "sd-field")
    + curve(2 * POINTS + 2, both, "sd-accent") + line(first + copy, TOP, first + copy, TOP + HIGH, "sd-guide")
    + line(first + copy, end, first + copy, start, "sd-minus");
}

/** The levels at the bins, on the curve that they are taken from; the worst leak and the width of the peak. */
function spectrum({ cycles }, data, { window, worst, peak }, { X, Y, plot }) {
  const level = (k) => toneLevel(window, cycles, k, data.n), left = X(cycles - DISTANCE), right = X(cycles + DISTANCE);
  const bins = Array.from({ length: BINS + 1 }, (_, k) => tag("circle", { cx: X(k), cy: Y(level(k)), r: 3, class: "sd-bin" }));
  const rows = [0, -20, -40, -60, -80, LOWEST_DB].map((db) => word(LEFT - 6, Y(db) + 4, signed(db), "sd-small", "end"));
  const ticks = [0, 8, 16, 24, BINS].map((k) => word(X(k), FLOOR + 24, `${k}`, "sd-small", "middle"));
  const bar = Y(-6), mark = worst.level < LOWEST_DB ? "" : line(LEFT, Y(worst.level), LEFT + plot, Y(worst.level), "sd-guide")
    + tag("circle", { cx: X(Math.min(BINS, worst.bin)), cy: Y(worst.level), r: 5, class: "sd-worst" })
    + word(LEFT + plot, Y(worst.level) - 6, "worst leak", "sd-small", "end");
  return word(LEFT, FLOOR - LEVELS - 10, `level at the bins 0 to ${BINS}, dB`)
    + rect(left, FLOOR - LEVELS, right - left, LEVELS, "sd-field")
    + curve(BINS * FINER + 1, (i) => [X(i / FINER), Y(level(i / FINER))], "sd-faint") + bins.join("")
    + line(X(cycles - peak / 2), bar, X(cycles + peak / 2), bar, "sd-plus")
    + mark
    + line(LEFT, FLOOR, LEFT + plot, FLOOR, "sd-axis") + rows.join("") + ticks.join("");
}

/** @type {FigureKind} */
export const leakage = {
  name: "leakage",
  title: "A window, a tone in a frame under it, twice in a row, and the levels at the bins of its spectrum",
  hear: "Hear the frame, over and over",

  prepare: ({ sr }) => ({ sr, n: Math.max(64, 2 ** Math.round(Math.log2(0.046 * sr))) }),
  start: () => ({ cycles: 10.5, shoulders: 0 }),

  handles: () => [
    { name: "cycles", label: "Cycles of the tone in a frame", min: FEWEST_CYCLES, max: MOST_CYCLES, step: 0.05, page: 0.5 },
    { name: "wave", label: "Wave in the frame: cycles", key: "cycles", min: FEWEST_CYCLES, max: MOST_CYCLES, step: 0.05, page: 0.5, reversed: "x" },
    { name: "shoulders", label: "Window: 0 rectangular, 1 Hann, 2 Blackman", min: 0, max: 2, step: 0.02, page: 0.2, reversed: "y" },
  ],

  draw({ cycles, shoulders }, data, width) {
    const place = places(width), { first, copy, side, X } = place, window = coefficients(shoulders);
    const worst = worstLeak(window, cycles, data.n, DISTANCE), peak = peakWidth(window, data.n);
    const leak = `worst leak ${inDecibels(worst.level)} decibels`;
    const crest = first + HELD / cycles * copy, hertz = `${round(cycles * data.sr / data.n)}`, name = nameOf(shoulders);
    const tone = `${round(cycles, 2)} cycles, ${hertz} hertz, ${leak}`;
    return {
      height: FLOOR + 32, says: `${round(cycles, 2)} cycles, window ${name}, ${leak}`,
      marks: windows(shoulders, place) + frames({ cycles }, window, place)
        + spectrum({ cycles }, data, { window, worst, peak }, place),
      grips: {
        cycles: { x: X(cycles), y: FLOOR, text: tone, move: ({ x }) => place.bin(x) },
        wave: { x: crest, y: TOP, text: tone, move: ({ x }) => HELD * copy / Math.max(8, x - first) },
        shoulders: { x: LEFT + side / 4, y: place.window(windowAt(window, 0.25)),
          text: `${name}, peak ${peak.toFixed(2)} bins wide, ${leak}`, move: ({ y }) => shapeWith(place.value(y)) },
      },
      surfaces: {
        cycles: { x: LEFT, y: FLOOR - LEVELS, width: place.plot, height: LEVELS },
        // The wave is stretched from its left end.
        wave: { x: first, y: TOP, width: 2 * copy, height: HIGH,
          drags: { wave: (to, from) => from.value * Math.max(8, from.x - first) / Math.max(8, to.x - first) } },
        shoulders: { x: LEFT, y: TOP, width: side, height: HIGH },
      },
      numbers: [
        { name: "cycles", label: "cycles in a frame", text: cycles.toFixed(2) },
        { name: "tone", label: "tone", text: `${hertz} Hz` },
        { name: "window", label: "window", text: name },
        { name: "peak", label: "peak", text: `${peak.toFixed(2)} bins wide` },
        { name: "leak", label: `leak beyond ${DISTANCE} bins`, text: `${inDecibels(worst.level)} dB` },
      ],
    };
  },

  heard({ cycles, shoulders }, { n, sr }) {
    const window = coefficients(shoulders);
    const x = Float32Array.from({ length: n }, (_, t) => windowAt(window, t / n) * Math.cos(TWO_PI * cycles * t / n));
    return { key: `${cycles} ${shoulders}`, sound: { x, sr } };
  },
};
