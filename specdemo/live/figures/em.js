/** From mel bands to a spectrum: EM on its way from a smooth start, and three other ways. */

import { peakOf } from "../js/dsp/arrays.js";
import { melInverse } from "../js/dsp/em.js";
import { corrected, frameOf, sizeOf } from "../js/dsp/guess.js";
import { loopOf } from "../js/dsp/loops.js";
import { melForward } from "../js/dsp/melbank.js";
import { nonNegative, pseudoInverse, transposed } from "../js/dsp/ways.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { area, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

const LEFT = 14, TOP = 24, SPECTRUM = 160, PLANE = 150;
const FLOOR = TOP + SPECTRUM, PLANE_TOP = FLOOR + 60, BOTTOM = PLANE_TOP + PLANE, RAIL = BOTTOM + 62;
const LOWEST_DB = -80, HEADROOM_DB = 10, HIGHEST_HZ = 4000, MOST_ITERATIONS = 60, BEST_FIT_DB = -100, NEAREST_DB = -36, FURTHEST_DB = 8, NOISE = 2 ** 14;
const WAYS = ["EM", "transpose", "pinv", "NNLS"];

function places({ high, top }, width) {
  const plot = width - 2 * LEFT;
  return {
    plot, X: (f) => LEFT + plot * f / high, level: (v) => SPECTRUM * Math.max(0, 1 - (20 * Math.log10(v / top + 1e-9) - HEADROOM_DB) / (LOWEST_DB - HEADROOM_DB)),
    F: (fit) => LEFT + 10 + (plot - 20) * fit / BEST_FIT_DB,
    D: (far) => PLANE_TOP + PLANE * (FURTHEST_DB - Math.min(FURTHEST_DB, Math.max(NEAREST_DB, far))) / (FURTHEST_DB - NEAREST_DB),
    W: (way) => LEFT + 20 + (plot - 50) * (way - 1) / 3, way: (x) => 1 + (x - LEFT - 20) / (plot - 50) * 3,
  };
}

/** A guess: how well its bands fit, and how far it is from the frame, in dB. */
function judged(S, { M, bank, size }) {
  const apart = (a, b) => 20 * Math.log10(sizeOf(a.map((v, i) => v - b[i])) / (sizeOf(b) || 1) + 1e-30);
  return { S, fit: Math.max(BEST_FIT_DB, apart(melForward(S, bank), M)), far: Math.max(BEST_FIT_DB, apart(S, size)) };
}

/** @param {any} data @param {State} state */
const chosen = ({ steps, others }, { way, n_iter }) => (way === 1 ? steps[n_iter] : others[way - 2]);

function spectrumMarks({ size, bin }, { S }, n, { X, level, plot }) {
  return word(LEFT, TOP - 8, "the frame, and the guess from its bands") + rect(LEFT, TOP, plot, SPECTRUM, "sd-field")
    + area(n, (k) => [X(k * bin), FLOOR - level(size[k])], FLOOR, "sd-lens") + curve(n, (k) => [X(k * bin), FLOOR - level(S[k])], "sd-accent");
}

/**
 * Guesses by how well they fit, to the right, and how near they are to the frame, downwards.
 * @param {any} data @param {State} state @param {ReturnType<typeof places>} place
 */
function planeMarks({ steps, others }, { way, n_iter }, { F, D, plot }) {
  const right = LEFT + plot, path = (n) => curve(n, (i) => [F(steps[i].fit), D(steps[i].far)], n > n_iter + 1 ? "sd-faint" : "sd-accent");
  const dots = others.map(({ fit, far }, i) => tag("circle", { cx: F(fit), cy: D(far), r: way === i + 2 ? 7 : 5, class: way === i + 2 ? "sd-now" : "sd-tone" })
    + word(F(fit) + (i < 2 ? 9 : -9), D(far) + 4, WAYS[i + 1], "sd-small", i < 2 ? "start" : "end"));
  return rect(LEFT, PLANE_TOP, plot, PLANE, "sd-empty") + path(steps.length) + path(n_iter + 1) + dots.join("")
    + word(LEFT, PLANE_TOP - 8, "lower: nearer to the frame") + word(right, BOTTOM + 18, "fits the bands better \u2192", "sd-small", "end");
}

