/** The short-time Fourier transform and its inverse, as `specdemo.stft`. */

import { TWO_PI, largest, least, measure, multiply } from "./arrays.js";
import { makeFft } from "./fft.js";

// The least sum of squared windows, relative to the largest, that can be divided by.
export const NOLA_TOLERANCE = 1e-10;

// The least sum of squared windows, relative to the largest, that an estimate is divided by.
export const ESTIMATE_FLOOR = 0.01;

/** Sums of cosines: the mean, and what the first and the second harmonic take away and add. */
export const WINDOWS = {
  hann: [0.5, 0.5, 0],
  hamming: [0.54, 0.46, 0],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1, 0, 0],
};

// Kaldi's window is Hann's, symmetric, to this power.
const POVEY_EXPONENT = 0.85;

/**
 * The time-frequency grid with the plan and the work space of its transforms. Frames are centred
 * unless `pad` says otherwise: samples before and behind the signal, a pair when they differ.
 * @param {{sr: number, n_fft: number, hop_length: number, window?: WindowName, win_length?: number,
 *   pad?: number|number[], pad_mode?: string}} settings
 */
export function makeGrid({ sr, n_fft, hop_length, window = "hann", ...more }) {
  const { win_length = n_fft, pad: around = Math.floor(n_fft / 2), pad_mode = "constant" } = more;
  const [padding, behind] = typeof around === "number" ? [around, around] : around;
  const n_bins = Math.floor(n_fft / 2) + 1;
  const row = () => ({ re: new Float64Array(n_bins), im: new Float64Array(n_bins) });
  const values = new Float64Array(n_fft);
  values.set(makeWindow(window, win_length), Math.floor((n_fft - win_length) / 2));
  return {
    sr, n_fft, hop_length, n_bins, window: values, win_length, padding, behind, pad_mode,
    fft: makeFft(n_fft),
    rows: /** @type {[Row, Row]} */ ([row(), row()]),
  };
}

/** The values of a window: periodic, unless its name is a pair with "symmetric". */
function makeWindow(name, width) {
  if (name === "povey")
    return makeWindow(["hann", "symmetric"], width).map((w) => w ** POVEY_EXPONENT);
  const [word, isSymmetric] = typeof name === "string" ? [name, false] : [name[0], true];
  const [mean, first, second] = WINDOWS[word], period = isSymmetric ? width - 1 : width;
  return Float64Array.from({ length: width }, (_, t) => {
    const angle = TWO_PI * t / period;
    return mean - first * Math.cos(angle) + second * Math.cos(2 * angle);
  });
}

/** Whether every sample is seen by a window that is not zero there. @param {Grid} grid */
export function isInvertible({ window, n_fft, hop_length }) {
  if (hop_length > n_fft) return false;
  const total = new Float64Array(hop_length);
  for (let t = 0; t < n_fft; t++) total[t % hop_length] += window[t] ** 2;
  return least(total) > NOLA_TOLERANCE * largest(total);
}

/** Number of frames of a signal of `n_samples`. */
export function nFrames(n_samples, { n_fft, hop_length, padding, behind }) {
  return 1 + Math.floor((n_samples + padding + behind - n_fft) / hop_length);
}

/** Samples under all frames, padding included. */
export function span(n_frames, { n_fft, hop_length }) {
  return (n_frames - 1) * hop_length + n_fft;
}

/** Samples of the signal up to the end of the last frame. */
export function reach(n_frames, grid) {
  return span(n_frames, grid) - grid.padding;
}

/** Samples of the shortest signal that has `n_frames` frames. */
export function shortest(n_frames, grid) {
  return Math.max(1, reach(n_frames, grid) - grid.behind);
}

/** Samples of the longest signal that has `n_frames` frames and lies in their reach. */
export function longest(n_frames, grid) {
  const end = reach(n_frames, grid);
  return Math.max(1, Math.min(end, end - grid.behind + grid.hop_length - 1));
}

/**
 * The spectra of the frames of a signal.
 * @param {Values} x @param {Grid} grid @returns {Transform}
 */
export function forward(x, grid) {
  const n_frames = nFrames(x.length, grid), { n_bins } = grid;
  const re = new x.constructor(n_frames * n_bins), im = new x.constructor(n_frames * n_bins);
  analyse(pad(x, n_frames, grid), n_frames, grid, (row, m) => {
    re.set(row.re, m * n_bins);
    im.set(row.im, m * n_bins);
  });
  return { re, im, n_frames, n_bins };
}

/** The magnitudes of a transform. @param {Transform} X @returns {Values} */
export function magnitude({ re, im }) {
  return re.map((r, i) => Math.sqrt(r * r + im[i] * im[i]));
}

