/** One frame of a sound under its window, and its spectrum: a column of `STFT.magnitude`. */

import { makeGrid } from "./stft.js";

// What is seen of levels: dB below the strongest that a sound could be.
const RANGE_DB = 75, LOUDEST_DB = -6;

// Rows of a picture, from 0 Hz up.
export const ROWS = 96;

/**
 * The number of frames of a sound, centred, as `STFT.n_frames` says.
 * @param {number} n_samples @param {number} hop_length
 */
export function countFrames(n_samples, hop_length) {
  return 1 + Math.floor(n_samples / hop_length);
}

/**
 * What looks at one frame of a sound: `lens(centre)` returns the windowed frame and the magnitudes
 * of its spectrum, which the next call overwrites.
 * @param {Values} x @param {number} n_fft even
 */
export function makeLens(x, n_fft) {
  const { window, fft } = makeGrid({ sr: 1, n_fft, hop_length: n_fft });
  const frame = new Float64Array(n_fft), size = new Float64Array(n_fft / 2 + 1);
  return (centre) => {
    const first = centre - n_fft / 2, end = Math.min(n_fft, x.length - first);
    fft.z.fill(0);
    frame.fill(0);
    for (let t = Math.max(0, -first); t < end; t++) fft.z[2 * t] = frame[t] = x[first + t] * window[t];
    fft.transform();
    for (let k = 0; k < size.length; k++) size[k] = Math.hypot(fft.z[2 * k], fft.z[2 * k + 1]);
    return { frame, size };
  };
}

/** Where the largest value is; the first of several. */
export function indexOfLargest(values) {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[at]) at = i;
  return at;
}

/** Even lengths, four to the octave around the book's own of 46 ms, that fit in half of a sound. */
export function lensLengths(n_samples, sr) {
  const usual = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const stops = Array.from({ length: 25 }, (_, i) => 2 * Math.round(usual * 2 ** (i / 4 - 4) / 2));
  // At a low rate neighbours are rounded to one.
  return [...new Set(stops)].filter((n) => n >= 4).filter((n, i) => n <= n_samples / 2 || !i);
}

/** How high a magnitude stands, from 0 to 1; `reference` is that of the strongest. */
export function heightOf(size, reference) {
  const level = 20 * Math.log10(size / reference + 1e-9);
  return Math.min(1, Math.max(0, (level - LOUDEST_DB) / RANGE_DB + 1));
}

/** The rows of a picture up to `high` Hz as bytes from 1 to 240: the largest of the bins in each. */
function bytesOf(size, reference, high, bin_hz) {
  return Uint8Array.from({ length: ROWS }, (_, r) => {
    const low = r * high / ROWS, last = Math.floor((low + high / ROWS) / bin_hz);
    let most = size[Math.min(size.length - 1, Math.round(low / bin_hz))];
    for (let k = Math.ceil(low / bin_hz); k <= Math.min(size.length - 1, last); k++)
      if (size[k] > most) most = size[k];
    return 1 + Math.round(239 * heightOf(most, reference));
  });
}

/**
 * The trail of a lens: `trail(last)` returns the picture of frames 0 to `last`, of which each is
 * looked at once.
 * @param {{x: Values, sr: number, top: number, high: number}} sound `top` is its peak
 * @param {{n_fft: number, hop_length: number}} grid
 */
export function makeTrail({ x, sr, top, high }, { n_fft, hop_length }) {
  const lens = makeLens(x, n_fft), columns = [];
  return (last) => {
    for (let m = columns.length; m <= last; m++)
      columns.push(bytesOf(lens(m * hop_length).size, top * n_fft / 4, high, sr / n_fft));
    const n = last + 1, bytes = new Uint8Array(ROWS * n);
    for (let m = 0; m < n; m++)
      for (let r = 0; r < ROWS; r++) bytes[(ROWS - 1 - r) * n + m] = columns[m][r];
    return { columns: n, rows: ROWS, bytes };
  };
}

/**
 * A picture from the middle of its first column on, in halves of columns, which ends `n_columns`
 * behind that at the latest: nothing of it lies beyond the sound.
 */
export function inside({ columns, rows, bytes }, n_columns) {
  const n = Math.max(1, Math.min(2 * columns - 1, Math.floor(2 * n_columns))), halves = new Uint8Array(n * rows);
  for (let i = 0; i < halves.length; i++) halves[i] = bytes[Math.floor(i / n) * columns + (i % n + 1 >> 1)];
  return { columns: n, rows, bytes: halves };
}
