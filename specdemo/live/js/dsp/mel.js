/** The mel bank, and the way back, as `specdemo.mel`. */

import { largest, measure, sumOfSquares } from "./arrays.js";
import { hzToMel, melEdges } from "./melscale.js";
import { pghiWithEnds } from "./phase.js";
import { filled, impose, refine, squaredDistance } from "./refine.js";
import { shortest } from "./stft.js";

// The least part of the loudest band that is divided by: in the inverse, and in the joint inversion,
// whose iterations correct the magnitudes `CORRECTIONS` times.
export const EM_FLOOR = 1e-10;
export const CORRECTION_FLOOR = 1e-7;
const CORRECTIONS = 2;

/**
 * A bank on the bins of a grid: triangles, evenly spaced in mel, or what `filters` make. A bin lies
 * in `width` bands that follow each other, of which some may weigh it with zero. The first of them is
 * its `band`, `weights` are theirs, and `back` those of the back-projection, which add up to 1. Rows
 * of bands have `width - 1` more at either end, which are zero. No triangle sees the bins at 0 Hz and
 * at the Nyquist frequency; corrections take those `unseen` along with the bins beside them.
 * @param {Grid} grid
 * @param {{n_mels?: number, fmin?: number, fmax?: number, mel_scale?: string, norm?: string|null,
 *   power?: number, shape?: string, filters?: import("./banks.js").MakeFilters}} [settings]
 *   frequencies in Hz; `fmax` 0 is the Nyquist frequency
 */
export function melBank(grid, settings = {}) {
  const { n_mels = 80, fmin = 0, mel_scale = "slaney", power = 1, filters } = settings;
  const { n_bins, sr } = grid, fmax = settings.fmax || sr / 2;
  const edges = melEdges(n_mels, fmin, fmax, mel_scale);
  const { width, band, weights, center_frequencies } = filters
    ? filters(grid, n_mels, fmin, fmax) : triangles(grid, edges, settings);
  const back = new Float64Array(weights.length), sums = new Float64Array(n_mels + 2 * width - 2);
  for (let k = 0; k < n_bins; k++) {
    let total = 0;
    for (let i = 0; i < width; i++) total += weights[k * width + i];
    for (let i = 0; i < width && total > 0; i++) {
      back[k * width + i] = weights[k * width + i] / total;
      sums[band[k] + i] += weights[k * width + i];
    }
  }
  const made = {
    grid, n_mels, power, width, band, weights, back,
    unseen: /** @type {number[][]} */ ([]),
    sums: sums.subarray(width - 1, width - 1 + n_mels),
    center_frequencies, bands: new Float64Array(sums.length),
  };
  followNeighbours(made);
  return made;
}

/** Triangles, straight over Hz or over mel: for a bin one falls, and the next rises. */
function triangles({ n_bins, sr, n_fft }, edges, settings) {
  const { norm = "slaney", shape = "hz", mel_scale = "slaney" } = settings, last = edges.length - 1;
  const place = shape === "mel" ? (f) => hzToMel(f, mel_scale) : (f) => f;
  const places = edges.map(place), band = new Int32Array(n_bins);
  const weights = new Float64Array(2 * n_bins);
  const height = (b) => (norm === "slaney" ? 2 / (edges[b + 1] - edges[b - 1]) : 1);
  for (let k = 0, b = 0; k < n_bins; k++) {
    const f = k * (sr / n_fft);
    if (f <= edges[0] || f >= edges[last]) continue;
    while (f >= edges[b + 1]) b++;
    const part = (place(f) - places[b]) / (places[b + 1] - places[b]);
    band[k] = b;
    if (b > 0) weights[2 * k] = height(b) * (1 - part);
    if (b < last - 1) weights[2 * k + 1] = height(b + 1) * part;
  }
  return { width: 2, band, weights, center_frequencies: edges.slice(1, -1) };
}

/** Whether a bin lies in a band. */
function isSeen(k, { width, weights }) {
  return weights.subarray(k * width, (k + 1) * width).some((weight) => weight > 0);
}

/** Let bins at the ends that no band sees be corrected as those beside them. */
function followNeighbours(bank) {
  const { grid: { n_bins }, width, band, back, unseen } = bank;
  for (const [k, beside] of [[0, 1], [n_bins - 1, n_bins - 2]]) {
    if (isSeen(k, bank) || !isSeen(beside, bank)) continue;
    unseen.push([k, beside]);
    band[k] = band[beside];
    back.copyWithin(k * width, beside * width, (beside + 1) * width);
  }
}

/** Bands without a bin, which are zero for every sound. @param {Bank} bank */
export function emptyBands({ sums }) {
  return Array.from(sums.keys()).filter((b) => sums[b] === 0);
}

