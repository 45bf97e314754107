/** Mel scales, the bank, and the way back, as `specdemo.mel`. */

import { largest, measure, sumOfSquares } from "./arrays.js";
import { pghi } from "./phase.js";
import { impose, refine, squaredDistance } from "./refine.js";
import { shortest } from "./stft.js";

// Slaney's scale: linear below 1 kHz, 15 mel; above it 27 mel for every factor of 6.4.
const BREAK_HZ = 1000, BREAK_MEL = 15, LOG_STEP = Math.log(6.4) / 27;

// The least part of the loudest band that is divided by: in the inverse, and in the joint inversion,
// whose iterations correct the magnitudes `CORRECTIONS` times.
export const EM_FLOOR = 1e-10;
export const CORRECTION_FLOOR = 1e-7;
const CORRECTIONS = 2;

/** Frequency in Hz to mel. @param {number} f @param {"slaney"|"htk"} scale */
export function hzToMel(f, scale = "slaney") {
  if (scale === "htk") return 2595 * Math.log10(1 + f / 700);
  return f < BREAK_HZ ? f * BREAK_MEL / BREAK_HZ : BREAK_MEL + Math.log(f / BREAK_HZ) / LOG_STEP;
}

/** Mel to frequency in Hz. @param {number} m @param {"slaney"|"htk"} scale */
export function melToHz(m, scale = "slaney") {
  if (scale === "htk") return 700 * (10 ** (m / 2595) - 1);
  return m < BREAK_MEL ? m * BREAK_HZ / BREAK_MEL : BREAK_HZ * Math.exp(LOG_STEP * (m - BREAK_MEL));
}

/**
 * Triangular filters, evenly spaced in mel. A bin between two neighbouring edges lies on the
 * rising side of one band and on the falling side of the band before: `rising` and `falling` are
 * its weights, `backRising` and `backFalling` those of the back-projection, which add up to 1. Its
 * `band`, the one before, counts from 1: rows of bands have one more at either end. No band sees
 * the bins at 0 Hz and at the Nyquist frequency; corrections take those `unseen` along with the
 * bins beside them.
 * @param {Grid} grid
 * @param {{n_mels?: number, fmin?: number, fmax?: number, mel_scale?: string, norm?: string|null}}
 *   [settings] frequencies in Hz; `fmax` 0 is the Nyquist frequency
 */
export function melBank(grid, settings = {}) {
  const { n_mels = 80, fmin = 0, fmax = 0, mel_scale = "slaney", norm = "slaney" } = settings;
  const { n_bins, sr, n_fft } = grid;
  const edges = melEdges(n_mels, fmin, fmax || sr / 2, mel_scale);
  const band = new Int32Array(n_bins), sums = new Float64Array(n_mels + 2);
  const sides = [0, 0, 0, 0].map(() => new Float64Array(n_bins));
  const [rising, falling, backRising, backFalling] = sides;
  const height = (b) => (norm === "slaney" ? 2 / (edges[b + 1] - edges[b - 1]) : 1);
  for (let k = 0, b = 0; k < n_bins; k++) {
    const f = k * (sr / n_fft);
    if (f <= fmin || f >= edges[n_mels + 1]) continue;
    while (f >= edges[b + 1]) b++;
    const part = (f - edges[b]) / (edges[b + 1] - edges[b]);
    band[k] = b;
    if (b < n_mels) rising[k] = height(b + 1) * part;
    if (b > 0) falling[k] = height(b) * (1 - part);
    backRising[k] = rising[k] / (rising[k] + falling[k]);
    backFalling[k] = 1 - backRising[k];
    sums[b] += falling[k];
    sums[b + 1] += rising[k];
  }
  const isSeen = (k) => rising[k] + falling[k] > 0;
  const unseen = [[0, 1], [n_bins - 1, n_bins - 2]].filter(([k, by]) => !isSeen(k) && isSeen(by));
  for (const values of [band, backRising, backFalling]) {
    for (const [k, beside] of unseen) values[k] = values[beside];
  }
  return {
    grid, n_mels, unseen, band, rising, falling, backRising, backFalling, sums: sums.slice(1, -1),
    center_frequencies: edges.slice(1, -1), bands: new Float64Array(n_mels + 2),
  };
}

/** Corners of the triangles in Hz: band b spans edges b to b + 2. */
export function melEdges(n_mels, fmin, fmax, scale) {
  const low = hzToMel(fmin, scale), step = (hzToMel(fmax, scale) - low) / (n_mels + 1);
  const edges = Float64Array.from({ length: n_mels + 2 }, (_, b) => melToHz(low + b * step, scale));
  edges[0] = fmin;
  edges[n_mels + 1] = fmax;
  return edges;
}

/** Bands without a bin, which are zero for every sound. @param {Bank} bank */
export function emptyBands({ sums }) {
  return Array.from(sums.keys()).filter((b) => sums[b] === 0);
}

/** Sum a row of magnitudes into `bank.bands`. */
function sumBands(S, { band, rising, falling, bands }) {
  bands.fill(0);
  for (let k = 0; k < band.length; k++) {
    const b = band[k];
    bands[b] += falling[k] * S[k];
    bands[b + 1] += rising[k] * S[k];
  }
}

