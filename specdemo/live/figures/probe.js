/** What the discrete Fourier transform asks: how much of a wave is in a frame. */

import { peakOf } from "../js/dsp/arrays.js";
import { probe as ask, turned } from "../js/dsp/probe.js";
import { area, arrow, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const TOP = 24, WAVE = 104, PRODUCT = 92, TRAIL = 104, GAP = 28, LEFT = 12;
const LOWEST_HZ = 40, TRAIL_POINTS = 360;
// Pixels of an arrow that can be seen as one.
const SHORTEST = 10, RADIANS = Math.PI / 180;

/** The least and the largest value of a part of a frame, in turn, so that no wave is left out. */
function outline(n, width, valueAt) {
  const points = Math.min(n, 2 * Math.round(width));
  return { points, at: (i) => Math.floor(i * n / points), value: (i) => valueAt(Math.floor(i * n / points)) };
}

/** Where things lie: frame and product on the left, the dial on the right, the trail under both. */
function layoutOf(width, high) {
  const radius = Math.min(76, 0.16 * width), across = width - 2 * LEFT;
  return {
    radius, across, plot: width - LEFT - 2 * radius - 34,
    cx: width - radius - 12, cy: TOP + WAVE / 2 + 24, floor: TOP + WAVE + PRODUCT + 2 * GAP + TRAIL,
    placeOf: (f) => LEFT + across * (f - LOWEST_HZ) / (high - LOWEST_HZ),
  };
}

/** The frame with the wave laid over it, and under them their product. @param {State} state */
function frameMarks({ frequency, phase }, { x, sr, top }, { plot }) {
  const wave = (n) => Math.cos(2 * Math.PI * frequency * n / sr + phase * RADIANS);
  const { points, at, value } = outline(x.length, plot, (n) => x[n]);
  const place = (i) => LEFT + plot * at(i) / x.length;
  const middle = TOP + WAVE / 2, base = TOP + WAVE + GAP + PRODUCT / 2;
  const product = (i) => value(i) * wave(at(i)) / top * (PRODUCT / 2);
  return [
    word(LEFT, TOP - 8, "the frame, and the wave"), rect(LEFT, TOP, plot, WAVE, "sd-field"),
    curve(points, (i) => [place(i), middle - value(i) / top * (WAVE / 2 - 4)], "sd-wave"),
    curve(points, (i) => [place(i), middle - wave(at(i)) * (WAVE / 2 - 12)], "sd-accent"),
    word(LEFT, TOP + WAVE + GAP - 8, "their product"), line(LEFT, base, LEFT + plot, base, "sd-axis"),
    area(points, (i) => [place(i), base - Math.max(0, product(i))], base, "sd-above"),
    area(points, (i) => [place(i), base - Math.min(0, product(i))], base, "sd-below"),
    word(LEFT + plot, TOP + WAVE + GAP - 8, `${round(1000 * x.length / sr)} ms`, "sd-small", "end"),
  ];
}

/** The sum of the product as an arrow, which is `A` and longest at the rim, and its shadow. */
function dialMarks(A, most, { radius, cx, cy }) {
  const x = cx + A.re * radius / most, y = cy - A.im * radius / most, shadow = cy + radius + 14;
  return [
    word(cx, cy - radius - 12, "the arrow", "sd-small", "middle"),
    word(cx, cy + radius + 32, "its shadow: the sum", "sd-small", "middle"),
    tag("circle", { cx, cy, r: radius, class: "sd-dial" }), line(cx - radius, cy, cx + radius, cy, "sd-axis"),
    line(cx, shadow, x, shadow, A.re < 0 ? "sd-minus" : "sd-plus"),
    line(x, y, x, shadow, "sd-guide"), arrow(cx, cy, x, y, "sd-arrow"),
    // One that is too short for its head has a tip all the same.
    Math.hypot(x - cx, y - cy) < SHORTEST ? tag("circle", { cx: x, cy: y, r: 4, class: "sd-tip" }) : "",
  ];
}

/** How long the arrow was at the frequencies that have been `seen`. */
function trailMarks(frequency, size, { high, trail, most }, seen, { across, floor, placeOf }) {
  const found = trail.filter(({ f }) => f >= seen.low && f <= seen.high), level = (s) => floor - TRAIL * s / most;
  const ends = [0.25, 0.5, 0.75, 1].map((part) => Math.round(high * part / 100) * 100);
  return [
    word(LEFT, floor - TRAIL - 8, "the trail: length of the arrow over frequency"),
    line(LEFT, floor, LEFT + across, floor, "sd-axis"),
    area(found.length, (i) => [placeOf(found[i].f), level(found[i].size)], floor, "sd-trail"),
    curve(found.length, (i) => [placeOf(found[i].f), level(found[i].size)], "sd-accent"),
    line(placeOf(frequency), floor, placeOf(frequency), level(size), "sd-arrow"),
    ...ends.map((f, i) =>
      word(placeOf(f), floor + 24, i < 3 ? `${f}` : `${f} Hz`, "sd-small", i < 3 ? "middle" : "end")),
  ];
}

/** @type {FigureKind} */
export const probe = {
  name: "probe",
  title: "A frame of the sound, a wave laid over it, their product, and its sum as an arrow",
  hear: "Hear the wave",

  prepare({ x, sr }) {
    const high = Math.max(2 * LOWEST_HZ, Math.min(2000, Math.floor(0.4 * sr)));
    const trail = Array.from({ length: TRAIL_POINTS + 1 }, (_, i) => {
      const f = LOWEST_HZ + i / TRAIL_POINTS * (high - LOWEST_HZ), { re, im } = ask(x, f, sr);
      return { f, size: Math.hypot(re, im) };
    });
    return { x, sr, high, trail, top: peakOf(x), most: peakOf(trail.map(({ size }) => size)) };
  },

  start: ({ high }) => ({ frequency: Math.min(440, high), phase: 0 }),

  handles: ({ high }) => [
    { name: "frequency", label: "Frequency of the wave, in hertz", min: LOWEST_HZ, max: high, page: 50 },
    { name: "phase", label: "Phase of the wave, in degrees", min: -180, max: 180, step: 5, page: 45, turns: true },
  ],

  draw(state, data, width, seen) {
    const { frequency, phase } = state, { x, sr, high, most } = data, angle = phase * RADIANS;
    const layout = layoutOf(width, high), { radius, across, plot, cx, cy, floor, placeOf } = layout;
    const X = ask(x, frequency, sr), size = Math.hypot(X.re, X.im), A = turned(X, angle);
    const marks = [
      ...frameMarks(state, data, layout), ...dialMarks(A, most, layout),
      ...trailMarks(frequency, size, data, seen.frequency, layout),
    ].join("");
    const text = `${round(frequency)} hertz, the arrow is ${round(100 * size / most)} per cent of the longest`;
    return {
      height: floor + 32, marks, says: text,
      grips: {
        frequency: { x: placeOf(frequency), y: floor, text,
          move: (to) => LOWEST_HZ + (to.x - LEFT) / across * (high - LOWEST_HZ) },
        phase: { x: cx + radius * Math.cos(angle), y: cy - radius * Math.sin(angle),
          text: `${round(phase)} degrees, the sum is ${round(100 * A.re / most)} per cent`,
          move: (to) => Math.atan2(cy - to.y, to.x - cx) / RADIANS },
      },
      surfaces: {
        // The wave is stretched from its left end.
        frequency: { x: LEFT, y: TOP, width: plot, height: WAVE + GAP + PRODUCT,
          drags: { frequency: (to, from) => from.value * Math.max(8, from.x - LEFT) / Math.max(8, to.x - LEFT) } },
        trail: { of: ["frequency"], x: LEFT, y: floor - TRAIL, width: across, height: TRAIL + 14 },
        phase: { x: cx - radius - 8, y: cy - radius - 8, width: 2 * radius + 16, height: 2 * radius + 16 },
      },
      numbers: [
        { name: "frequency", label: "wave", text: `${round(frequency)} Hz` },
        { name: "sum", label: "sum", text: signed(A.re.toFixed(2)) },
        { name: "size", label: "length of the arrow", text: size.toFixed(2) },
      ],
    };
  },

  heard: ({ frequency }) => ({ key: "tone", hertz: frequency }),
};
