/** What other systems call a mel spectrogram, and back to sound, as `specdemo.MelFormat`. */

import registry from "../../../formats/registry.json" with { type: "json" };
import { least, measure } from "./arrays.js";
import { filtersOf } from "./banks.js";
import { slack, withoutStrays } from "./bounds.js";
import { demand } from "./limits.js";
import { invertMel } from "./mel.js";
import { melBank, melForward } from "./melbank.js";
import { analyse, longest, makeGrid, nFrames, pad, reach, shortest } from "./stft.js";
import {
  highestOf, lossesOf, lowestOf, makeScale, scaled, unscaled, widestOf,
} from "./logscale.js";

/** @typedef {ReturnType<typeof makeFormat>} Format */
/** @typedef {{shape: [number, number], values: Values}} Table of rows and columns, a row a time */

/** @type {Record<string, any>} */
const entries = registry;
/** @type {Map<string, Format>} */
const made = new Map();

/** Names of all formats. */
export function formatNames() {
  return Object.keys(entries);
}

/** The name of the format of a system, which may be that of another; undefined for neither. */
export function nameOf(system) {
  const isMeant = (name) => name === system || entries[name].aliases?.includes(system);
  return formatNames().find(isMeant);
}

/** The format of a name, the same one each time. */
export function formatOf(name) {
  if (!made.has(name)) made.set(name, makeFormat(name));
  return made.get(name);
}

// What no array shows: where frames begin, and what stands around the sound.
const UNSEEN = [
  "source", "aliases", "eps", "pad", "pad_mode", "window", "fill", "drop_last", "blank_last",
];

/** Whether two formats are the same but for what no array shows. */
export function isAkin(name, other) {
  const unless = (key, value) => (UNSEEN.includes(key) ? undefined : value);
  const seen = (entry) => JSON.stringify(entry, unless);
  return seen(entries[name]) === seen(entries[other]);
}

/** A format from its entry in the registry, with grid and bank. */
function makeFormat(name) {
  const entry = entries[name], { sound_sr, source, aliases = [], ...rest } = entry;
  const filters = entry.bank && filtersOf(entry.bank);
  const grid = makeGrid(entry), bank = melBank(grid, { ...entry, filters });
  return {
    eps: 0, preemphasis: 0, remove_mean: false, gain: 1, frames_first: false, drop_last: false,
    fill: /** @type {string|null} */ (null), blank_last: /** @type {number|null} */ (null),
    ...rest, name, source, aliases, grid, bank, sr: sound_sr ?? grid.sr, n_mels: bank.n_mels,
    scale: entry.scale === null ? null : makeScale(entry.scale),
  };
}

/**
 * What cannot be had back from an array alone: a sentence for each rule.
 * @param {{scale: import("./logscale.js").Scale|null, power?: number, drop_last?: boolean,
 *   blank_last?: number|null}} format
 */
export function losses({ scale, power = 1, drop_last = false, blank_last = null }) {
  return [
    ...(scale ? lossesOf(scale, power) : []),
    ...(drop_last ? ["The last frame is left out."] : []),
    ...(blank_last === null ? [] : [`The last frame is overwritten with ${blank_last}.`]),
  ];
}

// ---------------------------------------------------------------------------- From sound

/** Zeros that stand around a sound beside the padding of the grid. */
function filling(n_samples, { fill, grid: { n_fft, hop_length, padding, behind } }) {
  if (fill === "front") {
    const n_hops = Math.max(1, Math.ceil(n_samples / hop_length));
    return n_fft + (2 ** Math.ceil(Math.log2(n_hops)) - 1) * hop_length - n_samples;
  }
  const missing = n_fft - n_samples - padding - behind;
  if (fill !== "zeros") return 0;
  return missing > 0 ? missing : (missing % hop_length + hop_length) % hop_length;
}

/** Frames of the array of a sound. @param {number} n_samples @param {Format} format */
export function framesOf(n_samples, format) {
  return nFrames(n_samples + filling(n_samples, format), format.grid) - Number(format.drop_last);
}

/**
 * The array that a system makes of a sound at its rate, a frame a row.
 * @param {Values} x @param {Format} format @returns {Values}
 */
export function forward(x, format) {
  const { bank, n_mels, scale, blank_last } = format;
  const M = melForward(magnitudesOf(x, format), bank);
  if (!scale) return M;
  const kept = framesOf(x.length, format) - Number(blank_last !== null);
  const A = scaled(M.subarray(0, kept * n_mels), n_mels, scale);
  if (blank_last === null) return A;
  const whole = new A.constructor(A.length + n_mels).fill(blank_last);
  whole.set(A);
  return whole;
}