/** `magnitude(forward(x, grid))` without the memory for the transform. */
export function magnitudes(x, grid) {
  const n_frames = nFrames(x.length, grid), { n_bins } = grid;
  const S = new x.constructor(n_frames * n_bins), size = new Float64Array(n_bins);
  analyse(pad(x, n_frames, grid), n_frames, grid, (row, m) => {
    measure(row, size);
    S.set(size, m * n_bins);
  });
  return S;
}

/**
 * The signal whose transform is nearest to `X` in the least-squares sense. Where the padding behind
 * it begins is not known, and not needed: the samples do not depend on `length`.
 * @param {Transform} X @param {Grid} grid @param {number} [length] samples; default: the shortest
 */
export function inverse({ re, im, n_frames, n_bins }, grid, length = shortest(n_frames, grid)) {
  const y = new Float64Array(span(n_frames, grid));
  synthesise(y, n_frames, grid, (row, m) => {
    row.re.set(re.subarray(m * n_bins, (m + 1) * n_bins));
    row.im.set(im.subarray(m * n_bins, (m + 1) * n_bins));
  });
  const total = windowSum(n_frames, grid), ends = openEndsOf(shortest(n_frames, grid), grid);
  ends.fold(y);
  ends.fold(total);
  multiply(y, oneOver(total, grid));
  return new re.constructor(y.subarray(grid.padding, grid.padding + length));
}

/** The signal with its padding, and with zeros as far behind that as the frames need. */
export function pad(x, n_frames, grid) {
  const y = new Float64Array(Math.max(span(n_frames, grid), grid.padding + x.length));
  y.set(x, grid.padding);
  endsOf(x.length, y.length, grid).extend(y);
  return y;
}

// The sample of a signal of n that stands at place t beyond its ends, in the words of NumPy.
const beyond = {
  edge: (t, n) => Math.min(Math.max(t, 0), n - 1),
  reflect: (t, n) => {
    const period = Math.max(1, 2 * (n - 1)), at = (t % period + period) % period;
    return Math.min(at, period - at);
  },
  symmetric: (t, n) => {
    const at = (t % (2 * n) + 2 * n) % (2 * n);
    return Math.min(at, 2 * n - 1 - at);
  },
};

/**
 * The ends of a padded signal of `n_samples` samples, as two functions that change it in place:
 * `extend` makes the padding of the signal, with silence behind it; `fold`, the transpose of that,
 * adds what lies on the padding to the samples that it copies. The signal whose frames are nearest
 * to given ones is the sum of these frames, folded, over the sum of squared windows, folded.
 * @param {number} n_samples @param {number} n_total samples of the padded signal @param {Grid} grid
 */
export function endsOf(n_samples, n_total, { padding, behind, pad_mode }) {
  const end = padding + n_samples, sourceOf = beyond[pad_mode];
  const last = sourceOf ? Math.min(n_total, end + behind) : end, copies = [];
  if (sourceOf) {
    for (let t = 0; t < last; t = t + 1 === padding ? end : t + 1) {
      copies.push([t, padding + sourceOf(t - padding, n_samples)]);
    }
  }
  return makeEnds(copies, (y) => y.fill(0, 0, padding).fill(0, end));
}

/**
 * The same of a signal of at least `n_samples` samples that goes on as far as frames reach: what the
 * padding before it copies is known, save where it runs through the whole signal and back.
 * @param {number} n_samples @param {Grid} grid
 */
export function openEndsOf(n_samples, { padding, pad_mode }) {
  const sourceOf = beyond[pad_mode];
  if (!sourceOf) return makeEnds([], (y) => y.fill(0, 0, padding));
  // A mirror on the first sample shows all but this; one before it shows all.
  const shown = { edge: padding, reflect: n_samples - 1, symmetric: n_samples }[pad_mode];
  const copies = [];
  for (let t = Math.max(0, padding - shown); t < padding; t++) {
    copies.push([t, padding + sourceOf(t - padding, n_samples)]);
  }
  return makeEnds(copies, () => {});
}

/** The two functions of ends that `copies`, pairs of a place and that of its source, describe. */
function makeEnds(copies, silence) {
  return {
    extend(y) {
      silence(y);
      for (const [to, from] of copies) y[to] = y[from];
    },
    fold(y) {
      for (const [from, to] of copies) y[to] += y[from];
    },
  };
}

/** Whether the padding is the signal run backwards. @param {Grid} grid */
export function isMirrored({ padding, behind, pad_mode }) {
  return ["reflect", "symmetric"].includes(pad_mode) && padding + behind > 0;
}

