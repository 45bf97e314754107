/** Amplitudes and levels in dB, as `specdemo.level`. */

import { largest } from "./arrays.js";

// Levels to look at end here, below the loudest cell; so low a threshold keeps all cells.
export const LOWEST_DB = -120;

/** Amplitude in dB; `top_db: null` sets no threshold. @param {Values} S @returns {Values} */
export function amplitudeToDb(S, { ref = 1, amin = 1e-5, top_db = 80 } = {}) {
  const offset = 20 * Math.log10(Math.max(amin, ref));
  const D = S.map((s) => 20 * Math.log10(Math.max(s, amin)) - offset);
  if (top_db === null) return D;
  const lowest = largest(D) - top_db;
  return D.map((d) => Math.max(d, lowest));
}

/** The inverse of `amplitudeToDb` above its threshold. @param {Values} D @returns {Values} */
export function dbToAmplitude(D, ref = 1) {
  return D.map((d) => ref * 10 ** (d / 20));
}

/** The spectrogram with zeros for cells below `threshold_db` re the loudest: -120 and less keep all. */
export function applyThreshold(S, threshold_db) {
  if (threshold_db <= LOWEST_DB) return S.slice();
  const lowest = largest(S) * 10 ** (threshold_db / 20);
  return S.map((s) => (s < lowest ? 0 : s));
}

/** Levels in dB relative to `ref`, down to `LOWEST_DB`. @returns {Float32Array} */
export function levelsOf(S, ref) {
  const D = new Float32Array(S.length);
  const scale = ref > 0 ? 1 / ref : 0, lowest = 10 ** (LOWEST_DB / 20), dB = 20 / Math.LN10;
  for (let i = 0; i < D.length; i++) D[i] = dB * Math.log(Math.max(S[i] * scale, lowest));
  return D;
}
