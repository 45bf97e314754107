// The figure `stairs`: rows of the package's loss budget.

import assert from "node:assert/strict";
import test from "node:test";

import { STEPS, measureStairs } from "../../../../specdemo/live/js/dsp/stairs.js";
import { stairs } from "../../../../specdemo/live/figures/stairs.js";
import { cases, held, near, numbers, sound, started } from "../figures.mjs";

test("numbers a second and distances are those of the package's budget", held, () => {
  for (const { settings, arrays } of cases("stairs")) {
    const rows = measureStairs({ x: Float32Array.from(numbers(arrays.x)), sr: settings.sr });
    rows.forEach((row, i) => {
      near(row.numbers, settings.numbers[i], 1e-6, `numbers of ${STEPS[i]}`);
      near(row.bins_db, settings.bins[i], 1e-3, `bins of ${STEPS[i]}`);
      near(row.bands_db, settings.bands[i], 1e-3, `bands of ${STEPS[i]}`);
    });
  }
});

test("each step sounds as its part of what came, and its picture has a cell for each band and frame", () => {
  const given = sound(8000, 1.2), { data } = started(stairs, given), n = given.x.length / 6;
  STEPS.forEach((name, step) => {
    const { sound: { x } } = stairs.heard({ step }, data);
    assert.deepEqual(x, given.x.slice(step * n, (step + 1) * n), name);
    const { raster } = stairs.draw({ step, mark: 0 }, data, 500, {});
    assert.equal(raster.bytes.length, 80 * raster.columns);
    assert.ok(raster.bytes.every((byte) => byte >= 1 && byte <= 240), name);
  });
});
