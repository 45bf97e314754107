// Tests of the pure functions that figures are made of: pixels, axes, colours, links.

import assert from "node:assert/strict";
import test from "node:test";

import { hzToMel } from "../../../specdemo/live/js/dsp/melscale.js";
import { readFragment, writeFragment } from "../../../specdemo/live/figures/explorer/settings.js";
import { timeTicks } from "../../../specdemo/live/js/parts/axes.js";
import { MAGMA, makePalette } from "../../../specdemo/live/js/parts/colours.js";
import { makePicture, pixelCells, poolLevels } from "../../../specdemo/live/js/parts/picture.js";
import { makeScale } from "../../../specdemo/live/js/parts/scales.js";
import { resample } from "../../../specdemo/live/js/parts/sounds.js";

const near = (actual, expected, what) => assert.ok(
  Math.abs(actual - expected) < 1e-12 * Math.max(1, Math.abs(expected)),
  `${what}: ${actual} instead of ${expected}`);

test("every cell is in a pixel, and every pixel has a cell", () => {
  for (const [n_pixels, n_cells] of [[7, 100], [100, 7], [10, 10], [1, 5], [5, 1]]) {
    const what = `${n_cells} cells in ${n_pixels} pixels`, seen = new Set();
    const cellAt = (p) => Math.min(n_cells - 1, Math.floor(p / n_pixels * n_cells));
    const pairs = pixelCells(n_pixels, cellAt);
    for (let p = 0; p < n_pixels; p++) {
      const [first, last] = pairs.subarray(2 * p, 2 * p + 2);
      assert.ok(first <= last, `${what}: pixel ${p} has none`);
      for (let cell = first; cell <= last; cell++) seen.add(cell);
    }
    for (let cell = 1; cell < n_cells; cell++) assert.ok(seen.has(cell), `${what}: ${cell} is lost`);
  }
});

test("the loudest cell of a pixel is seen", () => {
  const n_frames = 999, n_rows = 513, levels = new Float32Array(n_frames * n_rows).fill(-120);
  levels[510 * n_rows + 300] = 0;
  const frequencies = Float64Array.from({ length: n_rows }, (_, k) => k * 11025 / 512);
  const times = { frame_step: 0.01, start_time: 0 };
  const picture = makePicture({ levels, n_frames, n_rows, frequencies, ...times });
  const scale = makeScale("linear", 22050, "slaney");
  const pooled = poolLevels(picture, scale, { start: 0, end: 10 }, 50, 20);
  const lit = [...pooled].flatMap((v, i) => (v ? [[Math.floor(i / 20), i % 20, v]] : []));
  assert.deepEqual(lit, [[25, 11, 240]]);
  near(picture.loudest.time, 5.1, "time");
  near(picture.loudest.frequency, 300 * 11025 / 512, "frequency");
});

test("every axis has its inverse", () => {
  for (const axis of ["linear", "log", "mel"]) {
    const { toUnit, toHz } = makeScale(axis, 22050, "slaney");
    for (const unit of [0, 0.1, 0.5, 1]) near(toUnit(toHz(unit)), unit, `${axis} axis`);
  }
});

test("the mel axis is that of the mel scale", () => {
  for (const mel_scale of ["slaney", "htk"]) {
    const { toUnit } = makeScale("mel", 22050, mel_scale);
    for (const f of [0, 300, 1000, 5000, 11025])
      near(toUnit(f), hzToMel(f, mel_scale) / hzToMel(11025, mel_scale), `${mel_scale}, ${f} Hz`);
  }
});

test("colours below the threshold are those of silence", () => {
  const palette = makePalette(MAGMA, 80, -60), byte = 2 * (120 - 60);
  assert.deepEqual(new Set(palette.subarray(0, byte)), new Set([palette[0]]));
  assert.notEqual(palette[byte], palette[0]);
  // The last colour of magma, #fcfdbf, as bytes of a canvas.
  assert.equal(palette[240], ((0xFF << 24) | (0xBF << 16) | (0xFD << 8) | 0xFC) >>> 0);
});

test("links can be read back", () => {
  const state = { clip: "a&b=c", n_fft: 512, momentum: 0.5, axis: "log" };
  const preset = { clip: "speech", n_fft: 1024, momentum: 0.99, axis: "log" };
  const { id, values } = readFragment(writeFragment("explorer-mel", state, preset));
  assert.equal(id, "explorer-mel");
  assert.deepEqual([...values], [["clip", "a&b=c"], ["n_fft", "512"], ["momentum", "0.5"]]);
  for (const hash of ["", "#heading", "#a b?c=d", "#?n_fft=1"])
    assert.equal(readFragment(hash), null, hash);
});

test("times on an axis are round, and apart", () => {
  for (const [end, width] of [[4.56, 700], [0.05, 300], [60, 320], [1, 1000]]) {
    const ticks = timeTicks({ start: 0, end }, width), what = `${end} s in ${width} pixels`;
    assert.equal(ticks[0], 0, what);
    assert.ok(ticks.length >= 2 && ticks.length <= width / 60, what);
    for (const t of ticks) assert.ok(`${t}`.length <= 6, `${what}: ${t}`);
  }
});

// As `specdemo.resample` does.
test("what is above the new Nyquist frequency goes, and what is below stays", () => {
  const level = (part) => {
    const x = Float32Array.from({ length: 8000 }, (_, t) => Math.sin(Math.PI / 2 * part * t));
    const y = resample(x, 44100, 22050).subarray(1000, 3000);
    return Math.sqrt(2 * y.reduce((sum, v) => sum + v * v, 0) / y.length);
  };
  for (const part of [0.1, 0.4, 0.85]) assert.ok(Math.abs(level(part) - 1) < 2e-3, `${part} stays`);
  for (const part of [1.02, 1.5, 1.9]) assert.ok(level(part) < 1e-3, `${part} goes`);
});
