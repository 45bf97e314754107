/** The worker of the page where arrays are heard: what they can be, and their sounds. */

import { judge, proposals, ranked } from "./fit.js";
import { facts, formatOf, forward, frames, inverse, isAkin, tamed } from "./formats.js";
import { demand } from "./limits.js";
import { measured, withPeak, withStatistics } from "./logscale.js";
import { ownPort, serveRuns } from "./serve.js";

/** @typedef {import("./formats.js").Table} Table */

// Iterations, as in Python, and after how many of them there is something to hear.
export const N_ITER = 100;
const PREVIEWS = [8, 32];

// The longest sound, and the largest spectrogram, that is made of an array.
export const LONGEST_SECONDS = 60;
const MOST_CELLS = 2 ** 24;

const MEASURE_EVERY = 8;

// How much less doubtful a table must be when it is turned over: most people save it as it is.
const TURN_DOUBT = 2;

// Iterations for the start, which those behind it correct: with 50, as in Python, no sound came
// nearer.
const N_EM = 8;

/** @type {Record<string, (input: any, settings: any) => Generator<object>>} */
const TASKS = {
  * facts() {
    yield { kind: "facts", facts: facts() };
  },

  /** What a table can be, the likeliest first; turned over, where it is more like a sound then. */
  * judge({ table }, { isQuick }) {
    const asItLies = judge(table), other = turned(table), asOther = judge(other);
    const isTurned = leastDoubt(asOther) + TURN_DOUBT < leastDoubt(asItLies);
    const judged = isTurned ? asOther : asItLies;
    if (isQuick) return yield verdict(judged, proposals(judged), isTurned);
    const ranking = ranked(isTurned ? other : table, judged);
    let step = ranking.next();
    for (; !step.done; step = ranking.next()) yield { kind: "trying", name: step.value };
    yield verdict(judged, step.value, isTurned);
  },

  /** The sound of a table in a format, sooner and better. */
  * invert({ table }, { name, isTurned, given }) {
    const format = withGiven(formatOf(name), given), seen = isTurned ? turned(table) : table;
    const whole = frames(seen, format), { A, isCut } = shortened(whole, format), n_iter = N_ITER;
    const steps = inverse(A, format, { n_iter, measure_every: MEASURE_EVERY, n_em: N_EM });
    yield { kind: "places", name, ...placesOf(format) };
    const n_left_out = (seen.values.length - whole.length) / format.n_mels;
    const told = {
      kind: "sound", name, sr: format.sr, isCut, n_iter, n_strays: tamed(A, format).n_strays,
      // One frame alone is what the format overwrites.
      n_padding: n_left_out > 1 ? n_left_out : 0,
    };
    let step = steps.next(), i = 0, convergence_db = NaN;
    for (; !step.done; step = steps.next()) {
      i = step.value.i;
      yield { kind: "progress", name, i, n_iter };
      convergence_db = step.value.convergence_db;
      if (PREVIEWS.includes(i)) yield { ...told, i, convergence_db, x: step.value.found() };
    }
    yield { ...told, i: n_iter, convergence_db, x: step.value };
  },

  /** The table that a system makes of a sound at its own rate. */
  * example(_, { name, x }) {
    const format = formatOf(name), A = forward(x, format), { n_mels, frames_first } = format;
    /** @type {Table} */
    const table = { shape: [A.length / n_mels, n_mels], values: A };
    yield { kind: "example", name, table: frames_first ? table : turned(table) };
  },

  /** Mean and deviation of the bands of a sound, for arrays that have lost their own. */
  * measure(_, { name, x }) {
    const { scale, n_mels, ...format } = formatOf(name);
    const plain = { ...format, n_mels, blank_last: null, scale: { ...scale, per_band: false } };
    const levels = forward(x, plain);
    yield { kind: "measured", name, ...measured(levels, n_mels) };
  },
};

function leastDoubt(judged) {
  return Math.min(...judged.map((one) => one.doubt));
}

/** What a table can be, and for some names the one before that no array tells from it. */
function verdict(judged, names, isTurned) {
  const first = (name) => names.find((other) => isAkin(other, name));
  const akin = names.filter((name) => first(name) !== name).map((name) => [name, first(name)]);
  return { kind: "judged", judged, names, isTurned, akin: Object.fromEntries(akin) };
}

/** Where frames and bands of a picture lie in the sound. */
function placesOf({ grid, bank, sr }) {
  const step = grid.hop_length / sr, start = (grid.n_fft / 2 - grid.padding) / sr;
  // A bank that was made for another rate than that of the sound lies elsewhere.
  return { step, start, frequencies: bank.center_frequencies.map((f) => f * sr / grid.sr) };
}

/** Rows for columns. @param {Table} table @returns {Table} */
function turned({ shape: [rows, columns], values }) {
  const other = values.map((_, i) => values[i % rows * columns + Math.floor(i / rows)]);
  return { shape: [columns, rows], values: other };
}

/** A format with what an array has lost, where it is given. */
function withGiven(format, { mean, std, peak } = /** @type {any} */ ({})) {
  const { scale } = format;
  if (scale?.per_band && mean) return { ...format, scale: withStatistics(scale, mean, std) };
  if (scale?.to_max && Number.isFinite(peak)) return { ...format, scale: withPeak(scale, peak) };
  return format;
}

/** The frames that there are time and memory for. */
function shortened(A, { n_mels, grid }) {
  const seconds = Math.floor(LONGEST_SECONDS * grid.sr / grid.hop_length);
  const most = Math.max(1, Math.min(seconds, Math.floor(MOST_CELLS / grid.n_bins)));
  return { A: A.subarray(0, most * n_mels), isCut: A.length > most * n_mels };
}

function* perform(input, { task, ...settings }) {
  demand(TASKS[task], `There is no task ${task}.`);
  yield* TASKS[task](input, settings);
}

/** Answer the messages of a port. @param {Port} port */
export function serve(port) {
  serveRuns(port, perform, "There is no array yet.");
}

if (ownPort()) serve(ownPort());