function magnitudesOf(x, format) {
  const { grid, eps, gain, fill, remove_mean } = format, { n_bins } = grid;
  const around = filling(x.length, format), front = fill === "front" ? around : 0;
  const more = front || (fill === "silence" ? grid.n_fft : 0);
  const n_frames = nFrames(x.length + around, grid), y = new Float64Array(x.length + more);
  y.set(x.map((v) => gain * v), front);
  const means = remove_mean && spectraOfMeans(y, n_frames, format);
  const S = new x.constructor(n_frames * n_bins), size = new Float64Array(n_bins);
  analyse(pad(emphasised(y, format), n_frames, grid), n_frames, grid, (row, m) => {
    if (means) means(row, m);
    measure(row, size);
    for (let k = 0; k < n_bins; k++) S[m * n_bins + k] = Math.sqrt(size[k] ** 2 + eps);
  });
  return S;
}

/**
 * A function that takes the mean of a frame out of its spectrum. Pre-emphasis, which every frame of
 * Kaldi's begins anew, leaves `1 - preemphasis` of a constant, save in the first sample, which the
 * window weighs with zero.
 */
function spectraOfMeans(y, n_frames, { grid, preemphasis }) {
  const { n_fft, hop_length, win_length, n_bins } = grid, padded = pad(y, n_frames, grid);
  const first = Math.floor((n_fft - win_length) / 2);
  const window = { re: new Float64Array(n_bins), im: new Float64Array(n_bins) };
  analyse(new Float64Array(n_fft).fill(1), 1, grid, ({ re, im }) => {
    window.re.set(re);
    window.im.set(im);
  });
  return ({ re, im }, m) => {
    const from = m * hop_length + first, frame = padded.subarray(from, from + win_length);
    const mean = frame.reduce((sum, v) => sum + v, 0) / win_length * (1 - preemphasis);
    for (let k = 0; k < n_bins; k++) {
      re[k] -= mean * window.re[k];
      im[k] -= mean * window.im[k];
    }
  };
}

function emphasised(x, { preemphasis }) {
  return preemphasis ? x.map((v, t) => v - (t ? preemphasis * x[t - 1] : 0)) : x;
}

// ---------------------------------------------------------------------------- Can it be this one?

/** The least value that an array can have. @param {Format} format */
export function lowest({ bank, eps, scale }) {
  const least = Math.min(...bank.sums) * eps ** (bank.power / 2);
  return scale ? lowestOf(least, scale) : least;
}

/** The largest value that an array can have when the sound stays within -1 and 1. */
export function highest({ grid, bank, gain, preemphasis, eps, scale }) {
  const amplitude = gain * (1 + preemphasis) * grid.window.reduce((sum, w) => sum + Math.abs(w), 0);
  const loudest = Math.max(...bank.sums) * (amplitude ** 2 + eps) ** (bank.power / 2);
  return scale ? highestOf(loudest, scale) : loudest;
}

/**
 * Why an array cannot be in a format, as a sentence that begins with its name; null when it can.
 * @param {[number, number]} shape @param {{low: number, high: number}} range @param {Format} format
 */
export function misfit(shape, { low, high }, format) {
  const wrong = misshapen(shape, format);
  if (wrong) return wrong;
  const { scale } = format;
  const beyond = slack({ low, high }), bottom = lowest(format), top = highest(format);
  const widest = scale ? widestOf(scale) : Infinity;
  if (low < bottom - beyond)
    return `never goes below ${brief(bottom)}, and this goes down to ${brief(low)}`;
  if (high > top + beyond)
    return `goes up to ${brief(top)} at full scale, and this reaches ${brief(high)}`;
  if (high - low > widest + beyond)
    return `has all values within ${brief(widest)}, and these lie ${brief(high - low)} apart`;
  return null;
}

/**
 * Why an array cannot have this shape.
 * @param {[number, number]} shape @param {{n_mels: number, frames_first?: boolean}} format
 */
function misshapen(shape, { n_mels, frames_first = false }) {
  const [bands, frames] = frames_first ? [shape[1], shape[0]] : shape;
  if (bands === n_mels) return null;
  if (frames !== n_mels) return `has ${n_mels} bands`;
  return `has its ${frames_first ? "frames" : "bands"} first, and this is the other way round`;
}

/** The same of the format of a name, which is not made when the shape alone decides. */
export function misfitOf(name, shape, range) {
  return misshapen(shape, entries[name]) ?? misfit(shape, range, formatOf(name));
}

