/** One frame of a sound under its window, and its spectrum: a column of `STFT.magnitude`. */

import { makeGrid } from "./stft.js";

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
