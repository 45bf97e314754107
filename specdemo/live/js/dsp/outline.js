/** The outline of a mel spectrum by the heights of a few cosines, and a voice that speaks it. */

import { largest } from "./arrays.js";
import { loopOf } from "./loops.js";
import { melBank, melForward } from "./melbank.js";
import { inverseMfcc, mfcc } from "./mfcc.js";
import { magnitudes, makeGrid } from "./stft.js";

export const N_MELS = 80;
export const N_MFCC = 13;
// dB, relative to the loudest band of all.
export const LOWEST_DB = -80;
// The sounds of a clip that are found at most; the least power of their frames, as a part of the loudest frame's; the least
// distance in dB between the outlines of two of them; and the coefficients that an outline is compared by, with the mean.
const N_SOUNDS = 5, LOUD = 0.1, ALIKE_DB = 6, N_SHAPE = 7;
// Frames: the change of a sound is taken from NEAR before to NEAR behind, and is the least within AROUND where it is steady.
const NEAR = 2, AROUND = 3;
// Samples of a loop of noise.
const NOISE = 2 ** 14;

const unit = (n) => Math.sqrt(N_MELS / (n ? 2 : 1));

/** The mel levels of a sound, a frame a row, in dB below the loudest. @param {Sound} sound */
export function columnsOf({ x, sr }) {
  const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 });
  const bank = melBank(grid, { n_mels: N_MELS, fmax: Math.min(8000, sr / 2) });
  const M = melForward(magnitudes(Float64Array.from(x), grid), bank), most = largest(M) || 1;
  const levels = M.map((v) => Math.max(LOWEST_DB, 20 * Math.log10(v / most + 1e-30)));
  return { bank, levels, n_frames: levels.length / N_MELS };
}

/** The mean of a column, and how high each of the next cosines in it is, in dB. */
export function heightsOf(column) {
  return mfcc(column, { n_mels: N_MELS, n_mfcc: N_MFCC }).map((C, n) => C / unit(n));
}

/** The curve that such cosines add up to. @param {number[]|Values} heights */
export function curveOf(heights) {
  const C = Float64Array.from(heights, (height, n) => height * unit(n));
  return inverseMfcc(C, { n_mels: N_MELS, n_mfcc: N_MFCC });
}

/** How far the outlines of two frames are apart, by their first cosines without the mean, in dB. */
function distance(C, a, b) {
  let sum = 0;
  for (let n = 1; n < N_SHAPE; n++) sum += ((C[a * N_SHAPE + n] - C[b * N_SHAPE + n]) / unit(n)) ** 2;
  return Math.sqrt(sum);
}

/** Frames that are loud, and change less than those around. */
function steadyFrames(C, power) {
  const loud = LOUD * largest(power);
  // NaN at both ends, where there is nothing on one side.
  const change = power.map((_, m) => distance(C, m - NEAR, m + NEAR));
  const isSteady = (m) => change.slice(Math.max(0, m - AROUND), m + AROUND + 1).every((v) => !(v < change[m]));
  return [...power.keys()].filter((m) => change[m] >= 0 && power[m] > loud && isSteady(m));
}

/**
 * The frames of up to five sounds that differ most, in order of time: in speech, vowels. Of the loud
 * and steady ones these are the loudest, and then each that is the furthest from those before.
 * @param {Values} levels as of `columnsOf`
 */
export function soundsOf(levels) {
  const C = mfcc(levels, { n_mels: N_MELS, n_mfcc: N_SHAPE });
  const power = Array.from({ length: levels.length / N_MELS }, (_, m) =>
    Array.from(levels.subarray(m * N_MELS, (m + 1) * N_MELS)).reduce((sum, v) => sum + 10 ** (v / 10), 0));
  const steady = steadyFrames(C, power).sort((a, b) => power[b] - power[a]), found = steady.slice(0, 1);
  const far = (m) => Math.min(...found.map((other) => distance(C, m, other)));
  while (found.length && found.length < N_SOUNDS) {
    const [m] = steady.sort((a, b) => far(b) - far(a));
    if (far(m) < ALIKE_DB) break;
    found.push(m);
  }
  return found.sort((a, b) => a - b);
}

/** Which of some moments another one is nearest to. @param {number[]} moments @param {number} moment */
export function nearestOf(moments, moment) {
  return moments.reduce((best, at) => (Math.abs(at - moment) < Math.abs(best - moment) ? at : best));
}

/** The amplitude at any frequency: straight lines of levels between the tips, as `envelope`. */
export function amplitudeOf(curve, { sums, center_frequencies, grid: { sr } }) {
  const bands = Array.from(curve.keys()).filter((b) => sums[b] > 0), last = bands.length - 1;
  const level = (i) => curve[bands[i]] - 20 * Math.log10(sums[bands[i]]);
  const fmax = Math.min(8000, sr / 2);
  return (f) => {
    if (f >= fmax || last < 1) return 0;
    let i = 0;
    while (i + 1 < last && f > center_frequencies[bands[i + 1]]) i++;
    const low = center_frequencies[bands[i]], high = center_frequencies[bands[i + 1]];
    const part = Math.min(1, Math.max(0, (f - low) / (high - low)));
    return 10 ** ((level(i) + part * (level(i + 1) - level(i))) / 20);
  };
}

/** A voice with this outline: of pulses at `hertz`, or, without a pitch, of noise. @returns {Sound} */
export function voiceOf(curve, bank, hertz) {
  const { sr } = bank.grid, n = hertz ? Math.ceil(sr / hertz) : NOISE;
  return loopOf(n, hertz ? Math.round(n * hertz) : sr, amplitudeOf(curve, bank));
}