/** Magnitudes to the power that the bank sums. */
function raise(values, power) {
  if (power === 2) for (let k = 0; k < values.length; k++) values[k] *= values[k];
  else if (power === 0.5) for (let k = 0; k < values.length; k++) values[k] = Math.sqrt(values[k]);
  else if (power !== 1) for (let k = 0; k < values.length; k++) values[k] **= power;
}

/** Sum a row of magnitudes, raised to the power of the bank, into `bank.bands`. */
function sumBands(S, { width, band, weights, bands }) {
  bands.fill(0);
  if (width === 2) return sumPairs(S, band, weights, bands);
  for (let k = 0, at = 0; k < band.length; k++) {
    for (let b = band[k], end = b + width; b < end; b++, at++) bands[b] += weights[at] * S[k];
  }
}

/** The same of triangles, with the sums of two bands at hand: a bin follows the one before. */
function sumPairs(S, band, weights, bands) {
  let at = band[0], lower = 0, upper = 0;
  for (let k = 0; k < band.length; k++) {
    const s = S[k];
    if (band[k] !== at) {
      bands[at] += lower;
      bands[at + 1] += upper;
      lower = upper = 0;
      at = band[k];
    }
    lower += weights[2 * k] * s;
    upper += weights[2 * k + 1] * s;
  }
  bands[at] += lower;
  bands[at + 1] += upper;
}

/** Multiply a row of raised magnitudes by how much its bands fall short of the wanted ones. */
function correct(S, wanted, floor, bank) {
  const { width, band, back, bands } = bank;
  sumBands(S, bank);
  for (let b = 0; b < bands.length; b++) bands[b] = wanted[b] / Math.max(bands[b], floor);
  if (width === 2) {
    for (let k = 0; k < band.length; k++)
      S[k] *= back[2 * k] * bands[band[k]] + back[2 * k + 1] * bands[band[k] + 1];
    return;
  }
  for (let k = 0, at = 0; k < band.length; k++) {
    let factor = 0;
    for (let b = band[k], end = b + width; b < end; b++, at++) factor += back[at] * bands[b];
    S[k] *= factor;
  }
}

/**
 * Sum the bins of a spectrogram into bands.
 * @param {Values} S @param {Bank} bank @returns {Values}
 */
export function melForward(S, bank) {
  const { n_mels, width, power, grid: { n_bins } } = bank, n_frames = S.length / n_bins;
  const M = new S.constructor(n_frames * n_mels), row = new Float64Array(n_bins);
  for (let m = 0; m < n_frames; m++) {
    row.set(S.subarray(m * n_bins, (m + 1) * n_bins));
    raise(row, power);
    sumBands(row, bank);
    M.set(bank.bands.subarray(width - 1, width - 1 + n_mels), m * n_mels);
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
  const row = new Float64Array(n_bins), wanted = new Float64Array(bank.bands.length);
  const draw = makeEnvelope(M, bank), scale = loudest ** (1 / bank.power);
  for (let m = 0; m < n_frames; m++) {
    readBands(M, m, wanted, bank, 1 / loudest);
    draw(wanted, row);
    for (let i = 0; i < n_iter; i++) correct(row, wanted, EM_FLOOR, bank);
    raise(row, 1 / bank.power);
    for (let k = 0; k < n_bins; k++) S[m * n_bins + k] = row[k] * scale;
  }
  return S;
}

/** `draw(bands, row)` draws a smooth spectrum: log-linear between the tips of filled bands. */
function makeEnvelope(M, bank) {
  const { grid, n_mels, width, sums, back, center_frequencies } = bank;
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
  const isCovered = left.map((_, k) => Number(isSeen(k, bank)));
  const floor = EM_FLOOR * largest(means) / largest(M), logs = new Float64Array(last + 2);
  return (bands, row) => {
    filled.forEach((b, i) => {
      logs[i] = Math.log(Math.max(bands[b + width - 1] / sums[b], floor));
    });
    for (let k = 0; k < row.length; k++) {
      const a = logs[left[k]], b = logs[left[k] + 1];
      row[k] = isCovered[k] ? Math.exp(a + part[k] * (b - a)) : 0;
    }
  };
}

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
  const phase = pghiWithEnds(S, grid, filled(n_frames, grid, length), { seed });
  for (let i = 0; i < S.length; i += grid.n_bins) {
    for (const [k, beside] of bank.unseen) S[i + k] = S[i + beside];
  }
  const problem = { S, phase, grid, step, error, energy: sumOfSquares(M) };
  return yield* refine(problem, { n_iter, momentum: 0.99, length, measure_every });
}

/** Copy a frame of bands between the empty ones at the ends of `bands`. */
function readBands(M, m, bands, { n_mels, width }, scale = 1) {
  for (let b = 0; b < n_mels; b++) bands[b + width - 1] = scale * M[m * n_mels + b];
}
