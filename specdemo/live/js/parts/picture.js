/** Spectrograms and waveforms as pixels. */

import { levelByte } from "./colours.js";

/**
 * Levels over time and frequency; row k of frame m is cell `m * n_rows + k`.
 *
 * @typedef {Object} Picture
 * @property {Float32Array} levels in dB
 * @property {Uint8Array} bytes the same as level bytes
 * @property {number} n_frames
 * @property {number} n_rows
 * @property {Float64Array} edges frequencies between the rows in Hz, n_rows + 1 of them
 * @property {number} step from frame to frame in s
 * @property {number} start centre of the first frame in s
 * @property {{time: number, frequency: number}} loudest cell
 */

/** @returns {Picture} */
export function makePicture({ levels, n_frames, n_rows, frequencies, frame_step, start_time }) {
  const step = frame_step, start = start_time, bytes = new Uint8Array(levels.length);
  let loudest = 0;
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.max(0, levelByte(levels[i]));
    if (levels[i] > levels[loudest]) loudest = i;
  }
  return {
    levels, bytes, n_frames, n_rows, edges: rowEdges(frequencies), step, start,
    loudest: {
      time: start + Math.floor(loudest / n_rows) * step, frequency: frequencies[loudest % n_rows],
    },
  };
}

/** Half way between neighbours; the outermost rows reach as far out as in. */
function rowEdges(f) {
  const n = f.length, edges = new Float64Array(n + 1);
  for (let k = 1; k < n; k++) edges[k] = (f[k - 1] + f[k]) / 2;
  edges[0] = n > 1 ? 2 * f[0] - edges[1] : 0;
  edges[n] = n > 1 ? 2 * f[n - 1] - edges[n - 1] : 2 * f[0];
  return edges;
}

/** The row in which a frequency lies: -1 below all of them, n_rows above. */
function rowAt({ edges }, f) {
  let low = 0, high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= f) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function frameAt({ step, start }, t) {
  return Math.floor((t - start) / step + 0.5);
}

/**
 * First and last cell of every pixel. Cells that are smaller than pixels are shared out among them,
 * so that none is lost; where cells are larger, a pixel shows the one in which its centre lies.
 * @param {number} n_pixels
 * @param {(pixel: number) => number} cellAt the cell at a place between 0 and n_pixels
 * @returns {Int32Array} pairs
 */
export function pixelCells(n_pixels, cellAt) {
  const pairs = new Int32Array(2 * n_pixels);
  for (let p = 0; p < n_pixels; p++) {
    const first = cellAt(p) + 1, last = cellAt(p + 1);
    pairs.set(first <= last ? [first, last] : [cellAt(p + 0.5), cellAt(p + 0.5)], 2 * p);
  }
  return pairs;
}

/**
 * The loudest level byte under every pixel, a column a row; 0 where the picture has no cells.
 * @param {Picture} picture
 * @returns {Uint8Array} `width * height` bytes
 */
export function poolLevels(picture, scale, span, width, height) {
  const { bytes, n_frames, n_rows } = picture;
  const rows = pixelCells(height, (y) => rowAt(picture, scale.toHz(y / height)));
  const time = (x) => span.start + x / width * (span.end - span.start);
  const columns = pixelCells(width, (x) => frameAt(picture, time(x)));
  const pooled = new Uint8Array(width * height), loudest = new Uint8Array(n_rows);
  for (let x = 0; x < width; x++) {
    const first = Math.max(0, columns[2 * x]), last = Math.min(n_frames - 1, columns[2 * x + 1]);
    if (first > last) continue;
    if (x && columns[2 * x] === columns[2 * x - 2] && columns[2 * x + 1] === columns[2 * x - 1]) {
      pooled.copyWithin(x * height, (x - 1) * height, x * height);
      continue;
    }
    maximumOfFrames(bytes, first, last, n_rows, loudest);
    for (let y = 0; y < height; y++) {
      const from = Math.max(0, rows[2 * y]), to = Math.min(n_rows - 1, rows[2 * y + 1]);
      let byte = 0;
      for (let k = from; k <= to; k++) if (loudest[k] > byte) byte = loudest[k];
      pooled[x * height + y] = byte;
    }
  }
  return pooled;
}

function maximumOfFrames(bytes, first, last, n_rows, loudest) {
  loudest.set(bytes.subarray(first * n_rows, (first + 1) * n_rows));
  for (let m = first + 1; m <= last; m++) {
    const from = m * n_rows;
    for (let k = 0; k < n_rows; k++) if (bytes[from + k] > loudest[k]) loudest[k] = bytes[from + k];
  }
}

/** Colour pooled levels into the pixels of a canvas: rows from the top, time to the right. */
export function colorPixels(pooled, palette, pixels, width, height) {
  for (let y = 0, at = 0; y < height; y++) {
    const row = height - 1 - y;
    for (let x = 0; x < width; x++, at++) pixels[at] = palette[pooled[x * height + row]];
  }
}

/** The level at a time and a frequency in dB, or undefined beside the picture. */
export function levelAt(picture, t, f) {
  const m = frameAt(picture, t), k = rowAt(picture, f);
  const inside = m >= 0 && m < picture.n_frames && k >= 0 && k < picture.n_rows;
  return inside ? picture.levels[m * picture.n_rows + k] : undefined;
}

/** Lowest and highest sample under every pixel, as pairs. */
export function waveEnvelope({ x, sr }, span, width) {
  const pairs = new Float32Array(2 * width);
  const sampleAt = (p) => Math.floor((span.start + p / width * (span.end - span.start)) * sr);
  for (let p = 0; p < width; p++) {
    const first = Math.max(0, sampleAt(p));
    const last = Math.min(x.length, Math.max(first + 1, sampleAt(p + 1)));
    let low = Infinity, high = -Infinity;
    for (let t = first; t < last; t++) {
      if (x[t] < low) low = x[t];
      if (x[t] > high) high = x[t];
    }
    if (last > first) pairs.set([low, high], 2 * p);
  }
  return pairs;
}

export function drawWave(context, envelope, color, width, height, top) {
  context.clearRect(0, 0, width, height);
  context.fillStyle = color;
  const middle = height / 2, scale = (middle - 1) / (top || 1);
  for (let p = 0; p < width; p++) {
    const low = middle - scale * envelope[2 * p], high = middle - scale * envelope[2 * p + 1];
    context.fillRect(p, high - 0.5, 1, Math.max(1, low - high + 1));
  }
}
