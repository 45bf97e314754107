// The figure `merge`: groups of frames and the way back as the package's.

import assert from "node:assert/strict";
import test from "node:test";

import { drawnBack, framesOf, levelsIn, lossOf, merged } from "../../../../specdemo/live/js/dsp/merge.js";
import { merge } from "../../../../specdemo/live/figures/merge.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("bands, their groups, the curve through them and its loss are the package's", held, () => {
  for (const { settings: { sr }, arrays } of cases("merge_frames")) {
    const { M } = framesOf({ x: Float32Array.from(numbers(arrays.x)), sr }), expected = numbers(arrays.M);
    const most = Math.max(...expected);
    expected.forEach((v, i) => near(M[i], v, 1e-6 * most, `cell ${i}`));
  }
  for (const { settings: { factor, power, off, softer }, arrays } of cases("merge")) {
    const [row, short, back] = [arrays.row, arrays.short, arrays.back].map(numbers), most = Math.max(...row);
    const what = `${factor} frames, exponent ${power}`, mine = merged(row, factor, power), again = drawnBack(row, factor, power);
    assert.equal(mine.length, short.length, what);
    short.forEach((v, j) => near(mine[j], v, 1e-9 * most, `${what}: group ${j}`));
    back.forEach((v, m) => near(again[m], v, 1e-9 * most, `${what}: frame ${m}`));
    const loss = lossOf(levelsIn(row, most), levelsIn(again, most));
    near(loss.off, off, 1e-6, `${what}: off`);
    near(loss.softer, softer, 1e-6, `${what}: softer`);
  }
});

test("a band that is constant, or whose groups have one frame, comes back as it is", () => {
  const level = Float64Array.from({ length: 40 }, (_, m) => 1 + m % 7), flat = level.map(() => 0.3);
  for (const power of [0, 0.5, 1, 2]) {
    drawnBack(flat, 6, power).forEach((v) => near(v, 0.3, 1e-9, `exponent ${power}`));
    drawnBack(level, 1, power).forEach((v, m) => near(v, level[m], 1e-9, `exponent ${power}, frame ${m}`));
  }
});

test("means rise with their exponent", () => {
  const row = Float64Array.from({ length: 12 }, (_, m) => 1 + m % 5);
  const means = [0, 0.5, 1, 1.5, 2].map((power) => merged(row, 4, power));
  for (let i = 1; i < means.length; i++) means[i].forEach((v, j) => assert.ok(v > means[i - 1][j], `${i}, group ${j}`));
});

test("what is heard is as long as the clip, and is silent at its ends", () => {
  const { data, state } = started(merge), { sound: { x } } = merge.heard(state, data);
  assert.equal(x.length, data.n_samples);
  near(x[0], 0, 1e-9, "start");
  near(x.at(-1), 0, 1e-9, "end");
});
