/** How far two spectrograms are apart, as `specdemo.metrics`. */

import { SMALLEST, largest } from "./arrays.js";

// A perfect match is a number and not minus infinity.
export const BEST_DB = -320;

/** Distance of two spectrograms relative to the size of the first, in dB. */
export function spectralConvergence(S, S_hat) {
  // Scaled, so that the squares stay in range.
  const scale = Math.max(largest(S), largest(S_hat));
  if (!(scale > 0)) return BEST_DB;
  let error = 0, size = 0;
  for (let i = 0; i < S.length; i++) {
    error += ((S_hat[i] - S[i]) / scale) ** 2;
    size += (S[i] / scale) ** 2;
  }
  const ratio = Math.max(Math.sqrt(error), SMALLEST) / Math.max(Math.sqrt(size), SMALLEST);
  return Math.min(-BEST_DB, Math.max(BEST_DB, 20 * Math.log10(ratio)));
}

/** Root mean square difference of the levels of two spectrograms, in dB, over heard cells. */
export function logSpectralDistance(S, S_hat, floor_db = -60) {
  const loudest = largest(S) || largest(S_hat), floor = 10 ** (floor_db / 20);
  if (!(loudest > 0)) return 0;
  let sum = 0, count = 0;
  for (let i = 0; i < S.length; i++) {
    const a = S[i] / loudest, b = S_hat[i] / loudest;
    if (!(a > floor || b > floor)) continue;
    sum += (20 * Math.log10(Math.max(b, floor) / Math.max(a, floor))) ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}
