// The figure `em`: four ways from bands to bins as the package's.

import assert from "node:assert/strict";
import test from "node:test";

import { melInverse } from "../../../../specdemo/live/js/dsp/em.js";
import { corrected, frameOf, sizeOf } from "../../../../specdemo/live/js/dsp/guess.js";
import { melForward } from "../../../../specdemo/live/js/dsp/melbank.js";
import { nonNegative, pseudoInverse, transposed } from "../../../../specdemo/live/js/dsp/ways.js";
import { em } from "../../../../specdemo/live/figures/em.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("EM, the transpose, the pseudo-inverse and NNLS make of bands what the package makes", held, () => {
  for (const { settings: { sr, n_iter }, arrays } of cases("ways")) {
    const { bank, M } = frameOf({ x: Float32Array.from(numbers(arrays.x)), sr }), guesses = numbers(arrays.guesses);
    const ways = [corrected(melInverse(M, bank, 0), M, bank, n_iter), ...[transposed, pseudoInverse, nonNegative].map((way) => way(M, bank))];
    ways.forEach((S, i) => S.forEach((v, k) =>
      near(v, guesses[i * S.length + k], 1e-6 * sizeOf(S), `way ${i + 1}, bin ${k}`)));
  }
});

test("NNLS has no negative value, no more bins than bands, and nothing left to gain", () => {
  const x = Float32Array.from({ length: 1024 }, (_, n) => Math.sin(n * n * 0.37) + Math.sin(n / 3));
  const { bank, M } = frameOf({ x, sr: 22050 }), S = nonNegative(M, bank), bands = melForward(S, bank);
  assert.ok(S.every((v) => v >= 0));
  assert.ok(S.filter((v) => v > 0).length <= M.length);
  assert.ok(sizeOf(bands.map((v, b) => v - M[b])) < 1e-9 * sizeOf(M));
});

test("every iteration fits the bands better than the one before", () => {
  const { data } = started(em, { x: Float32Array.from({ length: 1024 }, (_, n) => Math.sin(n * n * 0.37)), sr: 22050 });
  data.steps.slice(1).forEach(({ fit }, i) => assert.ok(fit <= data.steps[i].fit, `iteration ${i + 1}`));
});

test("whoever moves the iterations leaves the other ways", () => {
  const state = em.changed({ n_iter: 2, way: 4 }, "n_iter", 9, null);
  assert.deepEqual(state, { n_iter: 9, way: 1 });
  assert.deepEqual(em.changed(state, "way", 3, null), { n_iter: 9, way: 3 });
});
