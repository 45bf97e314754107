/** Other ways than EM from the bands of a frame to its bins, as in `MelBank.inverse`. */

import { sumOfSquares } from "./arrays.js";

// What counts as zero beside the largest of the bands, and how often bins may be taken up.
const TINY = 1e-12, MOST_TURNS = 3;

/** The bands that see a bin, and their weights: a column of the matrix with two rows. */
function columnOf(k, { band, weights, n_mels }) {
  return [[band[k] - 1, weights[2 * k]], [band[k], weights[2 * k + 1]]].filter(([b, w]) => w > 0 && b >= 0 && b < n_mels);
}

const columnsOf = (bank) => Array.from({ length: bank.grid.n_bins }, (_, k) => columnOf(k, bank));
const dot = (column, values) => column.reduce((sum, [b, w]) => sum + w * values[b], 0);

/** Every band spread over its bins. @param {Values} M @param {Bank} bank */
export function transposed(M, bank) {
  return Float64Array.from(columnsOf(bank), (column) => (column.length ? dot(column, M) / dot(column, bank.sums) : 0));
}

/** The solution with the least sum of squares, its negative values set to zero. */
export function pseudoInverse(M, bank) {
  const columns = columnsOf(bank), n = bank.n_mels, diagonal = new Float64Array(n), beside = new Float64Array(n);
  columns.forEach((column) => {
    column.forEach(([b, w]) => { diagonal[b] += w * w; });
    if (column.length > 1) beside[column[0][0]] += column[0][1] * column[1][1];
  });
  // The matrix times its transpose has three diagonals, since only neighbours share a bin.
  const z = Float64Array.from(M);
  for (let b = 1; b < n; b++) {
    const part = diagonal[b - 1] > 0 ? beside[b - 1] / diagonal[b - 1] : 0;
    diagonal[b] -= part * beside[b - 1];
    z[b] -= part * z[b - 1];
  }
  for (let b = n - 1; b >= 0; b--) z[b] = diagonal[b] > 0 ? (z[b] - (b < n - 1 ? beside[b] * z[b + 1] : 0)) / diagonal[b] : 0;
  return Float64Array.from(columns, (column) => Math.max(0, dot(column, z)));
}

/** Least squares with some columns alone, by their normal equations. */
function solved(columns, M) {
  const n = columns.length, rows = columns.map((a) => {
    const full = new Float64Array(M.length);
    a.forEach(([b, w]) => { full[b] = w; });
    return Float64Array.from([...columns.map((c) => dot(c, full)), dot(a, M)]);
  });
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const part = rows[j][i] / rows[i][i];
      if (part) for (let c = i; c <= n; c++) rows[j][c] -= part * rows[i][c];
    }
  const s = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    s[i] = rows[i][n];
    for (let j = i + 1; j < n; j++) s[i] -= rows[i][j] * s[j];
    s[i] /= rows[i][i];
  }
  return s;
}

/** Non-negative least squares: bins are taken up one by one (Lawson & Hanson 1974). */
export function nonNegative(M, bank) {
  const columns = columnsOf(bank), S = new Float64Array(columns.length), left = Float64Array.from(M);
  const enough = TINY * Math.sqrt(sumOfSquares(M));
  let used = [];
  for (let turn = 0; turn < MOST_TURNS * bank.n_mels; turn++) {
    let best = -1, most = enough;
    columns.forEach((column, k) => {
      const gain = dot(column, left);
      if (gain > most && !used.includes(k)) [best, most] = [k, gain];
    });
    if (best < 0) break;
    used.push(best);
    for (;;) {
      const s = solved(used.map((k) => columns[k]), M);
      const part = used.reduce((least, k, i) => (s[i] > 0 ? least : Math.min(least, S[k] / (S[k] - s[i]))), 1);
      used.forEach((k, i) => { S[k] += part * (s[i] - S[k]); });
      if (part === 1) break;
      used = used.filter((k, i) => s[i] > 0 || S[k] > enough || (S[k] = 0));
    }
    left.set(M);
    used.forEach((k) => columns[k].forEach(([b, w]) => { left[b] -= w * S[k]; }));
  }
  return S;
}
