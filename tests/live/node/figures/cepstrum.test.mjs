// The figure `cepstrum`: columns, cosines and outlines as Python's, and a voice that has them.

import assert from "node:assert/strict";
import test from "node:test";

import { seenWith } from "../../../../specdemo/live/js/parts/figure.js";
import { keyed } from "../../../../specdemo/live/js/parts/handles.js";
import { probe } from "../../../../specdemo/live/js/dsp/probe.js";
import {
  N_MELS, N_MFCC, amplitudeOf, columnsOf, curveOf, heightsOf, soundsOf, voiceOf,
} from "../../../../specdemo/live/js/dsp/outline.js";
import { cepstrum } from "../../../../specdemo/live/figures/cepstrum.js";
import { cases, held, near, numbers, sound, started } from "../figures.mjs";

test("columns, their cosines and the outline between their tips are the package's", held, () => {
  for (const { settings: { sr, n_fft }, arrays } of cases("outline")) {
    const { levels, n_frames, bank } = columnsOf({ x: Float32Array.from(numbers(arrays.x)), sr });
    const expected = numbers(arrays.levels), heights = numbers(arrays.heights), curves = numbers(arrays.curves);
    const amplitudes = numbers(arrays.amplitudes), n_bins = n_fft / 2 + 1;
    levels.forEach((v, i) => near(v, expected[i], 0.001, `level ${i}`));
    for (let m = 0; m < n_frames; m++) {
      heightsOf(expected.subarray(m * N_MELS, (m + 1) * N_MELS)).forEach((v, n) =>
        near(v, heights[m * N_MFCC + n], 1e-9, `cosine ${n} of column ${m}`));
      const curve = curveOf(heights.subarray(m * N_MFCC, (m + 1) * N_MFCC)), amplitude = amplitudeOf(curve, bank);
      curve.forEach((v, b) => near(v, curves[m * N_MELS + b], 1e-9, `curve ${m}, band ${b}`));
      for (let k = 1; k < n_bins - 1; k++) {
        const wanted = amplitudes[m * n_bins + k];
        near(amplitude(k * sr / n_fft) / wanted, 1, 1e-6, `amplitude of bin ${k}`);
      }
    }
  }
});

test("the sounds of a clip that differ most are those that NumPy finds", held, () => {
  for (const { settings: { clip, frames }, arrays } of cases("sounds"))
    assert.deepEqual(soundsOf(numbers(arrays.levels)), frames, clip);
});

test("of what does not change there is one sound at most, and of what is too short for one there is none", () => {
  const { levels } = columnsOf(sound(8000, 0.8)), column = levels.slice(0, N_MELS);
  const repeated = (n) => Float64Array.from({ length: n * N_MELS }, (_, i) => column[i % N_MELS]);
  assert.equal(soundsOf(repeated(40)).length, 1);
  assert.deepEqual(soundsOf(repeated(4)), []);
});

test("the numbers over the clip are reached from between them, and one that is reached is known by its number", () => {
  const hums = [300, 900, 2000].map((hertz) => (n) => Math.sin(2 * Math.PI * hertz * n / 8000));
  const x = Float32Array.from({ length: 9000 }, (_, n) => 0.4 * hums[Math.floor(n / 3000)](n));
  const { data, state } = started(cepstrum, { x, sr: 8000 }), [handle] = cepstrum.handles(data), { stops } = handle;
  assert.equal(handle.name, "sound");
  assert.equal(stops.length, 3);
  const at = (moment) => {
    const moved = { ...state, moment }, { grips } = cepstrum.draw(moved, data, 500, seenWith({}, moved));
    return { value: handle.value(moved, data), text: grips.sound.text };
  };
  const between = (stops[0] + stops[1]) / 2;
  assert.equal(at(between).value, between);
  assert.match(at(between).text, /^between them/);
  assert.deepEqual(["ArrowLeft", "ArrowRight"].map((key) => keyed(handle, between, key)), stops.slice(0, 2));
  // A slider's value lies within its ends.
  assert.deepEqual([at(0).value, at(data.duration).value], [stops[0], stops.at(-1)]);
  // What a link keeps is rounded.
  assert.equal(at(stops[1] + 0.004).value, stops[1]);
  assert.match(at(stops[1] + 0.004).text, /^2 of 3/);
});

test("the voice has partials at the multiples of its pitch, as strong as the outline says", () => {
  const { data: { bank }, state } = started(cepstrum), heights = Array.from({ length: N_MFCC }, (_, n) => state[`c${n}`]);
  const curve = curveOf(heights), amplitude = amplitudeOf(curve, bank);
  for (const hertz of [100, 237]) {
    const { x, sr } = voiceOf(curve, bank, hertz);
    near(sr / x.length, hertz, 0.5 / x.length, "pitch");
    for (let k = 1; k < 10; k++) {
      const { re, im } = probe(x, k * sr / x.length, sr), wanted = amplitude(k * sr / x.length);
      near(Math.hypot(re, im) / (x.length / 2), wanted, 1e-5 * amplitude(300), `partial ${k} of ${hertz} Hz`);
    }
  }
});

test("a moment brings its own thirteen coefficients, and a bar moves nothing else", () => {
  const { data, state } = started(cepstrum, sound(8000, 0.8)), later = cepstrum.changed(state, "moment", 0.1, data);
  const column = data.levels.subarray(Math.round(0.1 * data.rate) * N_MELS).subarray(0, N_MELS);
  heightsOf(column).forEach((v, n) => near(later[`c${n}`], v, 0.251, `cosine ${n}`));
  assert.deepEqual(cepstrum.changed(later, "c3", 7, data), { ...later, c3: 7 });
});

test("the three largest cosines are kept, and the mean", () => {
  const { data, state: found } = started(cepstrum), state = { ...found, c7: found.c9, c8: -found.c9 };
  const kept = cepstrum.action.apply(state, data);
  const sizes = Array.from({ length: N_MFCC - 1 }, (_, n) => Math.abs(state[`c${n + 1}`])).sort((a, b) => b - a);
  const left = Object.keys(kept).filter((name) => /^c[1-9]/.test(name) && kept[name]);
  assert.equal(left.length, 3);
  assert.ok(left.every((name) => kept[name] === state[name] && Math.abs(state[name]) >= sizes[2]));
  assert.deepEqual([kept.c0, kept.pitch], [state.c0, state.pitch]);
});