/** @type {FigureKind} */
export const em = {
  name: "em",
  title: "The spectrum of a frame and a guess from its mel bands; all guesses by their fit and by their distance",
  hear: "Hear the guess",

  prepare(sound) {
    const frame = frameOf(sound), { bank, M, size } = frame, steps = [];
    corrected(melInverse(M, bank, 0), M, bank, MOST_ITERATIONS, (S) => steps.push(judged(S, frame)));
    const others = [transposed, pseudoInverse, nonNegative].map((way) => judged(way(M, bank), frame));
    return { ...frame, steps, others, top: peakOf(size),
      high: Math.min(HIGHEST_HZ, sound.sr / 2), bin: sound.sr / frame.grid.n_fft };
  },

  start: () => ({ n_iter: 2, way: 1 }),

  handles: () => [
    { name: "n_iter", label: "Iterations of EM", min: 0, max: MOST_ITERATIONS, page: 10 },
    { name: "way", label: "Way: EM, transpose, pseudo-inverse, NNLS", stops: [1, 2, 3, 4] },
  ],

  /** Whoever moves EM wants to see it. */
  changed: (state, key, value) => ({ ...state, ...(key === "n_iter" ? { way: 1 } : {}), [key]: value }),

  draw(state, data, width) {
    const { grid, steps, others, high, bin } = data, place = places(data, width), { X, F, D, W, plot } = place;
    const guess = chosen(data, state), n = Math.min(grid.n_bins, Math.floor(high / bin) + 1), { n_iter, way } = state;
    const most = peakOf(guess.S), used = guess.S.filter((v) => v > 1e-9 * most).length;
    const name = way === 1 ? `EM, ${n_iter} iterations` : WAYS[way - 1];
    const text = `${name}: bands fit to ${round(guess.fit)} decibels, ${round(guess.far, 1)} from the frame`;
    const ticks = hertzTicks(high, 0.5 * plot);
    const nearest = (x) => steps.reduce((best, { fit }, i) => (Math.abs(F(fit) - x) < Math.abs(F(steps[best].fit) - x) ? i : best), 0);
    // Whose dot a place of the plane is nearest to.
    const dot = ({ x, y }) => {
      const away = [steps[n_iter], ...others].map(({ fit, far }) => Math.hypot(F(fit) - x, D(far) - y));
      return 1 + away.indexOf(Math.min(...away));
    };
    return {
      height: RAIL + 34, says: text,
      marks: spectrumMarks(data, guess, n, place) + planeMarks(data, state, place)
        + ticks.map((f) => word(X(f), FLOOR + 17, f ? frequencyLabel(f) : "0 Hz", "sd-small", f < high ? (f ? "middle" : "start") : "end")).join("")
        + line(LEFT, RAIL, LEFT + plot, RAIL, "sd-axis") + WAYS.map((one, i) => word(W(i + 1), RAIL + 28, one, "sd-small", "middle")).join(""),
      grips: {
        n_iter: { x: F(steps[n_iter].fit), y: D(steps[n_iter].far), text, move: ({ x }) => nearest(x) },
        way: { x: W(way), y: RAIL, text, move: (to) => (to.y < BOTTOM ? dot(to) : Math.max(1, place.way(to.x))) },
      },
      surfaces: { way: { x: LEFT, y: PLANE_TOP, width: plot, height: RAIL + 34 - PLANE_TOP } },
      numbers: [
        { name: "way", label: "way", text: name },
        { name: "fit", label: "bands fit to", text: `${signed(guess.fit.toFixed(1))} dB` },
        { name: "far", label: "from the frame", text: `${signed(guess.far.toFixed(1))} dB` },
        { name: "used", label: "bins in use", text: `${used}` },
      ],
    };
  },

  heard(state, data) {
    const { S } = chosen(data, state), at = (f) => S[Math.min(S.length - 1, Math.round(f / data.bin))];
    return loopLater(`${state.way} ${state.n_iter}`, () => loopOf(NOISE, data.grid.sr, at));
  },
};
