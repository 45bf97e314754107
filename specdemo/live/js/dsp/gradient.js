/** The slopes of the phase, read off the slopes of the log magnitude (Portnoff 1979). */

import { TWO_PI, largest } from "./arrays.js";

/** The logarithms of magnitudes relative to the largest, which is not zero; none below that of `floor`. */
export function logsToIntegrate(S, floor) {
  const scale = 1 / largest(S), log_S = new Float64Array(S.length);
  for (let i = 0; i < S.length; i++) log_S[i] = Math.log(Math.max(S[i] * scale, floor));
  return log_S;
}

/**
 * Slopes of the phase at cell i, in radians per frame and per bin, as `specdemo.phase.phase_gradient`.
 * @param {Float64Array} log_S @param {Grid} grid
 */
export function phaseGradient(log_S, grid) {
  const { n_fft, hop_length, n_bins } = grid, n_frames = log_S.length / n_bins;
  const { center, gamma } = windowShape(grid);
  const advance = TWO_PI * hop_length / n_fft, delay = TWO_PI * center / n_fft;
  const perBin = hop_length * n_fft / gamma;
  // The magnitude is symmetric about 0 Hz, and about the Nyquist frequency where it has a bin.
  const mirror = n_fft % 2 === 0 ? n_bins - 1 : n_bins;
  const alongTime = (i) => {
    const k = i % n_bins;
    if (k === 0 || k === mirror) return advance * k;
    const up = k < n_bins - 1 ? 1 : 0;
    return perBin * (log_S[i + up] - log_S[i - 1]) / (up + 1) + advance * k;
  };
  const alongFrequency = (i) => {
    if (n_frames === 1) return -delay;
    const before = i < n_bins ? 0 : 1, after = i + n_bins < log_S.length ? 1 : 0;
    const change = log_S[i + after * n_bins] - log_S[i - before * n_bins];
    return -change / (before + after) / perBin - delay;
  };
  return { alongTime, alongFrequency };
}

/** The Gaussian `exp(-pi (t - center)^2 / gamma)` that the window resembles. */
function windowShape({ window }) {
  let sum = 0, first = 0, second = 0;
  window.forEach((w, t) => {
    sum += w * w;
    first += w * w * t;
  });
  const center = first / sum;
  window.forEach((w, t) => { second += w * w * (t - center) ** 2; });
  return { center, gamma: 4 * Math.PI * second / sum };
}
