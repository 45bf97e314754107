/** Banks that are no triangles over Hz or mel, from formulas, as `specdemo.formats.banks`. */

import { hzToMel, melToHz } from "./melscale.js";

/** @typedef {{n_fft: number, n_bins: number, sr: number}} Bins */

/** Frequencies in Hz, evenly spaced in mel. */
function cornersOf(n_mels, fmin, fmax) {
  const low = hzToMel(fmin, "htk"), step = (hzToMel(fmax, "htk") - low) / (n_mels + 1);
  return Array.from({ length: n_mels + 2 }, (_, b) => melToHz(low + b * step, "htk"));
}

/** Triangles whose corners are bins, of a power that is divided by `n_fft`. @param {Bins} grid */
function flooredBins({ n_fft, n_bins, sr }, n_mels, fmin, fmax) {
  const corners = cornersOf(n_mels, fmin, fmax).map((f) => Math.floor((n_fft + 1) * f / sr));
  return Array.from({ length: n_mels }, (_, b) => {
    const [low, tip, high] = corners.slice(b);
    return Float64Array.from({ length: n_bins }, (_, k) => {
      if (k >= tip) return k < high ? (high - k) / (high - tip) / n_fft : 0;
      return k >= low ? (k - low) / (tip - low) / n_fft : 0;
    });
  });
}

/** Triangles that fall as steeply as they rise. @param {Bins} grid */
function symmetric({ n_fft, n_bins, sr }, n_mels, fmin, fmax) {
  const corners = cornersOf(n_mels, fmin, fmax);
  return Array.from({ length: n_mels }, (_, b) => {
    const tip = corners[b + 1], width = tip - corners[b];
    return Float64Array.from({ length: n_bins }, (_, k) =>
      Math.max(0, 1 - Math.abs(k * (sr / n_fft) - tip) / width));
  });
}

// In which mel are logarithms: mel = 2595 log10(1 + f / 700).
const HTK_BREAK_HZ = 700;

/**
 * Triangles that are nowhere narrower than one and a half bins. What is narrower is widened around
 * its tip, one band after the other; the corners of a triangle are the tips of its neighbours, and
 * move with it. The bins are `n_bins - 1` places from 0 to Nyquist, the first without weight, which
 * the transform fills without the bin of 0 Hz.
 * @param {Bins} grid
 */
function widened({ sr, n_bins }, n_mels, fmin, fmax) {
  const n_places = n_bins - 1, least = 1.5 * sr / 2 / n_places;
  const corners = cornersOf(n_mels, fmin, fmax).map((f) => f + HTK_BREAK_HZ);
  for (let b = 0; b < n_mels; b++) {
    const [low, tip, high] = corners.slice(b, b + 3);
    if (high - low >= least) continue;
    // Equal parts of a mel to both sides.
    const reach = Math.asinh(least / 2 / tip);
    [corners[b], corners[b + 2]] = [tip * Math.exp(-reach), tip * Math.exp(reach)];
  }
  return Array.from({ length: n_mels }, (_, b) => {
    const [low, tip, high] = corners.slice(b, b + 3).map((f) => f - HTK_BREAK_HZ);
    return Float64Array.from({ length: n_bins }, (_, k) => {
      const place = (k - 1) * (sr / 2) / (n_places - 1);
      const weight = Math.min((place - low) / (tip - low), (high - place) / (high - tip));
      return k < 2 ? 0 : Math.max(0, weight);
    });
  });
}

/** @typedef {(grid: Bins, n_mels: number, fmin: number, fmax: number) => Float64Array[]} Formula */

/** @type {Record<string, Formula>} */
const FORMULAS = { floored_bins: flooredBins, symmetric, widened };

/**
 * What `melBank` asks for the bands of every bin, and their centres in Hz.
 * @typedef {(grid: Bins, n_mels: number, fmin: number, fmax: number) => {width: number,
 *   band: Int32Array, weights: Float64Array, center_frequencies: Float64Array}} MakeFilters
 */

/** The filters of a name. @param {string} name @returns {MakeFilters} */
export function filtersOf(name) {
  return (grid, n_mels, fmin, fmax) => {
    const rows = FORMULAS[name](grid, n_mels, fmin, fmax);
    const tips = cornersOf(n_mels, fmin, fmax).slice(1);
    const center_frequencies = Float64Array.from(rows, (row, b) => centreOf(row, grid) ?? tips[b]);
    return { ...packed(rows, grid.n_bins), center_frequencies };
  };
}

/** The bands of every bin, out of the rows of a matrix. @param {Float64Array[]} rows */
function packed(rows, n_bins) {
  const first = new Int32Array(n_bins), last = new Int32Array(n_bins);
  let width = 2;
  for (let k = 0; k < n_bins; k++) {
    const seen = rows.flatMap((row, b) => (row[k] > 0 ? [b] : []));
    [first[k], last[k]] = [seen[0] ?? 0, seen.at(-1) ?? 0];
    width = Math.max(width, last[k] - first[k] + 1);
  }
  const weights = new Float64Array(n_bins * width), band = first.map((b) => b + width - 1);
  for (let k = 0; k < n_bins; k++) {
    for (let b = first[k]; b <= last[k]; b++) weights[k * width + b - first[k]] = rows[b][k];
  }
  return { width, band, weights };
}

/** The centre of gravity of a filter in Hz; undefined when it holds no bin. */
function centreOf(row, { sr, n_fft }) {
  let sum = 0, moment = 0;
  row.forEach((weight, k) => {
    sum += weight;
    moment += weight * k;
  });
  return sum > 0 ? moment / sum * (sr / n_fft) : undefined;
}
