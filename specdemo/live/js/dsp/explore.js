/** The staircase of the Explorer: what is kept of a sound, and what comes back. */

import { largest, multiply, sumOfSquares } from "./arrays.js";
import { LOWEST_DB, amplitudeToDb, applyThreshold, dbToAmplitude, levelsOf } from "./level.js";
import { checkSettings, checkSound, demand } from "./limits.js";
import { invertMel } from "./mel.js";
import { emptyBands, melBank, melForward } from "./melbank.js";
import { logSpectralDistance, spectralConvergence } from "./metrics.js";
import { inverseMfcc, mfcc } from "./mfcc.js";
import { pghi, randomPhase, zeroPhase } from "./phase.js";
import { griffinLim } from "./refine.js";
import {
  analyse, isInvertible, magnitudes, makeGrid, oneOver, oneOverEnough, pad, reach, span,
  windowSum,
} from "./stft.js";
import { lengthen, shorten } from "./timescale.js";

/** All settings, as they are when they are not set. */
export const DEFAULTS = {
  n_fft: 1024, hop_length: 256, window: "hann", threshold_db: LOWEST_DB,
  n_mels: 0, fmin: 0, fmax: 0, mel_scale: "slaney", shorten: 1, n_mfcc: 0,
  start: "original", refine: "fast_griffin_lim", n_iter: 32, momentum: 0.99,
};

// Times in a run that the convergence is measured: each costs as much as half an iteration.
const MEASUREMENTS = 10;

// Range of the levels, and relative amplitude of the softest, that cepstra are made from.
const CEPSTRUM_DB = 80, CEPSTRUM_FLOOR = 1e-5;

/**
 * Go down the steps that the settings ask for, and back up to sound. Yields plain objects, whose
 * arrays are not used again: "original", "kept", "progress" for every iteration, "result".
 * @param {{x: Values, sr: number}} sound
 * @param {Partial<typeof DEFAULTS>} settings
 * @param {object} [cache] keeps what the next call can use again
 * @throws {RangeError} a sentence for the reader that names the setting
 */
export function* explore(sound, settings, cache = {}) {
  const s = { ...DEFAULTS, ...settings };
  take(sound, cache);
  checkSettings(sound, s);
  const original = analysis(sound, s, cache), { grid, S, levels, ref } = original;
  const n_frames = S.length / grid.n_bins;
  yield { kind: "original", levels: levels.slice(), n_frames, n_bins: grid.n_bins, ref };

  const kept = s.n_mels ? keepBands(original, s) : keepBins(original, s), { target, bank } = kept;
  yield { ...describe(kept, sound, s), kind: "kept" };

  const x_hat = yield* back(kept, original, sound, s), S_hat = magnitudes(x_hat, grid);
  yield {
    kind: "result", x_hat, levels: levelsOf(S_hat, ref),
    convergence_db: spectralConvergence(target, bank ? melForward(S_hat, bank) : S_hat),
    log_mel_distance_db: logMelDistance(sound, x_hat, cache),
    gain: largest(S_hat) > 0 ? Math.sqrt(sumOfSquares(sound.x) / sumOfSquares(x_hat)) : 1,
  };
}

/** Check a sound when it is new, and forget what was remembered of the one before. */
function take(sound, cache) {
  if (cache.x === sound.x && cache.sr === sound.sr) return;
  checkSound(sound);
  for (const name of Object.keys(cache)) delete cache[name];
  Object.assign(cache, { x: sound.x, sr: sound.sr });
}

/** What `make` returned for this key the last time, or returns now. */
function remember(cache, name, key, make) {
  const text = JSON.stringify(key);
  if (cache[name]?.text !== text) cache[name] = { text, value: make() };
  return cache[name].value;
}

function analysis({ x, sr }, { n_fft, hop_length, window }, cache) {
  return remember(cache, "analysis", [n_fft, hop_length, window], () => {
    const grid = makeGrid({ sr, n_fft, hop_length, window });
    demand(isInvertible(grid), `hop_length = ${hop_length} is too large for n_fft = ${n_fft}: `
      + "some samples are weighted with zero in every frame, so that there is no way back. "
      + "Take a smaller hop_length.");
    const S = magnitudes(x, grid), ref = largest(S);
    return { grid, S, ref, levels: levelsOf(S, ref) };
  });
}

/**
 * The step of the threshold alone.
 * @param {Analysis} original @param {Steps} settings @returns {Kept}
 */
function keepBins({ grid, S, ref }, { threshold_db }) {
  const target = applyThreshold(S, threshold_db), { n_bins, sr, n_fft } = grid;
  const count = threshold_db <= LOWEST_DB ? S.length : target.reduce((n, s) => n + (s > 0), 0);
  return {
    rows: "bins", values: target, n_rows: n_bins, ref, target, count,
    frequencies: Float64Array.from({ length: n_bins }, (_, k) => k * sr / n_fft),
  };
}

