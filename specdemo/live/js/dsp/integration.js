/** Phase gradient heap integration, cell by cell, from a start of one's own. */

import { SMALLEST, TWO_PI, largest, sumOfSquares } from "./arrays.js";
import { logsToIntegrate, phaseGradient } from "./gradient.js";
import { forward, inverse, magnitude, magnitudes, makeGrid } from "./stft.js";

// Cells below this part of the largest magnitude are left out.
const TOLERANCE = 3e-3;

/** Where a cell of the lowest rows is in the whole spectrogram. */
const inFull = (cell, n_rows, n_bins) => Math.floor(cell / n_rows) * n_bins + cell % n_rows;

/** Cells in a heap, from which the loudest can be taken. */
function makeHeap(loudness) {
  const cells = [];
  const isLouder = (a, b) => loudness[a] > loudness[b];
  return {
    get size() { return cells.length; },
    push(cell) {
      let i = cells.push(cell) - 1;
      for (let up; i && isLouder(cell, cells[up = (i - 1) >> 1]); i = up) cells[i] = cells[up];
      cells[i] = cell;
    },
    pop() {
      const top = cells[0], cell = cells.pop(), n = cells.length;
      let i = 0;
      for (let next; (next = 2 * i + 1) < n; i = next) {
        if (next + 1 < n && isLouder(cells[next + 1], cells[next])) next++;
        if (!isLouder(cells[next], cell)) break;
        cells[i] = cells[next];
      }
      if (n) cells[i] = cell;
      return top;
    },
  };
}

/**
 * The lowest `n_rows` bins of a spectrogram, a frame a row, and the slopes of their phases.
 * @param {Values} S magnitudes @param {Grid} grid @param {number} n_rows
 */
export function lowest(S, grid, n_rows) {
  const { n_bins } = grid, n_frames = S.length / n_bins, top = largest(S);
  const { alongTime, alongFrequency } = phaseGradient(logsToIntegrate(S, 1e-3 * TOLERANCE), grid);
  const rowsOf = (valueAt) => Float64Array.from({ length: n_rows * n_frames }, (_, cell) => valueAt(inFull(cell, n_rows, n_bins)));
  const isSilent = !(top > 0), slopes = [alongTime, alongFrequency].map((slope) => rowsOf(isSilent ? () => 0 : slope));
  const loud = rowsOf((i) => S[i]), isHeard = loud.map((s) => (s > TOLERANCE * top ? 1 : 0));
  const seeds = [...isHeard.keys()].filter((cell) => isHeard[cell]).sort((a, b) => loud[b] - loud[a]);
  return { n_rows, n_frames, slopes, loud, isHeard, seeds, rowsOf };
}

/**
 * The phases of cells, and the order in which they are found: from `start` on, the loudest
 * neighbour first, and then every other island from its loudest cell.
 * @param {ReturnType<typeof lowest>} rows
 * @param {number} start a cell: frame times `n_rows` and bin
 */
export function integrate({ n_rows, slopes, loud, isHeard, seeds }, start) {
  const waits = isHeard.slice(), phase = new Float64Array(loud.length);
  const order = [], heap = makeHeap(loud), [alongTime, alongFrequency] = slopes;
  const found = (cell, angle) => {
    waits[cell] = 0;
    phase[cell] = angle;
    order.push(cell);
    heap.push(cell);
  };
  // The mean of the slopes at both ends. Beyond the last frame nothing waits.
  const visit = (from, to, slope, sign) => {
    if (waits[to]) found(to, phase[from] + sign * (slope[from] + slope[to]) / 2);
  };
  waits[start] = 1;
  for (const seed of [start, ...seeds]) {
    if (waits[seed]) found(seed, 0);
    while (heap.size) {
      const cell = heap.pop(), k = cell % n_rows;
      if (k < n_rows - 1) visit(cell, cell + 1, alongFrequency, 1);
      if (k) visit(cell, cell - 1, alongFrequency, -1);
      visit(cell, cell + n_rows, alongTime, 1);
      visit(cell, cell - n_rows, alongTime, -1);
    }
  }
  return { phase, order };
}

/** The part of a clip that is shown, analysed: what is wanted, and the phases that nobody knows. */
export function analysed({ x, sr }, high) {
  const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 }), X = forward(Float64Array.from(x), grid);
  const rows = lowest(magnitude(X), grid, Math.min(grid.n_bins, 1 + Math.floor(high * n_fft / sr)));
  return { ...rows, grid, truth: rows.rowsOf((i) => Math.atan2(X.im[i], X.re[i])), length: x.length };
}

/** Angles from -pi to pi. */
const wrapped = (angle) => angle - TWO_PI * Math.round(angle / TWO_PI);

/** How far each phase is from the true one, in radians, once the start is right. */
export function errorsOf({ truth }, { phase, order }) {
  const [start] = order, off = phase[start] - truth[start];
  return phase.map((found, cell) => wrapped(found - truth[cell] - off));
}

/** The sound of the first `n` cells with their phases, and what its magnitudes are off, in dB. */
export function soundOf({ grid, n_rows, n_frames, loud, length }, { phase, order }, n) {
  const { n_bins } = grid, re = new Float64Array(n_bins * n_frames), im = re.slice();
  for (let i = 0; i < n; i++) {
    const cell = order[i], at = inFull(cell, n_rows, n_bins);
    re[at] = loud[cell] * Math.cos(phase[cell]);
    im[at] = loud[cell] * Math.sin(phase[cell]);
  }
  const y = inverse({ re, im, n_frames, n_bins }, grid, length), all = magnitudes(y, grid);
  const off = loud.map((s, cell) => all[inFull(cell, n_rows, n_bins)] - s);
  const ratio = Math.max(SMALLEST, sumOfSquares(off)) / Math.max(SMALLEST, sumOfSquares(loud));
  return { y, error_db: 10 * Math.log10(ratio) };
}

/** The share of the energy in the first `n` cells, and the root of its mean squared error in radians. */
export function tally({ loud }, { order }, errors, n) {
  let energy = 0, wrong = 0;
  for (let i = 0; i < n; i++) {
    const power = loud[order[i]] ** 2;
    energy += power;
    wrong += power * errors[order[i]] ** 2;
  }
  return { share: energy / (sumOfSquares(loud) || 1), wrong: Math.sqrt(wrong / (energy || 1)) };
}
