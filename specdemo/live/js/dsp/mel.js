/** A sound from its mel bands, as `specdemo.mel`. */

import { largest, measure, sumOfSquares } from "./arrays.js";
import { correct, melInverse, readBands } from "./em.js";
import { raise, sumBands } from "./melbank.js";
import { pghiWithEnds } from "./phase.js";
import { impose, refine, soundLength, squaredDistance } from "./refine.js";
import { shortest } from "./stft.js";

// The least part of the loudest band that is divided by in the iterations, which correct the
// magnitudes `CORRECTIONS` times.
export const CORRECTION_FLOOR = 1e-7;
const CORRECTIONS = 2;

/**
 * Find a signal whose mel spectrogram is `M`, its magnitudes and its phase together; yields and
 * returns as `griffinLim`. The iteration does not impose the magnitudes of `melInverse`: it keeps
 * those that the waveform has and corrects them by what the bands demand.
 * @param {Values} M @param {Bank} bank
 * @param {{n_iter?: number, length?: number, seed?: number, measure_every?: number, n_em?: number}}
 *   [options] `n_em` iterations of `melInverse` make the start
 */
export function* invertMel(M, bank, options = {}) {
  const { n_iter = 100, length, seed = 0, measure_every = 1, n_em = 50 } = options;
  const { grid, n_mels, power } = bank, n_frames = M.length / n_mels;
  const loudest = largest(M), S = melInverse(M, bank, n_em);
  if (!(largest(S) > 0)) return new M.constructor(length ?? shortest(n_frames, grid));
  const size = new Float64Array(grid.n_bins), wanted = new Float64Array(bank.bands.length);
  const step = (row, m) => {
    readBands(M, m, wanted, bank);
    measure(row, size);
    raise(size, power);
    for (let i = 0; i < CORRECTIONS; i++) correct(size, wanted, CORRECTION_FLOOR * loudest, bank);
    raise(size, 1 / power);
    impose(row, size);
  };
  const error = (row, m) => {
    readBands(M, m, wanted, bank);
    measure(row, size);
    raise(size, power);
    sumBands(size, bank);
    return squaredDistance(bank.bands, wanted, 0);
  };
  const phase = pghiWithEnds(S, grid, soundLength(n_frames, grid, length), { seed });
  for (let i = 0; i < S.length; i += grid.n_bins) {
    for (const [k, beside] of bank.unseen) S[i + k] = S[i + beside];
  }
  const problem = { S, phase, grid, step, error, energy: sumOfSquares(M) };
  return yield* refine(problem, { n_iter, momentum: 0.99, length, measure_every });
}
