/** How far the values of an array reach, and those of them that are strays, as `specdemo.formats.bounds`. */

import { largest, least } from "./arrays.js";

// How far beyond the bounds of its format an array may go, as networks' outputs do: a part of the
// range, and a number for narrow ones.
export const SLACK = 0.05;

// What a network predicts has strays: one value in a thousand may lie anywhere.
export const ONE_STRAY_IN = 1000;

/** The least and the largest value of an array, but for its strays. @param {Values} A */
export function reachOf(A) {
  const n_strays = Math.floor(A.length / ONE_STRAY_IN);
  if (!n_strays) return { low: least(A), high: largest(A) };
  const sorted = A.slice().sort();
  return { low: sorted[n_strays], high: sorted[A.length - 1 - n_strays] };
}

/** How far beyond the bounds of its format an array of this range may go. */
export function slack({ low, high }) {
  return SLACK * Math.max(1, high - low);
}

/**
 * An array with its strays moved into the reach of its other values, and how many there were.
 * @template {Values} T
 * @param {T} A @param {number} lowest of the values of its format @param {number} highest
 * @returns {{A: T, n_strays: number}}
 */
export function withoutStrays(A, lowest, highest) {
  if (least(A) >= lowest && largest(A) <= highest) return { A, n_strays: 0 };
  const range = reachOf(A), bottom = lowest - slack(range), top = highest + slack(range);
  let n_strays = 0;
  const moved = /** @type {T} */ (A.map((v) => {
    if (v >= bottom && v <= top) return v;
    n_strays++;
    return Math.min(Math.max(v, range.low), range.high);
  }));
  return { A: moved, n_strays };
}