/** Multiply a row of magnitudes by how much its bands fall short of those that are wanted. */
function correct(S, wanted, floor, bank) {
  const { band, backRising, backFalling, bands } = bank;
  sumBands(S, bank);
  for (let b = 0; b < bands.length; b++) bands[b] = wanted[b] / Math.max(bands[b], floor);
  for (let k = 0; k < band.length; k++) {
    S[k] *= backFalling[k] * bands[band[k]] + backRising[k] * bands[band[k] + 1];
  }
}

/**
 * Sum the bins of a spectrogram into bands.
 * @param {Values} S @param {Bank} bank @returns {Values}
 */
export function melForward(S, bank) {
  const { n_mels, grid: { n_bins } } = bank, n_frames = S.length / n_bins;
  const M = new S.constructor(n_frames * n_mels);
  for (let m = 0; m < n_frames; m++) {
    sumBands(S.subarray(m * n_bins, (m + 1) * n_bins), bank);
    M.set(bank.bands.subarray(1, n_mels + 1), m * n_mels);
  }
  return M;
}

/**
 * Guess the spectrogram from its bands: expectation maximisation from a smooth envelope
 * (Richardson 1972, Lucy 1974).
 * @param {Values} M @param {Bank} bank @returns {Values}
 */
export function melInverse(M, bank, n_iter = 50) {
  const { n_mels, grid: { n_bins } } = bank, n_frames = M.length / n_mels;
  const S = new M.constructor(n_frames * n_bins), loudest = largest(M);
  if (!(loudest > 0)) return S;
  const row = new Float64Array(n_bins), wanted = new Float64Array(n_mels + 2);
  const draw = makeEnvelope(M, bank);
  for (let m = 0; m < n_frames; m++) {
    readBands(M, m, wanted, 1 / loudest);
    draw(wanted, row);
    for (let i = 0; i < n_iter; i++) correct(row, wanted, EM_FLOOR, bank);
    for (let k = 0; k < n_bins; k++) S[m * n_bins + k] = row[k] * loudest;
  }
  return S;
}

/** `draw(bands, row)` draws a smooth spectrum: log-linear between the tips of filled bands. */
function makeEnvelope(M, bank) {
  const { grid, n_mels, sums, rising, falling, center_frequencies } = bank;
  const filled = Array.from(sums.keys()).filter((b) => sums[b] > 0), last = filled.length - 1;
  const tip = (i) => center_frequencies[filled[i]];
  const left = new Int32Array(grid.n_bins), part = new Float64Array(grid.n_bins);
  for (let k = 0, i = 0; k < grid.n_bins; k++) {
    const f = k * (grid.sr / grid.n_fft);
    while (i + 1 < last && f > tip(i + 1)) i++;
    left[k] = i;
    if (last > 0) part[k] = Math.min(1, Math.max(0, (f - tip(i)) / (tip(i + 1) - tip(i))));
  }
  const means = M.map((v, i) => (sums[i % n_mels] > 0 ? v / sums[i % n_mels] : 0));
  const floor = EM_FLOOR * largest(means) / largest(M), logs = new Float64Array(last + 2);
  return (bands, row) => {
    filled.forEach((b, i) => { logs[i] = Math.log(Math.max(bands[b + 1] / sums[b], floor)); });
    for (let k = 0; k < row.length; k++) {
      const a = logs[left[k]], b = logs[left[k] + 1], isCovered = rising[k] + falling[k] > 0;
      row[k] = isCovered ? Math.exp(a + part[k] * (b - a)) : 0;
    }
  };
}

/**
 * Find a signal whose mel spectrogram is `M`, its magnitudes and its phase together; yields and
 * returns as `griffinLim`. The iteration does not impose the magnitudes of `melInverse`: it keeps
 * those that the waveform has and corrects them by what the bands demand.
 * @param {Values} M @param {Bank} bank
 * @param {{n_iter?: number, length?: number, seed?: number, measure_every?: number}} [options]
 */
export function* invertMel(M, bank, { n_iter = 100, length, seed = 0, measure_every = 1 } = {}) {
  const { grid, n_mels } = bank, n_frames = M.length / n_mels;
  const loudest = largest(M), S = melInverse(M, bank);
  if (!(largest(S) > 0)) return new M.constructor(length ?? shortest(n_frames, grid));
  const size = new Float64Array(grid.n_bins), wanted = new Float64Array(n_mels + 2);
  const step = (row, m) => {
    readBands(M, m, wanted);
    measure(row, size);
    for (let i = 0; i < CORRECTIONS; i++) correct(size, wanted, CORRECTION_FLOOR * loudest, bank);
    impose(row, size);
  };
  const error = (row, m) => {
    readBands(M, m, wanted);
    measure(row, size);
    sumBands(size, bank);
    return squaredDistance(bank.bands, wanted, 0);
  };
  const phase = pghi(S, grid, { seed });
  for (let i = 0; i < S.length; i += grid.n_bins) {
    for (const [k, beside] of bank.unseen) S[i + k] = S[i + beside];
  }
  const problem = { S, phase, grid, step, error, energy: sumOfSquares(M) };
  return yield* refine(problem, { n_iter, momentum: 0.99, length, measure_every });
}

/** Copy a frame of bands between the empty ones at the ends of `bands`. */
function readBands(M, m, bands, scale = 1) {
  const n_mels = bands.length - 2;
  for (let b = 0; b < n_mels; b++) bands[b + 1] = scale * M[m * n_mels + b];
}
