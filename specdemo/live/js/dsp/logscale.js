/**
 * Bands as a model's numbers, and back, as `specdemo.LogScale`:
 * `(factor * log(bands) - mean) / std`. Arrays hold a frame a row; the settings have the names of
 * Python, and the registry leaves out those that are as here.
 */

import { largest } from "./arrays.js";
import { demand } from "./limits.js";

/** @typedef {typeof DEFAULTS} Scale */

export const DEFAULTS = {
  base: "e", factor: 1, floor: 1e-5, add: false, below_max: /** @type {number|null} */ (null),
  mean: /** @type {number|number[]} */ (0), std: /** @type {number|number[]} */ (1),
  clip: /** @type {number[]|null} */ (null), zeros_only: false, to_max: false, per_band: false,
};

// The smallest number that double precision keeps with all its digits.
const TINY = 2 ** -1022;

// What NeMo adds to deviations, so that a constant band is not divided by zero.
const DEVIATION_FLOOR = 1e-5;

/** @param {Partial<Scale>} settings @returns {Scale} */
export function makeScale(settings) {
  return { ...DEFAULTS, ...settings };
}

const logOf = ({ base }) => (base === "e" ? Math.log : Math.log10);
const column = (value, n_mels) =>
  (typeof value === "number" ? new Float64Array(n_mels).fill(value) : Float64Array.from(value));

/** The model's numbers of bands. @param {Values} M @param {number} n_mels @param {Scale} scale */
export function scaled(M, n_mels, scale) {
  const { factor, below_max, to_max, per_band, clip } = scale, log = logOf(scale);
  const A = M.map((v) => factor * log(floored(v, scale))), loudest = largest(A);
  const offset = to_max ? loudest : 0;
  const lowest = below_max === null ? -Infinity : loudest - offset - below_max;
  for (let i = 0; i < A.length; i++) A[i] = Math.max(A[i] - offset, lowest);
  const statistics = per_band ? measured(A, n_mels) : scale;
  const mean = column(statistics.mean, n_mels), std = column(statistics.std, n_mels);
  const [low, high] = clip ?? [-Infinity, Infinity];
  return A.map((v, i) =>
    Math.min(high, Math.max(low, (v - mean[i % n_mels]) / std[i % n_mels])));
}

function floored(v, { floor, add, zeros_only }) {
  if (zeros_only) return v === 0 ? floor : v;
  return add ? v + floor : Math.max(v, floor);
}

/**
 * Bands of a model's numbers, which may lie a little outside of what is possible: not negative.
 * @param {Values} A @param {number} n_mels @param {Scale} scale
 */
export function unscaled(A, n_mels, scale) {
  const { base, factor, floor, add, per_band } = scale;
  demand(!per_band, "The mean and the deviation of every band were taken away from the array, "
    + "and must be given back.");
  for (const name of ["mean", "std"]) {
    const numbers = scale[name].length ?? n_mels;
    demand(numbers === n_mels,
      `There must be one ${name} for each of the ${n_mels} bands; there are ${numbers}.`);
  }
  const mean = column(scale.mean, n_mels), std = column(scale.std, n_mels);
  const power = base === "e" ? Math.exp : (level) => 10 ** level;
  const M = A.map((v, i) => {
    const band = power((v * std[i % n_mels] + mean[i % n_mels]) / factor);
    return add ? Math.max(0, band - floor) : band;
  });
  demand(M.every(Number.isFinite), "The array is too large for this format: its bands are beyond "
    + "all numbers.");
  return M;
}

/** Mean and deviation of every band of logarithms. @param {Values} A @param {number} n_mels */
export function measured(A, n_mels) {
  const n_frames = A.length / n_mels, bands = Array.from({ length: n_mels }, (_, b) => b);
  const sumOf = (b, value) => {
    let sum = 0;
    for (let i = b; i < A.length; i += n_mels) sum += value(A[i]);
    return sum;
  };
  const mean = bands.map((b) => sumOf(b, (v) => v) / n_frames);
  const std = bands.map((b) =>
    Math.sqrt(sumOf(b, (v) => (v - mean[b]) ** 2) / (n_frames - 1)) + DEVIATION_FLOOR);
  return { mean, std };
}

/** The scale of an utterance whose statistics of every band are known. @param {Scale} scale */
export function withStatistics(scale, mean, std) {
  return { ...scale, mean, std, per_band: false };
}

/** The scale of an utterance whose largest value, which was subtracted, is known. */
export function withPeak(scale, peak) {
  return { ...scale, to_max: false, mean: peak };
}

/** What a level becomes in the band where `better` finds the most extreme. */
function normalised(level, { mean, std }, better) {
  const means = [mean].flat(), stds = [std].flat(), length = Math.max(means.length, stds.length);
  const at = (values, i) => values[Math.min(i, values.length - 1)];
  return better(...Array.from({ length }, (_, i) => (level - at(means, i)) / at(stds, i)));
}

/** The least value of an array whose bands are at least `least`. @param {Scale} scale */
export function lowestOf(least, scale) {
  const { factor, floor, add, zeros_only, below_max, to_max, per_band, clip } = scale;
  if (per_band) return -Infinity;
  let lowest = -(below_max ?? Infinity);
  if (!to_max) {
    const lower = zeros_only ? TINY : floor;
    lowest = normalised(
      factor * logOf(scale)(add ? least + lower : Math.max(least, lower)), scale, Math.min);
  }
  return clip ? Math.max(lowest, clip[0]) : lowest;
}

/** The largest value of an array whose bands are at most `loudest`. @param {Scale} scale */
export function highestOf(loudest, scale) {
  const { factor, floor, add, to_max, per_band, clip } = scale;
  if (per_band) return Infinity;
  const level = factor * logOf(scale)(add ? loudest + floor : loudest);
  const highest = to_max ? 0 : normalised(level, scale, Math.max);
  return clip ? Math.min(highest, clip[1]) : highest;
}

/** How far the values of one array can lie apart. @param {Scale} scale */
export function widestOf({ below_max, std, per_band }) {
  return below_max === null || per_band || typeof std !== "number" ? Infinity : below_max / std;
}

/**
 * What cannot be had back from the numbers alone: a sentence for each rule.
 * @param {Scale} scale @param {number} power of the magnitudes in the bands
 */
export function lossesOf({ base, factor, below_max, to_max, per_band, clip }, power) {
  const quiet = below_max * (base === "10" ? 20 : 20 / Math.LN10) / factor / power;
  return [
    to_max && "The level is lost: the largest value of the utterance was subtracted.",
    per_band && "Level and colour are lost: every band has the mean 0 and the deviation 1.",
    below_max !== null && `What lies more than ${Math.round(quiet)} dB below the loudest band of `
      + "the utterance is raised to that.",
    clip && `Values below ${clip[0]} and above ${clip[1]} are clipped.`,
  ].filter(Boolean);
}
