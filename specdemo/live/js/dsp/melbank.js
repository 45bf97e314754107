/** The mel bank, as `specdemo.mel`. */

import { hzToMel, melEdges } from "./melscale.js";

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
export function isSeen(k, { width, weights }) {
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
export function raise(values, power) {
  if (power === 2) for (let k = 0; k < values.length; k++) values[k] *= values[k];
  else if (power === 0.5) for (let k = 0; k < values.length; k++) values[k] = Math.sqrt(values[k]);
  else if (power !== 1) for (let k = 0; k < values.length; k++) values[k] **= power;
}

/** Sum a row of magnitudes, raised to the power of the bank, into `bank.bands`. */
export function sumBands(S, { width, band, weights, bands }) {
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
