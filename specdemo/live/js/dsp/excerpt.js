/** A rectangle of a spectrogram: how much of the sound lies in it, and what it sounds like. */

import { forward, inverse } from "./stft.js";

/**
 * The transform of a sound, and what the sums over its rectangles are made of: the energy of all
 * frames before one, in all bins below one.
 * @param {Values} x @param {Grid} grid
 */
export function makePlane(x, grid) {
  const X = forward(x, grid), { re, im, n_frames, n_bins } = X, width = n_bins + 1;
  const sums = new Float64Array((n_frames + 1) * width);
  for (let m = 0; m < n_frames; m++) {
    for (let k = 0, row = 0; k < n_bins; k++) {
      const i = m * n_bins + k;
      row += re[i] * re[i] + im[i] * im[i];
      sums[(m + 1) * width + k + 1] = sums[m * width + k + 1] + row;
    }
  }
  return { X, sums, grid, n_samples: x.length };
}

/**
 * Frames and bins from the first to behind the last whose centre lies in a rectangle of s and Hz.
 * @param {Record<string, number>} edges @param {{X: Transform, grid: Grid}} plane
 */
export function cellsIn({ start, end, low, high }, { X, grid: { sr, n_fft, hop_length } }) {
  const range = (from, to, unit, n) => {
    const first = Math.min(n, Math.ceil(from / unit - 1e-6));
    return [first, Math.max(first, Math.min(n, Math.floor(to / unit + 1e-6) + 1))];
  };
  const [first, last] = range(start, end, hop_length / sr, X.n_frames);
  const [bottom, top] = range(low, high, sr / n_fft, X.n_bins);
  return { first, last, bottom, top };
}

/** The part of all energy, from 0 to 1, that lies in cells. */
export function shareOf({ first, last, bottom, top }, { sums, X: { n_frames, n_bins } }) {
  const at = (m, k) => sums[m * (n_bins + 1) + k];
  const inside = at(last, top) - at(first, top) - at(last, bottom) + at(first, bottom);
  return inside / (at(n_frames, n_bins) || 1);
}

/**
 * The sound of cells alone, from half a frame before the first of them to half a frame behind the
 * last, so that it begins and ends in silence.
 */
export function soundOf({ first, last, bottom, top }, { X, grid, n_samples }) {
  const { n_bins } = X, re = new X.re.constructor(X.re.length), im = new X.im.constructor(X.im.length);
  for (let m = first; m < last; m++) {
    const from = m * n_bins + bottom, to = m * n_bins + top;
    re.set(X.re.subarray(from, to), from);
    im.set(X.im.subarray(from, to), from);
  }
  const half = grid.n_fft / 2, y = inverse({ ...X, re, im }, grid, n_samples);
  const begin = Math.max(0, first * grid.hop_length - half);
  return y.subarray(begin, Math.max(begin + 1, Math.min(n_samples, (last - 1) * grid.hop_length + half)));
}
