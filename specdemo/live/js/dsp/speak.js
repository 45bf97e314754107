/** From a code to a word: a decoder, what it says a word is made of, and the voice that speaks it. */

import { makeRandom, peakOf } from "./arrays.js";
import { melBank, melForward } from "./melbank.js";
import { inverseMfcc, mfcc } from "./mfcc.js";
import { forward, inverse, magnitude, makeGrid } from "./stft.js";

/** @typedef {{n_in: number, matrix: Int8Array, scale: Float32Array, offset: Float32Array}} Layer */
/** @typedef {{V: Float64Array, voicing: Float64Array, middle: number, slope: number, duration: number}} Word */

// A word as in chapter 9: 20 cosines of 40 bands and a voicing for each frame, and three numbers.
export const N_MELS = 40, N_MFCC = 20;
// Hz; samples of the frames of an outline, and from one to the next.
export const SR = 16000, N_FFT = 512, HOP = 160;
// dB from an outline of 1 to one of 0; the most that a source is changed by.
const RANGE_DB = 60, MOST_DB = 60;
// Samples of silence behind a word that is repeated.
const PAUSE = 5600;

const clip = (v, low, high) => Math.min(high, Math.max(low, v));

/** What the decoder answers to its numbers: between layers, what is negative shrinks to a tenth. @param {Layer[]} layers */
export function decode(layers, numbers) {
  return layers.reduce((x, { n_in, matrix, scale, offset }, layer) => {
    const n_out = offset.length, sums = new Float64Array(n_out);
    for (let i = 0; i < n_in; i++) {
      const v = layer && x[i] < 0 ? 0.1 * x[i] : x[i];
      for (let o = 0; v && o < n_out; o++) sums[o] += v * matrix[i * n_out + o];
    }
    return sums.map((sum, o) => sum * scale[o] + offset[o]);
  }, Float64Array.from(numbers));
}

/** A code with its label: whole for a digit, and shared between two of them. */
export function asked(code, digit, n_digits = 10) {
  return [...code, ...Array.from({ length: n_digits }, (_, d) => Math.max(0, 1 - Math.abs(d - digit)))];
}

/** The parts of a word out of its row: outline, a frame a row, from 0 to 1; voicing; octaves above 128 Hz. @returns {Word} */
export function partsOf(row) {
  const T = (row.length - 3) / (N_MFCC + 1), C = new Float64Array(N_MFCC * T);
  for (let n = 0; n < N_MFCC; n++) for (let t = 0; t < T; t++) C[t * N_MFCC + n] = row[n * T + t];
  const [middle, slope, duration] = row.slice(-3).map((v) => v / 3);
  return {
    V: inverseMfcc(C, { n_mels: N_MELS, n_mfcc: N_MFCC }),
    voicing: row.slice(N_MFCC * T, -3).map((v) => clip(2 * v, 0, 1)), middle, slope, duration: clip(duration, -2, 2),
  };
}

/** The same, stretched to its length: for each frame outline, voicing and pitch in Hz. @param {Word} word */
export function stretched({ V, voicing, middle, slope, duration }) {
  const T = voicing.length, n_frames = Math.round(T * 2 ** duration), levels = new Float64Array(n_frames * N_MELS);
  const read = (values, step, m, b) => {
    const at = m * (T - 1) / (n_frames - 1), t = Math.min(T - 2, Math.floor(at));
    return values[t * step + b] + (at - t) * (values[(t + 1) * step + b] - values[t * step + b]);
  };
  for (let i = 0; i < levels.length; i++) levels[i] = read(V, N_MELS, Math.floor(i / N_MELS), i % N_MELS);
  return {
    n_frames, levels, voicing: Float64Array.from({ length: n_frames }, (_, m) => read(voicing, 1, m, 0)),
    f0: Float64Array.from({ length: n_frames }, (_, m) => 2 ** (7 + middle + slope * (2 * m / (n_frames - 1) - 1))),
  };
}