/**
 * The steps of the threshold, the bands, the shorter time and the cepstrum.
 * @param {Analysis} original @param {Steps} settings @returns {Kept}
 */
function keepBands(original, { n_mels, fmin, fmax, mel_scale, n_mfcc, ...s }) {
  const { grid, S } = original;
  const { bank, ref } = remember(original, "bands", [n_mels, fmin, fmax, mel_scale], () => {
    const made = melBank(grid, { n_mels, fmin, fmax, mel_scale });
    return { bank: made, ref: largest(melForward(S, made)) };
  });
  const M = shorten(melForward(applyThreshold(S, s.threshold_db), bank), s.shorten, n_mels);
  const values = n_mfcc && ref > 0 ? outline(M, n_mels, n_mfcc) : M;
  return {
    rows: n_mfcc ? "cepstrum-mels" : "mels", values, n_rows: n_mels, ref, bank,
    target: lengthen(values, s.shorten, n_mels, S.length / grid.n_bins),
    count: M.length / n_mels * (n_mfcc || n_mels),
    frequencies: bank.center_frequencies.slice(),
  };
}

/** Bands after a visit to their first cepstral coefficients. */
function outline(M, n_mels, n_mfcc) {
  const ref = largest(M);
  const log_mel = amplitudeToDb(M, { ref, amin: CEPSTRUM_FLOOR * ref, top_db: CEPSTRUM_DB });
  return dbToAmplitude(inverseMfcc(mfcc(log_mel, { n_mels, n_mfcc }), { n_mels, n_mfcc }), ref);
}

/** @param {Kept} kept @param {{x: Values, sr: number}} sound @param {Steps} s */
function describe({ rows, values, n_rows, ref, count, frequencies, bank, target }, { x, sr }, s) {
  const n_frames = values.length / n_rows, hop = s.hop_length / sr, all = target.length / n_rows;
  return {
    rows, levels: levelsOf(values, ref), n_frames, n_rows, frequencies,
    frame_step: hop * s.shorten, start_time: hop * (Math.min(s.shorten, all) - 1) / 2,
    numbers_per_second: count * sr / x.length, numbers_per_second_wave: sr,
    empty_bands: bank ? emptyBands(bank).length : 0,
  };
}

/** From what was kept to a signal as long as the original. */
function* back(kept, original, { x }, s) {
  const { grid, S } = original, { target, bank } = kept, x_hat = new Float32Array(x.length);
  // Behind the last frame there may be some samples more, which stay zero.
  const length = Math.min(x.length, reach(S.length / grid.n_bins, grid));
  if (!(largest(target) > 0)) return x_hat;
  if (!bank && s.start === "original") {
    x_hat.set(withTruePhase(x, target, grid, length, s.threshold_db <= LOWEST_DB));
    return x_hat;
  }
  const { n_iter } = s, measure_every = Math.ceil(n_iter / MEASUREMENTS);
  const momentum = s.refine === "griffin_lim" ? 0 : s.momentum;
  const options = { n_iter, momentum, length, measure_every };
  const steps = bank
    ? invertMel(target, bank, options)
    : griffinLim(target, startOf(target, grid, s.start), grid, options);
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    const { i, convergence_db } = step.value;
    yield { kind: "progress", n_iter, i, convergence_db };
  }
  x_hat.set(step.value);
  return x_hat;
}

/** The cells that were kept, with the phase that they had; whole, they are an exact transform. */
function withTruePhase(x, kept, grid, length, isWhole) {
  const n_frames = kept.length / grid.n_bins, y = new Float64Array(span(n_frames, grid));
  analyse(pad(x, n_frames, grid), n_frames, grid, ({ re, im }, m) => {
    for (let k = 0; k < re.length; k++) if (kept[m * re.length + k] === 0) re[k] = im[k] = 0;
  }, y);
  const total = windowSum(n_frames, grid);
  multiply(y, isWhole ? oneOver(total, grid) : oneOverEnough(total));
  return y.subarray(grid.padding, grid.padding + length);
}

function startOf(S, grid, start) {
  if (start === "zero") return zeroPhase(S);
  return start === "random" ? randomPhase(S, grid) : pghi(S, grid);
}

/** How far the result is from the original, in the bands that speech is compared in. */
function logMelDistance({ x, sr }, x_hat, cache) {
  const { bank, M } = remember(cache, "judge", [], () => {
    const n_fft = Math.max(16, 2 ** Math.round(Math.log2(0.046 * sr)));
    const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 });
    const made = melBank(grid, { n_mels: 80, fmax: Math.min(8000, sr / 2) });
    return { bank: made, M: melForward(magnitudes(x, grid), made) };
  });
  return logSpectralDistance(M, melForward(magnitudes(x_hat, bank.grid), bank));
}
