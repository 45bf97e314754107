/** Two demands as a line and a circle, and the path between them. */

import { stepsUntil, walk } from "../js/dsp/projections.js";
import { curve, line, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const MOST_STEPS = 40, LOWEST_DB = -100, ENOUGH = 0.001, HIGHEST = 1.3, FULL = 0.99;
const TOP = 50, CURVE = 96, TRACK = 16, LEFT = 50, WIDEST = 250;
const RADIANS = Math.PI / 180;

/** The upper half of the plane, and below it the gap step by step. */
function places(width) {
  const scale = Math.min(WIDEST, (width - 20) / 2.3), middle = width / 2, base = TOP + scale * HIGHEST + 10;
  const plot = width - LEFT - 14, top = base + 38, floor = top + CURVE;
  return {
    plot, top, floor, base, reach: Math.min(1.3, middle / scale - 0.05), start: 96, track: Math.min(150, width - 140),
    X: (v) => middle + scale * v, Y: (v) => base - scale * v,
    x: (px) => (px - middle) / scale, y: (py) => (base - py) / scale,
    count: (i) => LEFT + plot * i / MOST_STEPS,
    level: (db) => floor - CURVE * (1 - Math.max(LOWEST_DB, db) / LOWEST_DB),
  };
}

/** The two sets. */
function sets(height, { X, Y, reach }) {
  const half = (i) => /** @type {[number, number]} */ ([X(Math.cos(Math.PI * i / 90)), Y(Math.sin(Math.PI * i / 90))]);
  return curve(91, half, "sd-faint") + line(X(-reach), Y(height), X(reach), Y(height), "sd-wave")
    + word(X(0.93), Y(0.06), "right magnitude", "sd-small", "end")
    + word(X(-reach), Y(height) - 8, "consistent");
}

/** The way between the sets, up to a step. */
function way(steps, n_steps, { X, Y }, kind) {
  const points = steps.slice(0, n_steps).flatMap(({ on, foot, ahead }) => [on, foot, ahead]);
  points.push(steps[n_steps].on);
  const dots = steps.slice(1, n_steps + 1).map(({ on: [x, y] }) => tag("circle", { cx: X(x), cy: Y(y), r: 2.5, class: "sd-bin" }));
  return curve(points.length, (i) => [X(points[i][0]), Y(points[i][1])], kind) + (kind === "sd-accent" ? dots.join("") : "");
}

/** The gap, step by step: faintly without momentum. */
function fall(steps, plain, n_steps, { plot, floor, top, count, level }) {
  const points = (all) => (i) => /** @type {[number, number]} */ ([count(i), level(20 * Math.log10(all[i].gap + 1e-9))]);
  const ticks = [0, 10, 20, 30, MOST_STEPS].map((i) => word(count(i), floor + 24, `${i}`, "sd-small", "middle"));
  const rows = [0, -50, LOWEST_DB].map((db) => word(LEFT - 12, level(db) + 4, signed(db), "sd-small", "end"));
  return word(LEFT, top - 12, "gap in dB, step by step") + line(LEFT, floor, LEFT + plot, floor, "sd-axis")
    + curve(MOST_STEPS + 1, points(plain), "sd-wave") + curve(MOST_STEPS + 1, points(steps), "sd-faint")
    + curve(n_steps + 1, points(steps), "sd-accent") + ticks.join("") + rows.join("");
}

/** Where the dots are. @param {State} state */
function gripsOf(state, gap, { X, Y, x, y, reach, start, track, plot, floor, count }) {
  const angle = state.start * RADIANS, apart = `${gap.toFixed(3)} apart`;
  return {
    start: { x: X(Math.cos(angle)), y: Y(Math.sin(angle)), text: `${round(state.start)} degrees; in the end ${apart}`,
      move: (to) => Math.atan2(Math.max(0, y(to.y)), x(to.x)) / RADIANS },
    height: { x: X(reach), y: Y(state.height), text: `${round(state.height, 2)}; in the end ${apart}`, move: (to) => y(to.y) },
    momentum: { x: start + track * state.momentum, y: TRACK, text: `${round(state.momentum, 2)}; in the end ${apart}`,
      move: (to) => (to.x - start) / track },
    n_steps: { x: count(state.n_steps), y: floor, text: `${state.n_steps} steps, ${apart}`,
      move: (to) => (to.x - LEFT) / plot * MOST_STEPS },
  };
}

/** @type {FigureKind} */
export const projections = {
  name: "projections",
  title: "A line and a circle, and a path that goes to and fro between them towards where they cross",

  prepare: () => ({}),
  start: () => ({ start: 80, height: 0.85, momentum: 0, n_steps: 6 }),

  handles: () => [
    { name: "start", label: "Start on the circle, in degrees", min: 0, max: 180, step: 1, page: 15, reversed: "x" },
    { name: "height", label: "Height of the line", min: 0, max: HIGHEST, step: 0.01, page: 0.1 },
    { name: "momentum", label: "Momentum", min: 0, max: FULL, step: 0.01, page: 0.1 },
    { name: "n_steps", label: "Steps", min: 0, max: MOST_STEPS, page: 5 },
  ],

  draw(state, _, width) {
    const { height, momentum, n_steps } = state, place = places(width), { X, Y, reach, plot, start, track, floor, top } = place;
    const walked = (m) => walk(state.start * RADIANS, height, m, MOST_STEPS);
    const steps = walked(momentum), plain = walked(0), { gap } = steps[n_steps], needed = stepsUntil(steps, ENOUGH);
    return {
      height: floor + 30, says: `After ${n_steps} steps the gap is ${gap.toFixed(3)}.`,
      marks: sets(height, place) + way(plain, n_steps, place, "sd-wave") + way(steps, n_steps, place, "sd-accent")
        + fall(steps, plain, n_steps, place) + word(4, TRACK + 4, "momentum")
        + line(start, TRACK, start + track, TRACK, "sd-axis") + word(start, TRACK + 25, "0", "sd-small", "middle")
        + word(start + track, TRACK + 25, "1", "sd-small", "middle"),
      grips: gripsOf(state, gap, place),
      surfaces: {
        start: { x: X(-1.1), y: TOP, width: X(1.1) - X(-1.1), height: place.base - TOP },
        height: { x: X(-reach), y: Y(height) - 10, width: X(reach) - X(-reach), height: 20 },
        momentum: { x: start - 10, y: 0, width: track + 20, height: 40 },
        n_steps: { x: LEFT, y: top, width: plot, height: floor - top },
      },
      numbers: [
        { name: "steps", label: "steps", text: `${n_steps}` },
        { name: "gap", label: "gap", text: gap.toFixed(4) },
        { name: "needed", label: `steps to a gap below ${ENOUGH}`, text: height > 1 ? "never" : needed > MOST_STEPS ? `over ${MOST_STEPS}` : `${needed}` },
      ],
    };
  },

  action: {
    label: "One step",
    apply: (state) => ({ ...state, n_steps: Math.min(MOST_STEPS, state.n_steps + 1) }),
  },
};
