// The figure `bank`: triangles and bands as Python's, for all heights.

import assert from "node:assert/strict";
import test from "node:test";

import { bandsOf, shortFrame, weightOf } from "../../../../specdemo/live/js/dsp/bands.js";
import { bank } from "../../../../specdemo/live/figures/bank.js";
import { probe } from "../../../../specdemo/live/js/dsp/probe.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

const ratio = (level) => 10 ** (level / 20);

test("bands of a frame and of a flat spectrum are the package's between height and area one", held, () => {
  for (const { settings, arrays } of cases("bands")) {
    const frame = shortFrame({ x: Float32Array.from(numbers(arrays.x)), sr: settings.sr });
    const { edges, levels, flat, empty } = bandsOf(frame, settings), what = JSON.stringify(settings);
    const [bands, evenly, corners] = [arrays.bands, arrays.flat, arrays.edges].map(numbers);
    assert.deepEqual(empty, settings.empty, what);
    corners.forEach((v, i) => near(edges[i], v, 1e-6, `${what}: corner ${i}`));
    bands.forEach((v, b) => near(ratio(levels[b]), v, 1e-6, `${what}: band ${b}`));
    evenly.forEach((v, b) => near(ratio(flat[b]), v, 1e-6, `${what}: flat ${b}`));
    const { n_bins, sr, n_fft } = frame.grid, weights = numbers(arrays.weights);
    // Golden arrays have a column a row: the weights of a bin follow each other.
    for (let b = 0; b < settings.n_mels; b++)
      for (let k = 0; k < n_bins; k++)
        near(weightOf(b, k * sr / n_fft, edges), weights[k * settings.n_mels + b], 1e-9, `${what}: weight ${b} ${k}`);
  }
});

test("a flat spectrum is flat with area one, and climbs with height one", () => {
  const { data, state } = started(bank, { x: Float32Array.from({ length: 1024 }, (_, n) => Math.sin(n * n)), sr: 22050 });
  const spread = (norm) => {
    const { flat } = bandsOf(data, { ...state, norm });
    return Math.max(...flat) - Math.min(...flat);
  };
  assert.ok(spread(1) < 2 && spread(0) > 10, `${spread(1)} and ${spread(0)} dB`);
});

test("what is heard of a band lies within its feet", () => {
  const { data, state } = started(bank), { edges } = bandsOf(data, state), { sound: { x, sr } } = bank.heard(state, data);
  const chosen = Math.floor(state.place / 100 * state.n_mels);
  const strength = (f) => {
    const { re, im } = probe(x, Math.round(f * x.length / sr) * sr / x.length, sr);
    return Math.hypot(re, im);
  };
  const inside = strength(edges[chosen + 1]);
  for (const f of [edges[chosen] - 50, edges[chosen + 2] + 50, 3000])
    assert.ok(strength(f) < 1e-4 * inside, `${f} Hz`);
});
