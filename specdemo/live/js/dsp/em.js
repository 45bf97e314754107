/** A spectrum from its mel bands by expectation maximisation, as `MelBank.inverse`. */

import { largest } from "./arrays.js";
import { isSeen, raise, sumBands } from "./melbank.js";

// The least part of the loudest band that is divided by.
export const EM_FLOOR = 1e-10;

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

/** Multiply a row of raised magnitudes by how much its bands fall short of the wanted ones. */
export function correct(S, wanted, floor, bank) {
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

/** Copy a frame of bands between the empty ones at the ends of `bands`. */
export function readBands(M, m, bands, { n_mels, width }, scale = 1) {
  for (let b = 0; b < n_mels; b++) bands[b + width - 1] = scale * M[m * n_mels + b];
}
