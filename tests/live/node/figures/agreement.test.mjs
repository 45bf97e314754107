// The figure `agreement`: the steps as Python's.

import assert from "node:assert/strict";
import test from "node:test";

import { caught, madeConsistent, makeTone, phasesOf, turnedFrames, withMagnitudes } from "../../../../specdemo/live/js/dsp/agree.js";
import { agreement } from "../../../../specdemo/live/figures/agreement.js";
import { fitted } from "../../../../specdemo/live/js/parts/handles.js";
import { RADIANS, cases, held, near, started } from "../figures.mjs";

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

test("whoever turns a frame goes on from where the steps have led", () => {
  const { data, state } = started(agreement), stepped = { ...state, n_steps: 10 };
  const now = agreement.handles(data).slice(0, 3).map(({ value }) => value(stepped, data));
  const moved = agreement.changed(stepped, "phase2", 45, data);
  assert.equal(moved.n_steps, 0);
  assert.equal(moved.phase2, 45);
  near(moved.phase1, now[0], 0.05, "the first");
  near(moved.phase3, now[2], 0.05, "the third");
});

test("the sound of agreement ends where it begins", () => {
  const { data, state } = started(agreement), { sound: { x } } = agreement.heard({ ...state, n_steps: 3 }, data);
  const step = x.reduce((most, v, i) => Math.max(most, Math.abs(v - x[(i + 1) % x.length])), 0);
  assert.ok(Math.abs(x[0] - x.at(-1)) <= step && step < 0.25, `a step of ${step}`);
});

test("a hand finds where frames agree, pixel by pixel", () => {
  for (const [value, expected] of [[176, 180], [-176, 180], [-3, 0], [362, 0], [24, 20], [-335, 20], [100, 100]])
    assert.equal(caught(value, 0, [90, 20, 50]), expected, `${value}`);
  const { data, state } = started(agreement), equal = { ...state, phase2: 50, phase3: 50 };
  for (const width of [360, 740]) {
    const [handle] = agreement.handles(data), { grips: { phase1: { x, y, move } } } = agreement.draw(equal, data, width, {});
    const met = new Set(Array.from({ length: 120 }, (_, i) => fitted(handle, move({ x: x + i - 60, y }, { x, y, value: 0 }))));
    for (const phase of [0, 50, 180]) assert.ok(met.has(phase), `${phase} at ${width}`);
  }
});
