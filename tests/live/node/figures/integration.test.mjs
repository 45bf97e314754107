// The figure `integration`: the order and the phases as the chapter's, and what they come to.

import assert from "node:assert/strict";
import test from "node:test";

import { analysed, errorsOf, integrate, lowest, soundOf, tally } from "../../../../specdemo/live/js/dsp/integration.js";
import { integration } from "../../../../specdemo/live/figures/integration.js";
import { makeGrid } from "../../../../specdemo/live/js/dsp/stft.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("cells are found in the order and with the phases of the package's slopes and a heap", held, () => {
  const grid = makeGrid({ sr: 8000, n_fft: 256, hop_length: 64 });
  for (const { settings: { n_rows, start, order }, arrays } of cases("integration")) {
    const found = integrate(lowest(numbers(arrays.S), grid, n_rows), start);
    assert.deepEqual(found.order, order);
    numbers(arrays.phase).forEach((phase, cell) => near(found.phase[cell], phase, 1e-6, `${start}: cell ${cell}`));
  }
});

/** A steady tone, at the centre of bin 46. */
const tone = () => ({ sr: 8000, x: Float32Array.from({ length: 6400 }, (_, t) => Math.cos(2 * Math.PI * 718.75 * t / 8000)) });

test("the phases of a steady tone are found right, and all its energy with them", () => {
  const data = analysed(tone(), 3000), cell = 25 * data.n_rows + 46;
  const walk = integrate(data, cell), n = walk.order.length;
  const errors = errorsOf(data, walk);
  assert.ok(tally(data, walk, errors, n).share > 0.999);
  // Far from the tone's sudden ends.
  for (let m = 12; m < 38; m++)
    for (let k = 45; k <= 47; k++) near(errors[m * data.n_rows + k], 0, 0.05, `frame ${m}, bin ${k}`);
  assert.ok(soundOf(data, walk, n).error_db < -20);
  assert.equal(soundOf(data, walk, 0).error_db, 0);
});

test("what is found later is softer than the path that leads to it", () => {
  const { data, state } = started(integration), { order } = integrate(data, state.start);
  assert.equal(order[0], state.start);
  assert.equal(new Set(order).size, order.length);
  const half = order.slice(0, order.length / 2), later = order.slice(order.length / 2);
  const mean = (cells) => cells.reduce((sum, cell) => sum + data.loud[cell], 0) / cells.length;
  assert.ok(mean(half) > 3 * mean(later));
});
