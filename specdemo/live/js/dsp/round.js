/** Sounds that go round: the last sample is followed by the first, and the last frame by the first. */

import { forward, inverse, makeGrid } from "./stft.js";

/**
 * A grid without ends, as of `STFT(sr, n_fft, hop_length)` far from the ends of a sound: frame m
 * begins at sample m times the hop.
 * @param {number} n_fft @param {number} hop_length a part of it
 */
export function makeRoundGrid(n_fft, hop_length) {
  return { ...makeGrid({ sr: 1, n_fft, hop_length }), padding: 0, behind: 0 };
}

/** The frames of a sound, as many as it has hops. @param {Values} y @param {Grid} grid */
export function roundForward(y, grid) {
  const around = new Float64Array(y.length + grid.n_fft - grid.hop_length);
  around.forEach((_, t) => { around[t] = y[t % y.length]; });
  return forward(around, grid);
}

/** The sound of frames: those that reach over its end come in at its beginning. */
export function roundInverse({ re, im, n_frames, n_bins }, grid) {
  const before = grid.n_fft / grid.hop_length - 1;
  const row = (values) => {
    const around = new Float64Array(values.length + before * n_bins);
    around.set(values.subarray(values.length - before * n_bins));
    around.set(values, before * n_bins);
    return around;
  };
  const y = inverse({ re: row(re), im: row(im), n_frames: n_frames + before, n_bins }, grid);
  return y.subarray(before * grid.hop_length, (before + n_frames) * grid.hop_length);
}
