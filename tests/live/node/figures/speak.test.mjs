// The figure `speak`: what a decoder answers, and the word that is heard of it, as Python's.

import assert from "node:assert/strict";
import test from "node:test";

import { HOP, N_MELS, asked, buzzAndHiss, decode, makeBank, partsOf, putOutline, spoken, stretched } from "../../../../specdemo/live/js/dsp/speak.js";
import { speak } from "../../../../specdemo/live/figures/speak.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

const alike = (found, wanted, tolerance, what) => {
  assert.equal(found.length, wanted.length, what);
  found.forEach((v, i) => near(v, wanted[i], tolerance, `${what}, ${i}`));
};

test("rows, parts, sources and words are the package's", held, () => {
  const { data: { layers } } = started(speak), bank = makeBank();
  for (const { settings: { first, second, digit }, arrays } of cases("speak")) {
    const row = decode(layers, asked([first, second], digit)), word = partsOf(numbers(arrays.row)), found = stretched(word);
    alike(row, numbers(arrays.row), 1e-6, "row");
    alike(found.levels, numbers(arrays.V), 1e-9, "outline");
    alike(found.voicing, numbers(arrays.voicing), 1e-9, "voicing");
    alike(found.f0, numbers(arrays.f0), 1e-9, "pitch");
    const share = found.voicing.map((v) => Math.min(1, Math.max(0, (v - 0.3) / 0.5))), noise = numbers(arrays.noise);
    alike(buzzAndHiss(found.f0, share, noise), numbers(arrays.source), 1e-7, "source");
    const wanted = found.levels.map((v) => 60 * (Math.min(1.05, Math.max(0, v)) - 1)), y = numbers(arrays.y);
    alike(putOutline(numbers(arrays.source), wanted, bank), y, 1e-6 * Math.max(...y), "sound");
    const { x } = spoken(word, bank, () => noise);
    alike(x.subarray(0, y.length), y, 1e-5 * Math.max(...y), "word");
    assert.ok(x.length > y.length && x.subarray(y.length).every((v) => v === 0), "a pause");
  }
});

test("between two digits the label is shared, and whole at each", () => {
  assert.deepEqual(asked([1, 2], 0, 3), [1, 2, 1, 0, 0]);
  const [, , a, b, c] = asked([0, 0], 1.25, 3);
  assert.deepEqual([a, b, c], [0, 0.75, 0.25]);
});

test("a pulse for each period, and where nothing is voiced, the noise", () => {
  const f0 = new Float64Array(11).fill(100), n = 10 * HOP, noise = Float64Array.from({ length: n }, (_, t) => t);
  const pulses = buzzAndHiss(f0, new Float64Array(11).fill(1), noise);
  const places = Array.from(pulses.keys()).filter((t) => pulses[t] > 1e-6);
  assert.deepEqual(places, Array.from({ length: 10 }, (_, k) => 160 * (k + 1) - 1));
  near(pulses.reduce((sum, v) => sum + v * v, 0) / n, 1, 1e-9, "power");
  assert.deepEqual(buzzAndHiss(f0, new Float64Array(11), noise), noise);
});

test("where no word is known, none is near", () => {
  const { data, state } = started(speak), [, , far] = speak.draw(state, { ...data, words: [], names: [] }, 700, {}).numbers;
  assert.match(`${far.label} ${far.text}`, /none/);
  assert.doesNotMatch(far.text, /\d/);
});

test("a word is as loud in its bands as its outline says, and the drawing shows it as long as it is", () => {
  const { data, state } = started(speak), drawing = speak.draw(state, data, 700, {});
  const [, lasts] = drawing.numbers;
  const { x, sr } = speak.heard(state, data).sound, end = x.findLastIndex((v) => v !== 0);
  near(end / sr, parseFloat(lasts.text) / 1000, 0.011, "length");
  assert.equal(drawing.raster.rows, N_MELS);
  assert.equal(drawing.raster.bytes.length, N_MELS * drawing.raster.columns);
});
