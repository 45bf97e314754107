/** Where the phase starts: zero, random, phase gradient heap integration, as `specdemo.phase`. */

import { TWO_PI, largest, least } from "./arrays.js";
import { logsToIntegrate, phaseGradient } from "./gradient.js";
import { isMirrored, longest, shortest } from "./stft.js";

/** Every phase zero. @param {Values} S @returns {Values} */
export function zeroPhase(S) {
  return new S.constructor(S.length);
}

/** Phases drawn from the whole circle; zero at 0 Hz, where a real signal has no other. */
export function randomPhase(S, { n_bins }, seed = 0) {
  const phase = new S.constructor(S.length), uniform = makeUniform(seed);
  for (let i = 0; i < phase.length; i++) {
    phase[i] = i % n_bins === 0 ? 0 : Math.PI * (2 * uniform() - 1);
  }
  return phase;
}

/** Random numbers from 0 to 1: xorshift128 (Marsaglia 2003). */
function makeUniform(seed) {
  let x = 123456789, y = 362436069, z = 521288629, w = 88675123 ^ Math.imul(seed, 69069);
  const next = () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 20; i++) next();
  return next;
}

// PGHI: frames that are integrated at a time, and what the louder of two neighbours counts.
const SEGMENT = 1024, TIE_BREAK = 1e-3;

/**
 * Phase gradient heap integration (Prusa et al. 2017) along a maximum spanning forest: loud
 * neighbours are joined first, and nothing is joined twice.
 * @param {Values} S @param {Grid} grid
 * @param {{tolerance?: number, seed?: number}} [options] bins below `tolerance` times the largest
 *   magnitude get a random phase
 * @returns {Values}
 */
export function pghi(S, grid, { tolerance = 3e-3, seed = 0 } = {}) {
  const { n_bins } = grid, n_frames = S.length / n_bins;
  const phase = randomPhase(S, grid, seed), threshold = tolerance * largest(S);
  for (let begin = 0; begin < n_frames; begin += SEGMENT) {
    // One frame earlier than new, so that trees can go on from the segment before.
    const first = Math.max(begin - 1, 0) * n_bins, last = (begin + SEGMENT) * n_bins;
    const part = { S: S.subarray(first, last), phase: phase.subarray(first, last) };
    if (largest(part.S) > threshold) integrate(part, threshold, tolerance, grid, begin > 0);
  }
  return phase;
}

/**
 * Phases of PGHI where the ends of the signal may be mirrors. Behind one the signal runs backwards,
 * and has the magnitudes that it has before it: seen, they do not let the end of the spectrogram be
 * taken for the end of the sound.
 * @param {Values} S @param {Grid} grid @param {number|undefined} n_samples of the signal, if known
 */
export function pghiWithEnds(S, grid, n_samples, options) {
  if (!isMirrored(grid)) return pghi(S, grid, options);
  const { n_bins, n_fft, hop_length } = grid, n_frames = S.length / n_bins;
  // If it is not known, no more than half a hop off, which a frame does not tell.
  const length = n_samples ?? Math.floor((shortest(n_frames, grid) + longest(n_frames, grid)) / 2);
  const more = Math.ceil(n_fft / hop_length), first = n_fft / 2 - grid.padding;
  const seen = new S.constructor((n_frames + 2 * more) * n_bins);
  for (let m = -more; m < n_frames + more; m++) {
    const inside = length - 1 - Math.abs(length - 1 - Math.abs(m * hop_length + first));
    const at = Math.min(Math.max(roundToEven((inside - first) / hop_length), 0), n_frames - 1);
    seen.set(S.subarray(at * n_bins, (at + 1) * n_bins), (m + more) * n_bins);
  }
  return pghi(seen, grid, options).slice(more * n_bins, -more * n_bins);
}

function roundToEven(value) {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 ? nearest - 1 : nearest;
}