/** Pulses at a pitch, and as much of a noise as is not voiced, as `specdemo.voice.buzz_and_hiss`. */
export function buzzAndHiss(f0, share, noise) {
  const n = (f0.length - 1) * HOP, y = new Float64Array(n), pulses = new Float64Array(n), rate = new Float64Array(n);
  const read = (values, t) => {
    const m = Math.floor(t / HOP);
    return values[m] + (t % HOP) / HOP * (values[m + 1] - values[m]);
  };
  for (let t = 0, phase = 0; t < n; t++) {
    rate[t] = read(f0, t) / SR;
    const before = Math.floor(phase + 1e-9), whole = Math.floor((phase += rate[t]) + 1e-9);
    if (whole === before) continue;
    // A pulse whose period ends between two samples is shared by them.
    const late = clip((phase - whole) / rate[t], 0, 1), power = Math.hypot(late, 1 - late);
    pulses[t] += (1 - late) / power;
    if (t) pulses[t - 1] += late / power;
  }
  for (let t = 0; t < n; t++) {
    const part = read(share, t);
    y[t] = Math.sqrt(part / rate[t]) * pulses[t] + Math.sqrt(1 - part) * noise[t];
  }
  return y;
}

/** The bank on which outlines are seen. */
export const makeBank = () => melBank(makeGrid({ sr: SR, n_fft: N_FFT, hop_length: HOP }), { n_mels: N_MELS, fmax: SR / 2 });

/** Levels in dB at the tips of the bands, drawn through the bins. @param {Bank} bank */
function makeThrough({ grid: { n_bins, sr, n_fft }, sums, center_frequencies: tips }) {
  const filled = Array.from(sums.keys()).filter((b) => sums[b] > 0), last = filled.length - 1;
  const places = Array.from({ length: n_bins }, (_, k) => {
    const f = k * sr / n_fft, i = clip(filled.filter((b) => tips[b] < f).length, 1, last), a = filled[i - 1], b = filled[i];
    return [a, b, clip((f - tips[a]) / (tips[b] - tips[a]), 0, 1)];
  });
  return (levels, m, k) => {
    const [a, b, part] = places[k], row = m * N_MELS;
    return levels[row + a] + part * (levels[row + b] - levels[row + a]);
  };
}

/** Give a sound the outline that is wanted in dB, a frame a row, as `specdemo.voice.put_outline`. @param {Bank} bank */
export function putOutline(x, wanted, bank, n_iter = 2) {
  const { grid } = bank, through = makeThrough(bank), size = { n_mels: N_MELS, n_mfcc: N_MFCC };
  const middle = wanted.reduce((sum, v) => sum + v, 0) / wanted.length;
  const peak = peakOf(x);
  x = x.map((v) => v / peak);
  for (let i = 0; i < n_iter; i++) {
    const X = forward(x, grid), M = melForward(magnitude(X), bank);
    const outline = inverseMfcc(mfcc(M.map((v) => 20 * Math.log10(Math.max(v, 1e-6))), size), size);
    const missing = outline.map((v, at) => clip(wanted[at] - middle - v, -MOST_DB, MOST_DB));
    for (let at = 0; at < X.re.length; at++) {
      const gain = 10 ** (through(missing, Math.floor(at / grid.n_bins), at % grid.n_bins) / 20);
      X.re[at] *= gain;
      X.im[at] *= gain;
    }
    x = inverse(X, grid, x.length);
  }
  return x.map((v) => v * 10 ** (middle / 20));
}

/** A word, spoken, and the pause before it is said again. @param {Word} word @param {Bank} bank @returns {Sound} */
export function spoken(word, bank, noise = hiss) {
  const { levels, voicing, f0 } = stretched(word);
  const source = buzzAndHiss(f0, voicing.map((v) => clip((v - 0.3) / 0.5, 0, 1)), noise(f0.length * HOP));
  const y = putOutline(source, levels.map((v) => RANGE_DB * (clip(v, 0, 1.05) - 1)), bank);
  const x = new Float32Array(y.length + PAUSE);
  x.set(y);
  return { x, sr: SR };
}

/** Numbers of a bell of width one, nearly: sums of twelve. */
function hiss(n) {
  const random = makeRandom(1);
  return Float64Array.from({ length: n }, () => Array.from({ length: 12 }, random).reduce((sum, v) => sum + v, -6));
}
