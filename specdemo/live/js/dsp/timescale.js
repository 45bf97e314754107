/** Fewer frames, and back, as `specdemo.timescale`. */

import { largest } from "./arrays.js";

// Where logarithms stop: 100 dB below the largest amplitude.
export const LOG_FLOOR = 1e-5;

// How far a curve may rise above the louder of the two frames that it joins, as a natural logarithm: 6 dB.
export const MOST_ABOVE = Math.log(2);

function logsOf(M, loudest) {
  return Float64Array.from(M, (v) => Math.log(Math.max(loudest > 0 ? v / loudest : 0, LOG_FLOOR)));
}

/** Edges of shortened frames, in frames. */
function shortEdges(n_short, factor, n_frames) {
  return Float64Array.from({ length: n_short + 1 }, (_, j) => Math.min(j * factor, n_frames));
}

/**
 * Average the levels of neighbouring frames.
 * @param {Values} M @param {number} factor frames that become one, not necessarily whole
 * @param {number} n_rows values in a frame @returns {Values}
 */
export function shorten(M, factor, n_rows) {
  if (factor === 1) return M.slice();
  const n_frames = M.length / n_rows, loudest = largest(M), logs = logsOf(M, loudest);
  // Rounded first: 3 * 1.1 frames shortened by 1.1 are 3, not 4.
  const n_short = Math.ceil(Math.round(n_frames / factor * 1e9) / 1e9) || 1;
  const edges = shortEdges(n_short, factor, n_frames), Ms = new M.constructor(n_short * n_rows);
  for (let j = 0; j < n_short; j++) {
    const mean = new Float64Array(n_rows);
    for (let m = Math.floor(edges[j]); m < edges[j + 1]; m++) {
      const part = Math.min(m + 1, edges[j + 1]) - Math.max(m, edges[j]);
      for (let r = 0; r < n_rows; r++) mean[r] += part * logs[m * n_rows + r];
    }
    const width = edges[j + 1] - edges[j];
    for (let r = 0; r < n_rows; r++) Ms[j * n_rows + r] = loudest * Math.exp(mean[r] / width);
  }
  return Ms;
}

/**
 * Bring shortened frames back to `n_frames`, by cubic interpolation of the levels.
 * @param {Values} Ms @param {number} factor @param {number} n_rows values in a frame
 * @param {number} [n_frames] @returns {Values}
 */
export function lengthen(Ms, factor, n_rows, n_frames = Math.round(Ms.length / n_rows * factor)) {
  const n_short = Ms.length / n_rows, M = new Ms.constructor(n_frames * n_rows);
  if (n_short === 1) return M.map((_, i) => Ms[i % n_rows]);
  if (factor === 1) return Ms.slice();
  const edges = shortEdges(n_short, factor, n_frames);
  const centers = edges.subarray(1).map((edge, j) => (edge + edges[j]) / 2 - 0.5);
  const loudest = largest(Ms), at = spline(centers, logsOf(Ms, loudest), n_rows);
  for (let m = 0; m < n_frames; m++) {
    const values = at(Math.min(Math.max(m, centers[0]), centers[n_short - 1]));
    for (let r = 0; r < n_rows; r++) M[m * n_rows + r] = loudest * Math.exp(values[r]);
  }
  return M;
}

/**
 * The cubic spline through rows of values, held near them where they jump; to be asked for rising positions.
 * Its third derivative is continuous at the second and the last but one knot; through three it is a parabola.
 */
function spline(knots, values, n_rows) {
  const bend = secondDerivatives(knots, values, n_rows), row = new Float64Array(n_rows);
  let i = 0;
  return (x) => {
    while (i + 2 < knots.length && x > knots[i + 1]) i++;
    const h = knots[i + 1] - knots[i], b = (x - knots[i]) / h, a = 1 - b;
    const bendA = (a ** 3 - a) * h * h / 6, bendB = (b ** 3 - b) * h * h / 6;
    for (let r = 0, j = i * n_rows, k = j + n_rows; r < n_rows; r++, j++, k++) {
      const curve = a * values[j] + b * values[k] + bendA * bend[j] + bendB * bend[k];
      row[r] = Math.min(curve, Math.max(values[j], values[k]) + MOST_ABOVE);
    }
    return row;
  };
}

/** The spline's second derivatives at its knots: a tridiagonal system, solved for all rows. */
function secondDerivatives(knots, values, n_rows) {
  const last = knots.length - 1, bend = new Float64Array(values.length);
  if (last === 1) return bend;
  const width = (i) => knots[i + 1] - knots[i];
  const slope = (i, r) => (values[(i + 1) * n_rows + r] - values[i * n_rows + r]) / width(i);
  const eachRow = (i, value) => {
    for (let r = 0; r < n_rows; r++) bend[i * n_rows + r] = value(i * n_rows + r, r);
  };
  // The condition at the ends puts the outermost unknowns in terms of their two neighbours.
  const start = last > 2 ? width(0) / width(1) : 0;
  const end = last > 2 ? width(last - 1) / width(last - 2) : 0;
  const above = new Float64Array(last);
  for (let i = 1; i < last; i++) {
    let below = width(i - 1), over = width(i), diagonal = 2 * (below + over);
    if (i === 1) {
      diagonal += below * (1 + start);
      over -= below * start;
      below = 0;
    }
    if (i === last - 1) {
      diagonal += width(i) * (1 + end);
      below -= width(i) * end;
      over = 0;
    }
    const pivot = diagonal - below * above[i - 1];
    above[i] = over / pivot;
    eachRow(i, (j, r) => (6 * (slope(i, r) - slope(i - 1, r)) - below * bend[j - n_rows]) / pivot);
  }
  for (let i = last - 2; i > 0; i--) eachRow(i, (j) => bend[j] - above[i] * bend[j + n_rows]);
  eachRow(0, (j) => bend[j + n_rows] + start * (bend[j + n_rows] - bend[j + 2 * n_rows]));
  eachRow(last, (j) => bend[j - n_rows] + end * (bend[j - n_rows] - bend[j - 2 * n_rows]));
  return bend;
}
