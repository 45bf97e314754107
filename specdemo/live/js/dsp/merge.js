/** One band of a sound over time, merged and drawn back. */

import { largest } from "./arrays.js";
import { melBank, melForward } from "./melbank.js";
import { magnitudes, makeGrid } from "./stft.js";
import { lengthen, shorten } from "./timescale.js";

export const N_MELS = 80;
// dB below the loudest of a band.
export const LOWEST_DB = -80;

/** The mel bands of a sound, a frame a row. @param {Sound} sound */
export function framesOf({ x, sr }) {
  const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 });
  const bank = melBank(grid, { n_mels: N_MELS, fmax: Math.min(8000, sr / 2) });
  const M = melForward(magnitudes(Float64Array.from(x), grid), bank);
  return { bank, hop_length: grid.hop_length, M, loudest: largest(M) };
}

/**
 * Groups of `factor` frames as one each: `power` 0 takes the mean of their levels, 1 that of their
 * amplitudes, 2 that of their powers.
 * @param {Values} row @param {number} factor whole
 */
export function merged(row, factor, power) {
  if (!power) return shorten(row, factor, 1);
  return Float64Array.from({ length: Math.ceil(row.length / factor) }, (_, j) => {
    const end = Math.min(row.length, (j + 1) * factor);
    let sum = 0;
    for (let m = j * factor; m < end; m++) sum += row[m] ** power;
    return (sum / (end - j * factor)) ** (1 / power);
  });
}

/** A band that is merged and drawn back to all its frames. */
export function drawnBack(row, factor, power) {
  return lengthen(merged(row, factor, power), factor, 1, row.length);
}

/** Levels in dB below `most`, as far as they are drawn. */
export function levelsIn(row, most) {
  return Float64Array.from(row, (v) => Math.max(LOWEST_DB, most > 0 ? 20 * Math.log10(v / most + 1e-30) : LOWEST_DB));
}

/** Root mean square difference of levels, and how much softer the loudest frame comes back, in dB. */
export function lossOf(levels, back) {
  const at = levels.indexOf(largest(levels));
  const off = Math.sqrt(levels.reduce((sum, v, m) => sum + (back[m] - v) ** 2, 0) / levels.length);
  return { off, softer: levels[at] - back[at] };
}