/** Write the phases of the audible bins of a segment, whose first frame is known if it `goesOn`. */
function integrate({ S, phase }, threshold, tolerance, grid, goesOn) {
  const { n_bins } = grid, isAudible = (i) => S[i] > threshold;
  const log_S = logsToIntegrate(S, 1e-3 * tolerance);
  const { alongTime, alongFrequency } = phaseGradient(log_S, grid);
  const forest = makeForest(log_S);
  for (const pair of loudestPairs(log_S, n_bins, isAudible)) {
    const a = pair >> 1, inTime = pair & 1, slope = inTime ? alongTime : alongFrequency;
    const b = inTime ? a + n_bins : a + 1;
    forest.join(a, b, 0.5 * (slope(a) + slope(b)));
  }
  const known = goesOn ? n_bins : 0;
  forest.pin(every(n_bins, S.length).filter(isAudible), () => 0);
  forest.pin(every(1, known).filter(isAudible), (i) => phase[i]);
  for (let i = known; i < S.length; i++) if (isAudible(i)) phase[i] = wrap(forest.phase(i));
  // At 0 Hz the transform of a real signal is real.
  for (let i = 0; i < S.length; i += n_bins) phase[i] = Math.cos(phase[i]) < 0 ? Math.PI : 0;
}

/** From 0 to 2 pi: float32 keeps too few digits of the hundreds of circles in a second. */
function wrap(angle) {
  return angle - TWO_PI * Math.floor(angle / TWO_PI);
}

/** The numbers 0, step, 2 step ... below `end`. */
function every(step, end) {
  return Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step);
}

/**
 * Pairs of audible neighbours, the loudest first; the softer of the two decides. A pair is twice
 * the number of its first cell, and one more if the other lies in the next frame.
 */
function loudestPairs(log_S, n_bins, isAudible) {
  const size = 2 ** Math.ceil(Math.log2(2 * log_S.length));
  const finest = Math.floor(2 ** 53 / size) / (1 - 2 * least(log_S));
  // The weight stands before the pair, so that they can be sorted as plain numbers.
  const keys = new Float64Array(2 * log_S.length);
  let count = 0;
  const add = (a, b, pair) => {
    const softer = Math.min(log_S[a], log_S[b]), louder = Math.max(log_S[a], log_S[b]);
    keys[count++] = Math.floor(-finest * (softer + TIE_BREAK * louder)) * size + pair;
  };
  for (let a = 0; a < log_S.length; a++) {
    if (!isAudible(a)) continue;
    const b = a + n_bins;
    if ((a + 1) % n_bins && isAudible(a + 1)) add(a, a + 1, 2 * a);
    if (b < log_S.length && isAudible(b)) add(a, b, 2 * a + 1);
  }
  return keys.subarray(0, count).sort().map((key) => key - Math.floor(key / size) * size);
}

/** Trees that grow together: a cell knows its parent, and the angle from that to itself. */
function makeTrees(n_cells) {
  const parent = Int32Array.from({ length: n_cells }, (_, i) => i), turn = new Float64Array(n_cells);
  const trees = {
    // From the root to the cell that was looked for last.
    angle: 0,
    /** The root of cell i. */
    rootOf(i) {
      let angle = 0;
      while (parent[i] !== i) {
        const above = parent[i];
        // Every step halves the path for those that come later.
        if (parent[above] !== above) {
          turn[i] += turn[above];
          parent[i] = parent[above];
        }
        angle += turn[i];
        i = parent[i];
      }
      trees.angle = angle;
      return i;
    },
    /** Put the root of a tree under another, at an angle. */
    hang(lower, upper, angle) {
      parent[lower] = upper;
      turn[lower] = angle;
    },
  };
  return trees;
}

/** Trees whose root is the loudest cell, with the phase 0 until it is pinned otherwise. */
function makeForest(loudness) {
  const trees = makeTrees(loudness.length), shift = new Map();
  return {
    /** Join the trees of a and b, unless they are one; b's phase is that of a and `step`. */
    join(a, b, step) {
      const rootA = trees.rootOf(a), angleA = trees.angle;
      const rootB = trees.rootOf(b), turnB = angleA + step - trees.angle;
      if (rootA === rootB) return;
      if (loudness[rootA] < loudness[rootB]) trees.hang(rootA, rootB, -turnB);
      else trees.hang(rootB, rootA, turnB);
    },
    /** Turn every tree so that its loudest cell of these gets the phase that is wanted. */
    pin(cells, wanted) {
      const loudest = new Map();
      for (const i of cells) {
        const root = trees.rootOf(i), other = loudest.get(root);
        if (other === undefined || loudness[i] >= loudness[other]) loudest.set(root, i);
      }
      for (const [root, i] of loudest) {
        trees.rootOf(i);
        shift.set(root, wanted(i) - trees.angle);
      }
    },
    phase(i) {
      const root = trees.rootOf(i);
      return trees.angle + (shift.get(root) ?? 0);
    },
  };
}
