// The figure `excerpt`: energies and sounds of pieces as Python's, and edges that push each other.

import assert from "node:assert/strict";
import test from "node:test";

import { cellsIn, makePlane, shareOf, soundOf } from "../../../../specdemo/live/js/dsp/excerpt.js";
import { makeGrid } from "../../../../specdemo/live/js/dsp/stft.js";
import { excerpt } from "../../../../specdemo/live/figures/excerpt.js";
import { mended } from "../../../../specdemo/live/js/parts/figure.js";
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

test("edges from outside that have crossed are put in order", () => {
  const { data } = started(excerpt), least = { time: 0.02 * data.duration, hertz: 0.02 * data.high_hz };
  for (const values of [{ start: 0.6, end: 0.2 }, { low: 3000 }, { low: "2000", high: "500" }, { end: 0 }, { start: 9, end: -1 }]) {
    const { start, end, low, high } = mended(excerpt, data, values), what = JSON.stringify(values);
    assert.ok(start >= 0 && end - start > 0.99 * least.time && end <= data.duration, what);
    assert.ok(low >= 0 && high - low > 0.99 * least.hertz && high <= data.high_hz, what);
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
