/** Griffin and Lim's algorithm on a single cell: between a line and the circle of radius 1. */

/**
 * Alternate between the line at a height, which stands for consistency, and the circle, which stands
 * for the right magnitude. Each step has the place `on` the circle where it begins, its `foot` on
 * the line, the place `ahead` that momentum overshoots to, and the `gap` between the sets that it
 * had to cross.
 * @param {number} start angle in radians @param {number} height of the line
 * @param {number} momentum @param {number} n_steps
 */
export function walk(start, height, momentum, n_steps) {
  const steps = [];
  // A start straight above the middle is there, and not a rounding error beside it.
  let on = [Math.cos(start), Math.sin(start)].map((v) => Math.round(v * 1e12) / 1e12), last = null;
  while (steps.length <= n_steps) {
    const foot = [on[0], height], ahead = [foot[0] + momentum * (foot[0] - (last ?? foot)[0]), height];
    steps.push({ on, foot, ahead, gap: Math.abs(on[1] - height) });
    const size = Math.hypot(...ahead);
    // A value of zero has no phase; it gets the phase zero.
    [on, last] = [size ? ahead.map((v) => v / size) : [1, 0], foot];
  }
  return steps;
}

/** Steps until the gap is below a bound, for the first time; Infinity if it never is. */
export function stepsUntil(steps, bound) {
  const at = steps.findIndex(({ gap }) => gap < bound);
  return at < 0 ? Infinity : at;
}
