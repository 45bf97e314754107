// The figure `excerpt`: energies and sounds of pieces as Python's, and edges that push each other.

import assert from "node:assert/strict";
import test from "node:test";

import { cellsIn, makePlane, shareOf, soundOf } from "../../../../specdemo/live/js/dsp/excerpt.js";
import { makeGrid } from "../../../../specdemo/live/js/dsp/stft.js";
import { excerpt } from "../../../../specdemo/live/figures/excerpt.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("a piece has the energy and the sound that the package gives it, and silence around", held, () => {
  for (const { settings: { share, sr, ...edges }, arrays } of cases("excerpt")) {
    const x = numbers(arrays.x), y = numbers(arrays.y), n_fft = 512;
    const plane = makePlane(x, makeGrid({ sr, n_fft, hop_length: n_fft / 4 })), cells = cellsIn(edges, plane);
    near(shareOf(cells, plane), share, 1e-12, "share");
    const found = soundOf(cells, plane), begin = Math.max(0, cells.first * n_fft / 4 - n_fft / 2);
    y.forEach((v, t) => near(found[t - begin] ?? 0, v, 1e-12, `${JSON.stringify(edges)}, sample ${t}`));
  }
});

test("an edge that comes to the one across pushes it before it", () => {
  const { data, state } = started(excerpt);
  for (const [key, value, other] of [["start", 0.76, "end"], ["end", 0.05, "start"], ["low", 3900, "high"], ["high", 100, "low"]]) {
    const moved = excerpt.changed(state, key, value, data);
    assert.equal(moved[key], value);
    assert.ok(moved.start < moved.end && moved.low < moved.high && moved[other] !== state[other], key);
  }
});
