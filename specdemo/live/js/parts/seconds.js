// The axis of time under a drawing.

import { timeTicks } from "./axes.js";
import { word } from "./svg.js";
import { round } from "./text.js";

// Pixels at the end of the axis that belong to its unit.
const UNIT = 24;

/**
 * The labels of an axis from 0 to `duration` seconds: round times, and the unit, which none of them touches.
 * @param {number} duration @param {number} left @param {number} width in pixels @param {number} y where the labels stand
 */
export function secondsAxis(duration, left, width, y) {
  const times = timeTicks({ start: 0, end: duration }, width).map((t) => ({ t, at: width * t / duration }));
  return times.filter(({ at }) => at < width - UNIT).map(({ t, at }) => word(left + at, y, `${round(t, 2)}`, "sd-small", "middle")).join("")
    + word(left + width, y, "s", "sd-small", "end");
}
