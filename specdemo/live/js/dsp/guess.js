/** One frame, its mel bands, and EM from any start towards them. */

import { largest } from "./arrays.js";
import { EM_FLOOR, correct, readBands } from "./em.js";
import { melBank, melForward } from "./melbank.js";
import { magnitudes, makeGrid } from "./stft.js";

const N_MELS = 80;

/** The middle frame of a sound, as far as the bank sees it, and its bands. @param {Sound} sound */
export function frameOf({ x, sr }) {
  const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 2 }), { n_bins } = grid;
  const bank = melBank(grid, { n_mels: N_MELS, fmax: Math.min(8000, sr / 2) });
  const S = magnitudes(Float64Array.from(x), grid), m = Math.min(1, S.length / n_bins - 1);
  const size = S.subarray(m * n_bins, (m + 1) * n_bins).map((v, k) =>
    (bank.weights[2 * k] + bank.weights[2 * k + 1] > 0 ? v : 0));
  return { grid, bank, size, M: melForward(size, bank) };
}

/**
 * Iterations of EM from any start: `visit(S, i)` sees each spectrum, from the start on.
 * @param {Values} S @param {Values} M @param {Bank} bank @returns {Values} the last
 */
export function corrected(S, M, bank, n_iter, visit = null) {
  const loudest = largest(M) || 1, row = S.map((v) => v / loudest), wanted = new Float64Array(bank.bands.length);
  readBands(M, 0, wanted, bank, 1 / loudest);
  for (let i = 0; i < n_iter; i++) {
    visit?.(row.map((v) => v * loudest), i);
    correct(row, wanted, EM_FLOOR, bank);
  }
  const last = row.map((v) => v * loudest);
  visit?.(last, n_iter);
  return last;
}

/** The length of a vector. */
export function sizeOf(values) {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
}
