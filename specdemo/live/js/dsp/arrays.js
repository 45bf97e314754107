/** Sums and extremes of typed arrays. */

export const TWO_PI = 2 * Math.PI;

// The smallest normal number of double precision.
export const SMALLEST = 2 ** -1022;

/** The magnitudes of a row. */
export function measure({ re, im }, size) {
  for (let k = 0; k < size.length; k++) {
    const a = re[k], b = im[k];
    size[k] = Math.sqrt(a * a + b * b);
  }
}

export function multiply(values, factors) {
  for (let i = 0; i < values.length; i++) values[i] *= factors[i];
}

export function largest(values) {
  let found = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > found) found = values[i];
  return found;
}

export function least(values) {
  let found = Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] < found) found = values[i];
  return found;
}

/** The largest magnitude; hardly more than zero in silence, so that it can be divided by. */
export const peakOf = (values) => Math.max(largest(values), -least(values), 1e-9);

export function sumOfSquares(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** Numbers from 0 to 1 that look random, the same ones for the same seed. @param {number} seed */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
