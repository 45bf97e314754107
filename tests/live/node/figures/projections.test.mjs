// The figure `projections`: the path as the package's steps, and the laws of projections.

import assert from "node:assert/strict";
import test from "node:test";

import { stepsUntil, walk } from "../../../../specdemo/live/js/dsp/projections.js";
import { RADIANS, cases, held, near } from "../figures.mjs";

test("the path is that of the package's steps", held, () => {
  for (const { settings: { degrees, height, momentum, gaps, places } } of cases("projections"))
    walk(degrees * RADIANS, height, momentum, 40).forEach(({ on, gap }, i) => {
      const what = `${degrees}, ${height}, ${momentum}, step ${i}`;
      near(gap, gaps[i], 1e-9, what);
      places[i].forEach((v, axis) => near(on[axis], v, 1e-9, what));
    });
});

test("without momentum the gap never grows, and its end is known", () => {
  for (let degrees = 0; degrees <= 180; degrees += 5)
    for (let height = 0; height <= 1.3; height += 0.1) {
      const steps = walk(degrees * RADIANS, height, 0, 4000), what = `${degrees}, ${height}`;
      steps.slice(1).forEach(({ gap }, i) => assert.ok(gap <= steps[i].gap + 1e-12, what));
      // Straight above the middle, no side is nearer.
      const rest = degrees === 90 && height > 0.05 ? Math.abs(1 - height) : Math.max(0, height - 1);
      if (Math.abs(height - 1) > 0.01) near(steps.at(-1).gap, rest, 1e-6, what);
    }
});

test("momentum arrives sooner where the sets cross at a small angle", () => {
  const needed = (momentum) => stepsUntil(walk(80 * RADIANS, 0.85, momentum, 1000), 0.001);
  assert.ok(needed(0.5) < needed(0) / 2);
  assert.equal(stepsUntil(walk(84 * RADIANS, 1.1, 0.6, 1000), 0.001), Infinity);
});
