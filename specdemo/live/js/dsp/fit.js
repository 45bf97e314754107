/** Which format an array can be in, and how ordinary its sound, as `specdemo.formats.fit`. */

import { largest } from "./arrays.js";
import { reachOf } from "./bounds.js";
import { bandsOf, formatNames, formatOf, frames, inverse, isAkin, misfitOf } from "./formats.js";

// A sound that reaches further than this was not meant: sounds lie within -1 and 1.
export const TOO_LOUD = 1.5;

// What recordings of speech and music are like: the spread of their bands (from the 5th to the 95th
// percentile) and the peak of their loudest frame, each with how far recordings lie from it.
export const SPREAD_DB = 64, SPREAD_SCALE_DB = 12;
export const PEAK_DB = -10, PEAK_SCALE_DB = 10;
// What lies deeper below the loudest band is silence, which says nothing.
export const DEEPEST_DB = 100;

// How much more doubtful than the least doubtful format one may be to be proposed.
export const DOUBT_RANGE = 2.5;

// What it adds to the doubt that the last frame is not overwritten in a format where it is.
export const NOT_BLANK = 1, BLANK_TOLERANCE = 0.0045;

// Statistics of the bands of an utterance: how far from 0 and 1 they may be found, on average, and
// how far bands lie that nobody has normalised.
export const STATISTICS_SCALE = 0.3, NOT_NORMALISED = 0.6;

const TINY = 2 ** -1022;

/**
 * The least peak of a sound that has such bands. By Parseval, the bins of a frame cannot hold more
 * power than the window lets through from a sound of that peak. Bands two apart share no bin, and a
 * band of amplitudes tells by the inequality of Cauchy and Schwarz the least power of its bins.
 * @param {Values} M bands, a frame a row @param {import("./formats.js").Format} format
 */
export function leastPeak(M, { bank, grid, n_mels, gain, preemphasis }) {
  const strength = strengths(bank);
  let held = 0;
  for (let from = 0; from < M.length; from += n_mels) {
    const power = [0, 0];
    for (let b = 0; b < n_mels; b++) {
      if (strength[b] > 0) power[b % 2] += M[from + b] ** (2 / bank.power) / strength[b];
    }
    held = Math.max(held, ...power);
  }
  const window = grid.window.reduce((sum, w) => sum + w * w, 0);
  return Math.sqrt(held / (grid.n_fft / 2 * window * (gain * (1 + preemphasis)) ** 2));
}

/** The largest weight of every band of powers, and the sum of squares of one of amplitudes. */
function strengths({ n_mels, width, band, weights, power }) {
  const strength = new Float64Array(n_mels + 2 * width - 2);
  for (let i = 0; i < weights.length; i++) {
    const b = band[Math.floor(i / width)] + i % width, weight = weights[i];
    strength[b] = power === 2 ? Math.max(strength[b], weight) : strength[b] + weight ** 2;
  }
  return strength.subarray(width - 1, width - 1 + n_mels);
}

/** How far the bands of a sound lie apart in dB, from the 5th to the 95th percentile. */
export function spread(M, { bank: { power } }) {
  const to_db = 20 / power, floor = Math.max(largest(M) * 10 ** (-DEEPEST_DB / to_db), TINY);
  const sorted = Float64Array.from(M, (v) => Math.max(v, floor)).sort();
  return to_db * Math.log10(percentile(sorted, 0.95) / percentile(sorted, 0.05));
}

