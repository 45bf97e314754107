// Tests of the figures to take hold of: their mathematics as Python says, their handles, their drawings.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { madeConsistent, makeTone, phasesOf, turnedFrames, withMagnitudes } from "../../../specdemo/live/js/dsp/agree.js";
import { countFrames, makeLens } from "../../../specdemo/live/js/dsp/lens.js";
import { probe as ask, turned } from "../../../specdemo/live/js/dsp/probe.js";
import { agreement } from "../../../specdemo/live/figures/agreement.js";
import { frames } from "../../../specdemo/live/figures/frames.js";
import { probe } from "../../../specdemo/live/figures/probe.js";
import { mended, seenWith } from "../../../specdemo/live/js/parts/figure.js";
import { fitted, keyed } from "../../../specdemo/live/js/parts/handles.js";
import { still } from "../../../specdemo/live/js/parts/still.js";
import { gainOf } from "../../../specdemo/live/js/parts/voice.js";

const { SPECDEMO_GOLDEN: folder } = process.env;
const held = { skip: folder ? false : "SPECDEMO_GOLDEN names no folder of golden vectors" };
const RADIANS = Math.PI / 180;
const KINDS = [frames, probe, agreement];

const numbers = ({ file }) => new Float64Array(new Uint8Array(readFileSync(join(folder, file))).buffer);

function cases(kind) {
  const found = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")).filter((one) => one.kind === kind);
  assert.ok(found.length, `no cases of ${kind}`);
  return found;
}

function near(actual, expected, tolerance, what) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

/** A hum with a click, which every figure can show. */
function sound(sr = 8000, seconds = 0.8) {
  const x = Float32Array.from({ length: sr * seconds }, (_, n) => 0.4 * Math.sin(2 * Math.PI * 300 * n / sr));
  x[x.length >> 1] = 0.9;
  return { x, sr };
}

const started = (kind, given = sound()) => {
  const data = kind.prepare(given, { hertz: 300 });
  return { data, state: mended(kind, data, {}) };
};

test("what the lens sees is a column of the package's spectrogram", held, () => {
  for (const { settings: { n_fft, hop_length }, arrays } of cases("lens")) {
    const x = numbers(arrays.x), S = numbers(arrays.S), n_bins = n_fft / 2 + 1, lens = makeLens(x, n_fft);
    assert.equal(countFrames(x.length, hop_length), S.length / n_bins);
    for (let m = 0; m < S.length / n_bins; m++) {
      const { size } = lens(m * hop_length);
      for (let k = 0; k < n_bins; k++) near(size[k], S[m * n_bins + k], 1e-10 * n_fft, `${n_fft} ${m} ${k}`);
    }
  }
});

test("the probe's sum at whole cycles is the package's bin, and turning it keeps its length", held, () => {
  for (const { settings: { sr }, arrays } of cases("probe")) {
    const x = numbers(arrays.x), re = numbers(arrays.X.re), im = numbers(arrays.X.im);
    for (let k = 0; k < re.length; k++) {
      const found = ask(x, k * sr / x.length, sr);
      near(found.re, re[k], 1e-9, `real part of bin ${k}`);
      near(found.im, im[k], 1e-9, `imaginary part of bin ${k}`);
      for (const phase of [0.3, 2, -1]) {
        const { re: a, im: b } = turned(found, phase);
        near(Math.hypot(a, b), Math.hypot(re[k], im[k]), 1e-9, "length");
        const sum = x.reduce((total, v, n) => total + v * Math.cos(2 * Math.PI * k * n / x.length + phase), 0);
        near(a, sum, 1e-9, "the sum with the wave that is turned");
      }
    }
  }
});

test("frames disagree, and steps of Griffin and Lim lead, as the package's far from the ends", held, () => {
  const steps = [0, 1, 5, 20, 40], tone = makeTone(256);
  for (const { settings: { degrees, errors, phases } } of cases("agreement")) {
    let Y = turnedFrames(tone, degrees.map((p) => p * RADIANS));
    for (let i = 0; i <= 40; i++) {
      const { C, error_db } = madeConsistent(Y, tone), at = steps.indexOf(i);
      if (at >= 0) {
        near(error_db, errors[at], 1e-6, `${degrees}, ${i} steps`);
        phasesOf(Y, tone).forEach((p, m) =>
          near(Math.sin(p / 2 - phases[at][m] * RADIANS / 2), 0, 1e-8, `phase ${m}, ${i} steps`));
      }
      Y = withMagnitudes(tone, C);
    }
  }
});

test("equal phases agree, whatever they are equal to", () => {
  const tone = makeTone(256);
  for (let degrees = -180; degrees <= 180; degrees += 15) {
    const { error_db } = madeConsistent(turnedFrames(tone, Array(3).fill(degrees * RADIANS)), tone);
    assert.ok(error_db < -250, `${degrees}: ${error_db}`);
  }
});

