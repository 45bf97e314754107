/** Mel scales, as `specdemo.mel.scale`. */

// Slaney's scale: linear below 1 kHz, 15 mel; above it 27 mel for every factor of 6.4.
const BREAK_HZ = 1000, BREAK_MEL = 15, LOG_STEP = Math.log(6.4) / 27;

/** Frequency in Hz to mel. @param {number} f @param {string} scale "slaney" or "htk" */
export function hzToMel(f, scale = "slaney") {
  if (scale === "htk") return 2595 * Math.log10(1 + f / 700);
  return f < BREAK_HZ ? f * BREAK_MEL / BREAK_HZ : BREAK_MEL + Math.log(f / BREAK_HZ) / LOG_STEP;
}

/** Mel to frequency in Hz. @param {number} m @param {string} scale "slaney" or "htk" */
export function melToHz(m, scale = "slaney") {
  if (scale === "htk") return 700 * (10 ** (m / 2595) - 1);
  return m < BREAK_MEL ? m * BREAK_HZ / BREAK_MEL : BREAK_HZ * Math.exp(LOG_STEP * (m - BREAK_MEL));
}

/** Corners of the triangles in Hz: band b spans edges b to b + 2. */
export function melEdges(n_mels, fmin, fmax, scale) {
  const low = hzToMel(fmin, scale), step = (hzToMel(fmax, scale) - low) / (n_mels + 1);
  const edges = Float64Array.from({ length: n_mels + 2 }, (_, b) => melToHz(low + b * step, scale));
  edges[0] = fmin;
  edges[n_mels + 1] = fmax;
  return edges;
}