function percentile(sorted, part) {
  const at = part * (sorted.length - 1), low = Math.floor(at), high = Math.ceil(at);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * How unlike a recording the sound of an array would be in a format that it fits: 0 and above.
 * @param {import("./formats.js").Table} table @param {import("./formats.js").Format} format
 */
export function doubt(table, format) {
  const { scale, n_mels } = format, A = thinned(frames(table, format), n_mels);
  const ofEnd = endsBlank(table, format, BLANK_TOLERANCE) ? 0 : NOT_BLANK;
  if (scale?.per_band) return doubtOfStatistics(A, n_mels) + ofEnd;
  const M = bandsOf(Float64Array.from(A), format), peak = leastPeak(M, format);
  if (peak > TOO_LOUD) return Infinity;
  // A level that was taken away says nothing.
  const level = scale?.to_max ? PEAK_DB : 20 * Math.log10(Math.max(peak, TINY));
  return Math.abs(spread(M, format) - SPREAD_DB) / SPREAD_SCALE_DB
    + Math.abs(level - PEAK_DB) / PEAK_SCALE_DB + ofEnd;
}

// The most frames of a long array that are looked at.
const MOST_FRAMES = 2048;

/** Frames at even distances, no more than there is time for. */
function thinned(A, n_mels) {
  const n_frames = A.length / n_mels, step = Math.ceil(n_frames / MOST_FRAMES);
  if (step === 1) return A;
  const kept = new A.constructor(Math.ceil(n_frames / step) * n_mels);
  for (let m = 0; m < n_frames; m += step)
    kept.set(A.subarray(m * n_mels, (m + 1) * n_mels), m / step * n_mels);
  return kept;
}

/** How far the statistics of the bands are from those that they are normalised to. */
function doubtOfStatistics(A, n_mels) {
  const n_frames = A.length / n_mels;
  let total = 0;
  for (let b = 0; b < n_mels; b++) {
    let sum = 0, squares = 0;
    for (let i = b; i < A.length; i += n_mels) {
      sum += A[i];
      squares += A[i] ** 2;
    }
    const mean = sum / n_frames, std = Math.sqrt(Math.max(0, squares / n_frames - mean ** 2));
    total += Math.abs(mean) + Math.abs(std - 1);
  }
  const apart = total / n_mels;
  return apart > NOT_NORMALISED ? Infinity : apart / STATISTICS_SCALE;
}

/**
 * What every format says to an array: why it cannot be in it, or how doubtful that would be.
 * @param {import("./formats.js").Table} table
 * @returns {{name: string, reason: string|null, doubt: number}[]}
 */
export function judge(table) {
  const range = reachOf(table.values);
  return formatNames().map((name) => {
    const reason = misfitOf(name, table.shape, range);
    return { name, reason, doubt: reason ? Infinity : doubt(table, formatOf(name)) };
  });
}

/** Names of the formats in which an array is not much more doubtful than in others, best first. */
export function proposals(judged) {
  const fitting = judged.filter((one) => one.reason === null && one.doubt < Infinity);
  const limit = Math.min(...fitting.map((one) => one.doubt)) + DOUBT_RANGE;
  return fitting.filter((one) => one.doubt <= limit).sort((a, b) => a.doubt - b.doubt)
    .map(({ name }) => name);
}

// The frames that are inverted, the iterations, and those for the start.
const STRAIN_FRAMES = 64, STRAIN_ITERATIONS = 8, STRAIN_START = 20;

/**
 * Bands that were made in another way than a format says belong to no sound, so that no inversion
 * comes near to them: what a doubt, and every dB that the best sound misses an array by, count as
 * evidence, in logarithms of odds. Where a sound cannot be asked, this many dB are assumed. Found by
 * logistic regression on arrays that were right, noisy, blurred, or of a low rank, as networks
 * predict them, of seven recordings in all formats.
 */
const ODDS_PER_DOUBT = 1.5, ODDS_PER_DB = 1 / 3, STRAIN_UNKNOWN_DB = -30;

/**
 * Every system may have made an array, so a format that several share is likelier. The part of that
 * which counts: the whole outweighed real arrays of BigVGAN, to which a sound of their own format
 * comes 3 dB nearer than one of Tacotron's.
 */
const PART_OF_SHARING = 0.7;

/**
 * How many dB nearer some sound comes to any array in a format that has twice as many samples for a
 * value.
 */
const FREEDOM_DB = 2.75;

// A last frame that is overwritten as a format says counts as a sound that is 4 dB nearer, if its
// values differ by less than the last digit.
const BLANK_DB = 4, LAST_DIGIT = 0.0035;

/**
 * How far the loudest part of an array is from that of any sound in a format, in dB: its spectral
 * convergence after a short inversion.
 * @param {import("./formats.js").Table} table @param {import("./formats.js").Format} format
 */
function strain(table, format) {
  if (format.scale?.per_band) return STRAIN_UNKNOWN_DB;
  let found = 0;
  const part = loudestPart(frames(table, format), format);
  const n_iter = STRAIN_ITERATIONS, options = { n_iter, measure_every: n_iter, n_em: STRAIN_START };
  for (const { convergence_db } of inverse(part, format, options)) found = convergence_db;
  return found;
}

function loudestPart(A, { n_mels }) {
  const n_frames = A.length / n_mels, length = Math.min(n_frames, STRAIN_FRAMES);
  const levels = Float64Array.from({ length: n_frames }, (_, m) => {
    let sum = 0;
    for (let b = 0; b < n_mels; b++) sum += A[m * n_mels + b];
    return sum;
  });
  let sum = 0, first = 0;
  for (let m = 0; m < length; m++) sum += levels[m];
  let most = sum;
  for (let m = length; m < n_frames; m++) {
    sum += levels[m] - levels[m - length];
    if (sum > most) [most, first] = [sum, m - length + 1];
  }
  return A.slice(first * n_mels, (first + length) * n_mels);
}

/** Whether the last frame is overwritten, where a format says so. */
function endsBlank({ shape: [rows, columns], values }, format, tolerance) {
  const { blank_last, frames_first, n_mels } = format;
  if (blank_last === null) return true;
  const last = frames_first ? values.subarray(-n_mels)
    : values.filter((_, i) => i % columns === columns - 1).subarray(0, rows);
  return last.every((v) => Math.abs(v - blank_last) < tolerance);
}

/**
 * Proposals, those that a sound comes nearest to first. Yields the name of every format before it
 * is tried, and returns the names in their order.
 * @param {import("./formats.js").Table} table @param {ReturnType<typeof judge>} judged
 */
export function* ranked(table, judged) {
  const names = proposals(judged), strains = new Map();
  const doubts = new Map(judged.map((one) => [one.name, one.doubt]));
  if (names.length < 2) return names;
  for (const name of names) {
    const akin = [...strains.keys()].find((other) => isAkin(name, other));
    if (!akin) yield name;
    strains.set(name, akin ? strains.get(akin) : strain(table, formatOf(name)));
  }
  /** @param {string} name */
  const score = (name) => {
    const format = formatOf(name), { blank_last, grid, n_mels } = format;
    const isBlank = blank_last !== null && endsBlank(table, format, LAST_DIGIT);
    const missed_db = strains.get(name) + FREEDOM_DB * Math.log2(grid.hop_length / n_mels);
    const sharing = names.filter((other) => isAkin(name, other)).length;
    return ODDS_PER_DOUBT * doubts.get(name) + ODDS_PER_DB * (missed_db - (isBlank ? BLANK_DB : 0))
      - PART_OF_SHARING * Math.log(sharing);
  };
  return names.map((name) => ({ name, at: score(name) })).sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}
