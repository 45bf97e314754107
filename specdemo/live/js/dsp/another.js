/** Other spectra with the mel bands of a frame. */

import { makeRandom } from "./arrays.js";
import { melInverse } from "./em.js";
import { corrected } from "./guess.js";

/** A spectrum with bands `M` from a start that looks random, the same for the same seed. */
export function anotherOf(M, bank, seed, n_iter) {
  const random = makeRandom(seed);
  const start = melInverse(M, bank, 0).map((v) => v * Math.log(1 - random()) ** 2);
  return corrected(start, M, bank, n_iter);
}
