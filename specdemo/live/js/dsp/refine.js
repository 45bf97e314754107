/** How the phase gets better: Griffin-Lim, with momentum, as `specdemo.phase.refinements`. */

import { SMALLEST, largest, measure, multiply, sumOfSquares } from "./arrays.js";
import { BEST_DB } from "./metrics.js";
import {
  analyse, endsOf, longest, oneOverEnough, openEndsOf, shortest, synthesise, windowSum,
} from "./stft.js";

/**
 * Griffin-Lim, with momentum the fast one (Perraudin et al. 2013): improves a start and returns
 * the signal, after it has yielded `{i, convergence_db, found}` for every iteration: `found()` is
 * the signal so far.
 * @param {Values} S wanted magnitudes @param {Values} phase @param {Grid} grid
 * @param {{n_iter?: number, momentum?: number, length?: number, measure_every?: number}} [options]
 *   the convergence is measured in the first, in every `measure_every`th and in the last
 *   iteration, and repeated between
 */
export function* griffinLim(S, phase, grid, options = {}) {
  const size = new Float64Array(grid.n_bins);
  const step = (row, m) => impose(row, S, m * size.length);
  const error = (row, m) => {
    measure(row, size);
    return squaredDistance(size, S, m * size.length);
  };
  return yield* refine({ S, phase, grid, step, error, energy: sumOfSquares(S) }, options);
}

/**
 * The loop of all refinements, from the waveform of `S` and `phase`. In every iteration
 * `step(row, m)` turns a frame of the coefficients of the waveform into a better guess, and the
 * guesses are the next waveform. Outside of `length` it is held at the padding of the grid.
 * `error(row, m)` is what a frame adds to the convergence.
 */
export function* refine({ S, phase, grid, step, error, energy }, options) {
  const { n_iter = 32, momentum = 0.99, measure_every = 1, length } = options;
  const n_frames = S.length / grid.n_bins, waveform = makeWaveform(n_frames, grid, length);
  let x = waveform.empty(), next = waveform.empty(), previous = waveform.empty();
  let convergence_db = NaN;
  synthesise(x, n_frames, grid, (row, m) => setPolar(row, S, phase, m * grid.n_bins));
  waveform.settle(x);
  for (let i = 1; i <= n_iter; i++) {
    // Analysis is linear: the coefficients overshoot their last change when the waveform does.
    if (i > 1) overshoot(previous, x, momentum);
    next.fill(0);
    analyse(i > 1 ? previous : x, n_frames, grid, step, next);
    waveform.settle(next);
    [previous, x, next] = [x, next, previous];
    if (i === 1 || i % measure_every === 0 || i === n_iter) {
      convergence_db = convergenceOf(x, n_frames, grid, error, energy);
    }
    yield { i, convergence_db, found: () => inside(x) };
  }
  return inside(x);

  function inside(y) {
    const n_samples = length ?? shortest(n_frames, grid);
    return new S.constructor(y.subarray(grid.padding, grid.padding + n_samples));
  }
}

/**
 * Samples of the sound before it is cut, or undefined where they are unknown. A length is that of the
 * sound, unless a sound so short has fewer frames: then it is only a cut. Without padding that copies
 * samples, the sound may as well be as long as its frames allow.
 */
export function soundLength(n_frames, grid, length) {
  if (length !== undefined && length >= shortest(n_frames, grid)) return length;
  return grid.pad_mode === "constant" ? longest(n_frames, grid) : undefined;
}

/** Waveforms under frames, and what settles a sum of frames: divided, and held at its padding. */
function makeWaveform(n_frames, grid, length) {
  const total = windowSum(n_frames, grid), most = largest(total);
  const n_samples = soundLength(n_frames, grid, length);
  const ends = n_samples === undefined ? openEndsOf(shortest(n_frames, grid), grid)
    : endsOf(n_samples, total.length, grid);
  ends.fold(total);
  const weights = oneOverEnough(total, most);
  return {
    empty: () => new Float64Array(total.length),
    settle(y) {
      ends.fold(y);
      multiply(y, weights);
      ends.extend(y);
    },
  };
}

function setPolar({ re, im }, S, phase, from) {
  for (let k = 0, i = from; k < re.length; k++, i++) {
    re[k] = S[i] * Math.cos(phase[i]);
    im[k] = S[i] * Math.sin(phase[i]);
  }
}

/** Give a row the magnitudes that stand at `from`; zeros stay zero. */
export function impose({ re, im }, size, from = 0) {
  for (let k = 0, i = from; k < re.length; k++, i++) {
    const a = re[k], b = im[k], power = a * a + b * b;
    const factor = power > 0 ? size[i] / Math.sqrt(power) : 0;
    re[k] = a * factor;
    im[k] = b * factor;
  }
}

/** `previous` becomes `x` plus `momentum` times its last change. */
function overshoot(previous, x, momentum) {
  for (let t = 0; t < x.length; t++) previous[t] = x[t] + momentum * (x[t] - previous[t]);
}

/** The sum of squared differences of a row from the values that stand at `from`. */
export function squaredDistance(row, values, from) {
  let sum = 0;
  for (let k = 0, i = from; k < row.length; k++, i++) sum += (row[k] - values[i]) ** 2;
  return sum;
}

function convergenceOf(x, n_frames, grid, error, energy) {
  let sum = 0;
  analyse(x, n_frames, grid, (row, m) => { sum += error(row, m); });
  return Math.max(BEST_DB, 10 * Math.log10(Math.max(sum, SMALLEST) / Math.max(energy, SMALLEST)));
}