/** The sum of squared windows, padding included. */
export function windowSum(n_frames, grid) {
  const { window, n_fft, hop_length } = grid;
  const total = new Float64Array(span(n_frames, grid));
  for (let m = 0; m < n_frames; m++)
    for (let t = 0; t < n_fft; t++) total[m * hop_length + t] += window[t] * window[t];
  return total;
}

/** One over a sum of squared windows; zero where that is a rounding error. */
export function oneOver(total, { window }) {
  const nothing = (2 ** -52 * largest(window)) ** 2;
  return total.map((sum) => (sum > nothing ? 1 / sum : 0));
}

/** One over a sum of squared windows, for estimates: none is divided by next to nothing. */
export function oneOverEnough(total, most = largest(total)) {
  const floor = ESTIMATE_FLOOR * most;
  return total.map((sum) => 1 / Math.max(sum, floor));
}

/**
 * Transform the frames of a padded signal and show each to `visit`. With `sum`, transform the row
 * that `visit` leaves back and overlap-add it there.
 * @param {Float64Array} y @param {number} n_frames @param {Grid} grid
 * @param {(row: Row, m: number) => void} visit @param {Float64Array} [sum]
 */
export function analyse(y, n_frames, grid, visit, sum) {
  for (let m = 0; m < n_frames; m += 2) {
    const isPair = m + 1 < n_frames;
    cutPair(y, m, isPair, grid);
    grid.fft.transform();
    separate(grid);
    visit(grid.rows[0], m);
    if (isPair) visit(grid.rows[1], m + 1);
    if (sum) addPair(sum, m, isPair, grid);
  }
}

/** Overlap-add the frames whose spectra `fill(row, m)` writes. */
export function synthesise(sum, n_frames, grid, fill) {
  for (let m = 0; m < n_frames; m += 2) {
    const isPair = m + 1 < n_frames;
    fill(grid.rows[0], m);
    if (isPair) fill(grid.rows[1], m + 1);
    addPair(sum, m, isPair, grid);
  }
}

/** Two windowed frames as real and imaginary parts of one: half the work, whatever the size. */
function cutPair(y, m, isPair, { fft: { z }, window, n_fft, hop_length }) {
  const first = m * hop_length, second = first + hop_length;
  for (let t = 0; t < n_fft; t++) {
    z[2 * t] = y[first + t] * window[t];
    z[2 * t + 1] = isPair ? y[second + t] * window[t] : 0;
  }
}

/** Tell the spectra of two real frames apart: one is Hermitian, and i times the other is not. */
function separate({ fft: { z }, rows: [a, b], n_fft, n_bins }) {
  const ar = a.re, ai = a.im, br = b.re, bi = b.im;
  ar[0] = z[0];
  br[0] = z[1];
  ai[0] = bi[0] = 0;
  for (let k = 1, i = 2, j = 2 * n_fft - 2; k < n_bins; k++, i += 2, j -= 2) {
    const re = z[i], im = z[i + 1], mirrorR = z[j], mirrorI = z[j + 1];
    ar[k] = 0.5 * (re + mirrorR);
    ai[k] = 0.5 * (im - mirrorI);
    br[k] = 0.5 * (im + mirrorI);
    bi[k] = 0.5 * (mirrorR - re);
  }
}

/** The way back from `separate`, with real and imaginary parts exchanged: see `exchange`. */
function combine({ fft: { z }, rows: [a, b], n_fft, n_bins }) {
  const ar = a.re, ai = a.im, br = b.re, bi = b.im;
  z[1] = ar[0];
  z[0] = br[0];
  for (let k = 1, i = 2, j = 2 * n_fft - 2; i < j; k++, i += 2, j -= 2) {
    const re = ar[k], im = ai[k], nextR = br[k], nextI = bi[k];
    z[i + 1] = re - nextI;
    z[i] = im + nextR;
    z[j + 1] = re + nextI;
    z[j] = nextR - im;
  }
  // At the Nyquist frequency the spectrum of a real frame is real.
  if (n_fft % 2 === 0) {
    z[n_fft + 1] = ar[n_bins - 1];
    z[n_fft] = br[n_bins - 1];
  }
}

/** Transform the rows of two frames back and overlap-add them. */
function addPair(sum, m, isPair, grid) {
  combine(grid);
  grid.fft.transform();
  const { fft: { z }, window, n_fft, hop_length } = grid, scale = 1 / n_fft;
  const first = m * hop_length, second = first + hop_length;
  for (let t = 0; t < n_fft; t++) sum[first + t] += scale * z[2 * t + 1] * window[t];
  if (isPair) for (let t = 0; t < n_fft; t++) sum[second + t] += scale * z[2 * t] * window[t];
}