test("every key leads to a value that the handle can have, and its ends are reached", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
  for (const kind of KINDS) {
    const { data } = started(kind);
    for (const handle of kind.handles(data)) {
      const low = handle.stops?.[0] ?? handle.min, high = handle.stops?.at(-1) ?? handle.max;
      const some = handle.stops?.[3] ?? handle.min + 3 * (handle.step ?? 1), what = `${kind.name}: ${handle.name}`;
      assert.equal(keyed(handle, some, "Home"), low, what);
      assert.equal(keyed(handle, some, "End"), high, what);
      assert.ok(keyed(handle, some, "ArrowRight") > some && keyed(handle, some, "ArrowDown") < some, what);
      for (const key of keys)
        for (const value of [low, some, high]) {
          const moved = keyed(handle, value, key);
          assert.equal(fitted(handle, moved), moved, `${what}: ${key} from ${value}`);
        }
      assert.equal(keyed(handle, some, "a"), undefined);
    }
  }
});

test("an angle goes on where it has gone round", () => {
  const handle = { min: -180, max: 180, step: 5, turns: true };
  for (const [value, expected] of [[185, -175], [-185, 175], [540, 180], [362, 0], [91, 90]])
    assert.equal(fitted(handle, value), expected);
});

test("every state of a figure has a drawing in numbers, with a place for each of its handles", () => {
  for (const given of [sound(), sound(8000, 0.05), sound(44100), { x: new Float32Array(800), sr: 8000 }]) {
    for (const kind of KINDS) {
      const { data, state } = started(kind, given);
      for (const handle of kind.handles(data)) {
        for (const key of ["Home", "End", "ArrowRight"]) {
          const name = handle.key ?? handle.name, value = keyed(handle, state[name], key);
          const moved = kind.changed?.(state, name, value, data) ?? { ...state, [name]: value };
          const drawing = kind.draw(moved, data, 360, seenWith(seenWith({}, state), moved));
          assert.doesNotMatch(drawing.marks + JSON.stringify(drawing.numbers), /NaN|Infinity|undefined/, `${kind.name} ${name} ${key}`);
          for (const { name: each } of kind.handles(data)) {
            const { x, y, text } = drawing.grips[each];
            assert.ok(x >= 0 && x <= 372 && y >= 0 && y <= drawing.height && text, `${kind.name}: ${each} at ${x}, ${y}`);
          }
        }
      }
    }
  }
});

test("a grip that is moved to where it is keeps its value, and one that follows the pointer arrives", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), { grips } = kind.draw(state, data, 700, seenWith({}, state));
    for (const handle of kind.handles(data)) {
      const { x, y, move } = grips[handle.name], value = state[handle.key ?? handle.name];
      const found = fitted(handle, move({ x, y }, { x, y, value }));
      const most = handle.name === "time" ? state.hop_length / data.sr : handle.step ?? 1;
      near(found, value, handle.stops ? 0 : most, `${kind.name}: ${handle.name}`);
    }
  }
});

test("a drawing depends on nothing but its state", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), seen = seenWith({}, state);
    const before = kind.draw(state, data, 500, seen).marks;
    for (const handle of kind.handles(data)) {
      const name = handle.key ?? handle.name;
      kind.draw({ ...state, [name]: keyed(handle, state[name], "ArrowRight") }, data, 500, seen);
    }
    assert.equal(kind.draw(state, data, 500, seen).marks, before, kind.name);
  }
});

test("the frames' trail is as long as the lens has been far", () => {
  const { data, state } = started(frames), far = seenWith(seenWith({}, state), { ...state, time: 0.6 });
  const { raster } = frames.draw(state, data, 500, far);
  assert.equal(raster.columns, 1 + Math.round(0.6 * data.sr / state.hop_length));
  assert.ok(raster.bytes.every((byte) => byte >= 1 && byte <= 240));
});

test("whoever turns a frame goes on from where the steps have led", () => {
  const { data, state } = started(agreement), stepped = { ...state, n_steps: 10 };
  const now = agreement.handles(data).slice(0, 3).map(({ value }) => value(stepped, data));
  const moved = agreement.changed(stepped, "phase2", 45, data);
  assert.equal(moved.n_steps, 0);
  assert.equal(moved.phase2, 45);
  near(moved.phase1, now[0], 0.05, "the first");
  near(moved.phase3, now[2], 0.05, "the third");
});

test("loops are as loud as each other, and end where they begin", () => {
  for (const scale of [0.001, 1, 300]) {
    const x = Float32Array.from({ length: 960 }, (_, n) => scale * Math.sin(2 * Math.PI * n / 32));
    near(gainOf(x) * scale / Math.SQRT2, 0.08, 1e-6, "RMS");
  }
  assert.equal(gainOf(new Float32Array(9)), 0);
  const { data, state } = started(agreement), { sound: { x } } = agreement.heard({ ...state, n_steps: 3 }, data);
  const step = x.reduce((most, v, i) => Math.max(most, Math.abs(v - x[(i + 1) % x.length])), 0);
  assert.ok(Math.abs(x[0] - x.at(-1)) <= step && step < 0.25, `a step of ${step}`);
});

test("the picture is the drawing of the start, with its handles and no words of a script", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), picture = still(kind, sound(), { hertz: 300 });
    assert.match(picture, /^<svg class="sd-still"[^]*<\/svg>$/);
    assert.equal(picture.match(/sd-dot/g).length, kind.handles(data).length);
    assert.ok(picture.includes(kind.draw(state, data, 480, seenWith({}, state)).marks), kind.name);
  }
  assert.match(still(frames, sound(), {}), /href="data:image\/bmp;base64,Qk/);
});
