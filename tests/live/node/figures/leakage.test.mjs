// The figure `leakage`: windows and spectra as the package's, and the numbers of the literature.

import assert from "node:assert/strict";
import test from "node:test";

import {
  FLOOR_DB, HAMMING, coefficients, peakWidth, shapeWith, toneLevel, windowAt, worstLeak,
} from "../../../../specdemo/live/js/dsp/leakage.js";
import { leakage } from "../../../../specdemo/live/figures/leakage.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("windows on the way, and the levels of a tone under them, are the package's", held, () => {
  for (const { settings: { shape, cycles, width, finer }, arrays } of cases("leakage")) {
    const window = numbers(arrays.window), levels = numbers(arrays.levels), made = coefficients(shape), n = window.length;
    window.forEach((w, t) => near(windowAt(made, t / n), w, 1e-12, `window ${shape} at ${t}`));
    near(peakWidth(made, n), width, 1e-8, `width of ${shape}`);
    levels.forEach((level, i) => {
      const found = toneLevel(made, cycles, i / finer, n), what = `${shape}, ${cycles} cycles, bin ${i / finer}`;
      if (level > FLOOR_DB + 10) near(found, level, 1e-4, what);
      else assert.ok(found < FLOOR_DB + 11, what);
    });
  }
});

test("at a whole number of cycles nothing leaks, whatever the window", () => {
  for (const shape of [0, 0.3, HAMMING, 1, 1.5, 2])
    for (let cycles = 8; cycles <= 16; cycles++)
      assert.equal(worstLeak(coefficients(shape), cycles, 1024, 3).level, FLOOR_DB, `${shape}, ${cycles}`);
});

test("peaks are as wide, in bins, as Harris lists for -6 dB", () => {
  // Harris 1978, table I; his Blackman's coefficients are rounded as ours are.
  for (const [shape, width] of [[0, 1.21], [HAMMING, 1.81], [1, 2], [2, 2.35]])
    near(peakWidth(coefficients(shape), 4096), width, shape === 2 ? 0.06 : 0.006, `${shape}`);
});

test("a window is found by its value at a quarter of its length", () => {
  for (let shape = 0; shape <= 2; shape += 0.1) near(shapeWith(windowAt(coefficients(shape), 0.25)), shape, 1e-9, "shape");
});

test("between rectangular and Hann, the worst leak is least shortly before Hann, near Hamming's window", () => {
  const { data } = started(leakage), leak = (shape) => worstLeak(coefficients(shape), 10.5, data.n, 3).level;
  assert.ok(leak(0.95) < leak(0) - 20 && leak(0.95) < leak(1) - 4 && leak(2) < leak(1) - 10);
});
