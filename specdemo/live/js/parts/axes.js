/** Axes of time and frequency, which all figures have. */

import { round } from "./text.js";

// Pixels from one frequency to the next.
const SPACING = 26;

/** The smallest of 1, 2, 5, 10, 20, ... times a power of ten that is at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((n) => n * power >= least * 0.999);
}

/** Frequencies to label on an axis from 0 to `high` Hz of `height` pixels: round ones, the highest first. */
export function hertzTicks(high, height) {
  const step = niceStep(SPACING / height * high);
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step).reverse();
}

export function frequencyLabel(f) {
  return f >= 1000 ? `${round(f / 1000, 2)}k` : `${round(f)}`;
}

/** Times to label on an axis of `width` pixels, in s. */
export function timeTicks({ start, end }, width) {
  const step = niceStep((end - start) * 64 / width);
  const first = Math.ceil(start / step - 1e-9), last = Math.floor(end / step + 1e-9);
  const tick = (_, i) => Number(((first + i) * step).toPrecision(6));
  return Array.from({ length: last - first + 1 }, tick);
}
