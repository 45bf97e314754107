/** Scales of frequency to choose from, and the span of time that is shown. */

import { hertzTicks } from "./axes.js";

// Hz that may be labelled, and pixels that they are apart at least.
const CANDIDATES = [0, 125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000], CLOSEST = 18;

const MEL_SCALES = {
  htk: { toMel: (f) => Math.log10(1 + f / 700), toHz: (m) => 700 * (10 ** m - 1) },
  slaney: {
    toMel: (f) => (f < 1000 ? f / 1000 : 1 + Math.log(f / 1000) * 27 / 15 / Math.log(6.4)),
    toHz: (m) => (m < 1 ? 1000 * m : 1000 * Math.exp((m - 1) * 15 / 27 * Math.log(6.4))),
  },
};

/**
 * Where frequencies lie on an axis of length 1.
 * @returns {{low: number, high: number, toUnit: Function, toHz: Function}}
 */
export function makeScale(axis, sr, mel_scale) {
  const high = sr / 2, low = axis === "log" ? Math.min(50, high / 10) : 0;
  const { toMel, toHz } = axis === "mel" ? MEL_SCALES[mel_scale]
    : axis === "log" ? { toMel: Math.log, toHz: Math.exp } : { toMel: (f) => f, toHz: (u) => u };
  const bottom = toMel(low), span = toMel(high) - bottom;
  return {
    low, high,
    toUnit: (f) => (toMel(Math.max(f, low)) - bottom) / span,
    toHz: (u) => toHz(bottom + u * span),
  };
}

/** Frequencies to label on an axis of `height` pixels: round ones, not too near to each other. */
export function frequencyTicks(scale, axis, height) {
  if (axis === "linear") return hertzTicks(scale.high, height);
  const inside = CANDIDATES.filter((f) => f >= scale.low && f <= scale.high);
  // From the top, where the tick matters most, leaving out what would touch the one above.
  return inside.reverse().reduce((ticks, f) => {
    const above = ticks.length ? scale.toUnit(ticks.at(-1)) : 2;
    return (above - scale.toUnit(f)) * height >= CLOSEST ? [...ticks, f] : ticks;
  }, []);
}

/** A span moved and scaled so that it lies within the sound. @returns {Span} */
export function clampSpan(start, length, duration) {
  const size = Math.min(duration, Math.max(length, Math.min(duration, 0.05)));
  const from = Math.min(Math.max(0, start), duration - size);
  return { start: from, end: from + size };
}
