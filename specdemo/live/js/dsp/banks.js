/** Banks that are not triangles over Hz or mel, each from its formula, as `specdemo.formats.banks`. */

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

/** @type {Record<string, (grid: Bins, n_mels: number, fmin: number, fmax: number) => Float64Array[]>} */
export const BANKS = { floored_bins: flooredBins, symmetric };
