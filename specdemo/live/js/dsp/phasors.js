/** A partial on a grid that goes round: what bins see of it, and what becomes of it with other phases. */

import { TWO_PI } from "./arrays.js";
import { spectralConvergence } from "./metrics.js";
import { makeRoundGrid, roundForward, roundInverse } from "./round.js";
import { magnitude } from "./stft.js";

export const N_FFT = 256;
export const HOP = 64;

// So long that a partial of any multiple of a twentieth of a bin goes round without a seam.
const N_SAMPLES = 20 * N_FFT;

/** Angles from -pi to pi: a linear congruential generator (Numerical Recipes, 7.1). */
function randomAngles(n) {
  let state = 1;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return TWO_PI * (state / 2 ** 32 - 0.5);
  });
}

/**
 * The transform of a cosine at `bins` bins, its phases led astray, its sound, and how far the
 * magnitudes of that sound are from the true ones, in dB.
 * @param {number} bins a multiple of 0.05
 * @param {number} astray 0: phases are true; towards -1 they are drawn to zero, towards 1 they are
 *   turned by more and more of a random angle each
 */
export function makePartial(bins, astray) {
  const grid = makeRoundGrid(N_FFT, HOP);
  const x = Float64Array.from({ length: N_SAMPLES }, (_, t) => Math.cos(TWO_PI * bins * t / N_FFT));
  const X = roundForward(x, grid), S = magnitude(X), Y = astray ? ledAstray(X, S, astray) : X;
  const y = roundInverse(Y, grid);
  return { x, Y, y, error_db: spectralConvergence(S, magnitude(roundForward(y, grid))) };
}

/** @returns {Transform} */
function ledAstray(X, S, astray) {
  const chance = randomAngles(S.length), re = S.slice(), im = S.slice();
  for (let i = 0; i < S.length; i++) {
    const c = X.re[i], s = X.im[i], pull = Math.max(0, -astray);
    const angle = astray < 0 ? Math.atan2((1 - pull) * s, (1 - pull) * c + pull * S[i])
      : Math.atan2(s, c) + astray * chance[i];
    re[i] *= Math.cos(angle);
    im[i] *= Math.sin(angle);
  }
  return { ...X, re, im };
}

/** The turn of a bin from a frame to the next, in degrees from -180 to 180. @param {Transform} Y */
export function turnOf({ re, im, n_bins }, frame, bin) {
  const a = frame * n_bins + bin, b = a + n_bins;
  return Math.atan2(im[b] * re[a] - re[b] * im[a], re[b] * re[a] + im[b] * im[a]) * 360 / TWO_PI;
}
