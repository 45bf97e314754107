/** A tone under a window, and its transform at any frequency, in closed form. */

import { TWO_PI } from "./arrays.js";
import { WINDOWS } from "./stft.js";

// The windows on the way, and the place between rectangular and Hann's at which Hamming's is.
export const SHAPES = ["boxcar", "hann", "blackman"];
export const HAMMING = 0.92;

// dB below which nothing is told apart.
export const FLOOR_DB = -120;

/**
 * The three coefficients of a window between two: 0 is rectangular, 1 Hann's, 2 Blackman's.
 * @param {number} shape @returns {number[]}
 */
export function coefficients(shape) {
  const at = Math.min(1, Math.floor(shape)), part = shape - at;
  const [a, b] = [WINDOWS[SHAPES[at]], WINDOWS[SHAPES[at + 1]]];
  return a.map((v, i) => v + part * (b[i] - v));
}

/** The value of a window at `t` of its length, from 0 to 1. @param {number[]} window @param {number} t */
export function windowAt(window, t) {
  const [mean, first, second] = window;
  return mean - first * Math.cos(TWO_PI * t) + second * Math.cos(2 * TWO_PI * t);
}

/** The shape whose window has the value `v` at a quarter of its length. */
export function shapeWith(v) {
  const [rectangular, hann, blackman] = [0, 1, 2].map((shape) => windowAt(coefficients(shape), 0.25));
  return v > hann ? (v - rectangular) / (hann - rectangular) : 1 + (v - hann) / (blackman - hann);
}

/** The sum of `n` samples of `exp(-2 pi i u t / n)`, turned to where it is real. */
function kernel(u, n) {
  const half = Math.PI * u, below = Math.sin(half / n);
  return Math.abs(below) < 1e-12 ? n * Math.cos(half) / Math.cos(half / n) : Math.sin(half) / below;
}

/** The window's own transform at `u` bins, as a complex number. @param {number[]} window */
export function windowTransform(window, u, n) {
  const [mean, first, second] = window;
  let re = 0, im = 0;
  for (const [shift, weight] of [[0, mean], [-1, -first / 2], [1, -first / 2], [-2, second / 2], [2, second / 2]]) {
    if (!weight) continue;
    const size = weight * kernel(u + shift, n), angle = Math.PI * (u + shift) * (n - 1) / n;
    re += size * Math.cos(angle);
    im -= size * Math.sin(angle);
  }
  return { re, im };
}

/**
 * The level of a windowed cosine, `cycles` of which lie in `n` samples, at `k` bins, in dB; 0 is
 * the top of its peak.
 * @param {number[]} window its coefficients @param {number} k need not be whole
 */
export function toneLevel(window, cycles, k, n) {
  const a = windowTransform(window, k - cycles, n), b = windowTransform(window, k + cycles, n);
  const size = Math.hypot(a.re + b.re, a.im + b.im) / (n * window[0]);
  return Math.max(FLOOR_DB, 20 * Math.log10(Math.max(size, 1e-300)));
}

/** The bin with the strongest leak: of those that are `distance` or more from the tone. */
export function worstLeak(window, cycles, n, distance) {
  let worst = { bin: 0, level: -Infinity };
  for (let bin = 0; bin <= n / 2; bin++) {
    const level = Math.abs(bin - cycles) >= distance ? toneLevel(window, cycles, bin, n) : -Infinity;
    if (level > worst.level) worst = { bin, level };
  }
  return worst;
}

/** The width of the peak, in bins, where it is 6 dB below its top: at half of it. */
export function peakWidth(window, n) {
  let inside = 0, outside = 3;
  for (let i = 0; i < 40; i++) {
    const u = (inside + outside) / 2, { re, im } = windowTransform(window, u, n);
    if (Math.hypot(re, im) > n * window[0] / 2) inside = u;
    else outside = u;
  }
  return 2 * inside;
}
