/** One question of the discrete Fourier transform, at any frequency. */

import { TWO_PI } from "./arrays.js";

/**
 * The sum of `x[n] * exp(-2 pi i f n / sr)`; for f = k sr / N, bin k of `np.fft.rfft(x)`.
 * @param {Values} x @param {number} f Hz @param {number} sr Hz
 */
export function probe(x, f, sr) {
  const step = TWO_PI * f / sr;
  let re = 0, im = 0;
  for (let n = 0; n < x.length; n++) {
    re += x[n] * Math.cos(step * n);
    im -= x[n] * Math.sin(step * n);
  }
  return { re, im };
}

/** The same after the wave has been turned by `phase` radians: the real part is its sum with `x`. */
export function turned({ re, im }, phase) {
  const c = Math.cos(phase), s = Math.sin(phase);
  return { re: re * c + im * s, im: im * c - re * s };
}