/** A number with four digits. */
export function brief(value) {
  return `${Number(value.toPrecision(4))}`.replace("-", "\u2212");
}

// ---------------------------------------------------------------------------- Back to sound

// Two equal frames at the end are no accident.
const FEWEST_OF_PADDING = 2;

/**
 * Frames at the end with which shorter items of a batch were filled up: all of them one value. The
 * least of all values is silence, and stays.
 * @param {Values} A a frame a row
 */
function paddingOf(A, n_mels) {
  const value = A.at(-1);
  let kept = A.length;
  while (kept > 0 && A[kept - 1] === value) kept--;
  const n_frames = Math.floor((A.length - kept) / n_mels);
  return n_frames >= FEWEST_OF_PADDING && value > least(A) ? n_frames : 0;
}

/**
 * A table as a format has it, a frame a row, without padding and the frame that was overwritten.
 * @param {Table} table @param {Format} format
 */
export function frames({ shape: [rows, columns], values }, { frames_first, blank_last }) {
  const n_mels = frames_first ? columns : rows, n_frames = values.length / n_mels;
  const A = frames_first ? values : values.slice();
  if (!frames_first) for (let i = 0; i < A.length; i++) {
    const m = Math.floor(i / n_mels), b = i % n_mels;
    A[i] = values[b * n_frames + m];
  }
  const n_blank = Number(blank_last !== null && n_frames > 1);
  return A.subarray(0, A.length - n_mels * Math.max(n_blank, paddingOf(A, n_mels)));
}

/** Frames without values that no sound has in a format. @param {Values} A @param {Format} format */
export function tamed(A, format) {
  return withoutStrays(A, lowest(format), highest(format));
}

/** The bands of frames in a format. @param {Values} frames @param {Format} format @returns {Values} */
export function bandsOf(frames, format) {
  const { A } = tamed(frames, format), { n_mels, scale } = format;
  return scale ? unscaled(A, n_mels, scale) : A.map((v) => Math.max(0, v));
}

/** Samples of the sound of `n_frames` frames, and those of them that frames see. */
export function lengths(n_frames, { fill, drop_last, blank_last, grid }) {
  const isHops = fill === "zeros" || fill === "front" || drop_last || blank_last !== null;
  const length = isHops ? Math.min(n_frames * grid.hop_length, longest(n_frames, grid))
    : shortest(n_frames, grid);
  const end = reach(n_frames, grid), beyond = length - end;
  if (fill === "front") return { length, seen: end };
  return { length, seen: beyond > 0 && beyond < grid.hop_length ? end : length };
}

/**
 * A sound whose array is `A`, of frames as `frames` returns them; yields as `invertMel`.
 * @param {Values} A @param {Format} format
 * @param {{n_iter?: number, seed?: number, measure_every?: number, n_em?: number}} [options]
 */
export function* inverse(A, format, options = {}) {
  const n_frames = A.length / format.n_mels, { length, seen } = lengths(n_frames, format);
  demand(seen > 0 && length > 0, "The array is too short: it has no whole frame.");
  const finished = (y) => soundOf(y, length, seen, format);
  const steps = invertMel(bandsOf(A, format), format.bank, { ...options, length: seen });
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    const { found } = step.value;
    yield { ...step.value, found: () => finished(found()) };
  }
  return finished(step.value);
}

/** The samples that were seen, without what was filled in, pre-emphasis and gain. */
function soundOf(y, length, seen, { fill, preemphasis, gain }) {
  const x = new Float32Array(length);
  const kept = fill === "front" ? y.subarray(seen - length) : y;
  for (let t = 0, last = 0; t < length; t++) {
    last = (kept[t] ?? 0) + preemphasis * last;
    x[t] = last / gain;
  }
  return x;
}

/** What a reader wants to know of every format, without making them. */
export function facts() {
  return Object.entries(entries).map(([name, entry]) => ({
    name, source: entry.source, aliases: entry.aliases ?? [], sr: entry.sound_sr ?? entry.sr,
    n_fft: entry.n_fft, hop_length: entry.hop_length, n_mels: entry.n_mels,
    fmin: entry.fmin ?? 0, fmax: entry.fmax, frames_first: entry.frames_first ?? false,
    needs: entry.scale?.per_band ? "statistics" : entry.scale?.to_max ? "peak" : "",
    losses: losses({ ...entry, scale: entry.scale && makeScale(entry.scale) }),
  }));
}
