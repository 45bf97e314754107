/** One short frame through a bank of triangles of any height between area one and height one. */

import { largest } from "./arrays.js";
import { emptyBands, melBank, melForward } from "./melbank.js";
import { melEdges } from "./melscale.js";
import { magnitudes, makeGrid } from "./stft.js";

/** The spectrum of the middle of a sound under a quarter of the usual frame. @param {Sound} sound */
export function shortFrame({ x, sr }) {
  const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)) / 4);
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft }), m = Math.floor(x.length / 2 / n_fft);
  const S = magnitudes(Float64Array.from(x), grid);
  return { grid, size: S.subarray(m * grid.n_bins, (m + 1) * grid.n_bins) };
}

/**
 * The bands of a spectrum: corners in Hz, the height of each triangle, levels in dB below the
 * loudest, those of a flat spectrum below its own loudest, and which bands hold no bin.
 * @param {{grid: Grid, size: Values}} frame
 * @param {State} settings `n_mels`, `fmin` and `fmax` in Hz, `norm`, which is how far they are
 *   from height one, 0, to area one, 1, and `htk`, 1 for the scale of HTK and 0 for Slaney's
 */
export function bandsOf({ grid, size }, { n_mels, fmin, fmax, norm, htk }) {
  const mel_scale = scaleOf(htk), edges = melEdges(n_mels, fmin, fmax, mel_scale);
  const bank = melBank(grid, { n_mels, fmin, fmax, mel_scale, norm: null });
  const heights = Float64Array.from({ length: n_mels }, (_, b) => (2 / (edges[b + 2] - edges[b])) ** norm);
  const levelsOf = (values) => {
    const scaled = values.map((v, b) => v * heights[b]), most = largest(scaled) || 1;
    return scaled.map((v) => 20 * Math.log10(v / most));
  };
  return { edges, heights, levels: levelsOf(melForward(size, bank)), flat: levelsOf(bank.sums), empty: emptyBands(bank) };
}

/** The name of the scale, for `melEdges`. @param {number} htk 1 or 0 */
export const scaleOf = (htk) => (htk ? "htk" : "slaney");

/** How much of a frequency a band takes, from 0 to 1. */
export function weightOf(b, f, edges) {
  return Math.max(0, Math.min((f - edges[b]) / (edges[b + 1] - edges[b]), (edges[b + 2] - f) / (edges[b + 2] - edges[b + 1])));
}
