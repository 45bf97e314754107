/** Sounds that are repeated without a seam, from how strong each frequency is. */

import { TWO_PI, makeRandom } from "./arrays.js";
import { makeFft } from "./fft.js";

/**
 * A loop of partials at whole multiples of `sr / n`, with phases that look random: the longer the
 * loop, the more of them, and the more it is a noise.
 * @param {number} n samples @param {number} sr Hz
 * @param {(f: number) => number} amplitude of a partial at `f` Hz @returns {Sound}
 */
export function loopOf(n, sr, amplitude) {
  const fft = makeFft(n), random = makeRandom(1);
  for (let k = 1; k < n / 2; k++) {
    const size = amplitude(k * sr / n), phase = TWO_PI * random();
    fft.z[2 * k] = size * Math.cos(phase);
    fft.z[2 * k + 1] = size * Math.sin(phase);
  }
  fft.transform();
  return { x: Float32Array.from({ length: n }, (_, t) => fft.z[2 * t]), sr };
}
