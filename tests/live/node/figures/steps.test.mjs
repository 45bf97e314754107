// The figure `steps`: equal steps of mel as the package's, and of what lies on both sides of it.

import assert from "node:assert/strict";
import test from "node:test";

import { semitones, stepsOf } from "../../../../specdemo/live/js/dsp/ruler.js";
import { steps } from "../../../../specdemo/live/figures/steps.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("equal steps of a ruler are the package's, with its corner at 700 Hz those of mel", held, () => {
  for (const { settings: { n, low, high, corner }, arrays } of cases("ruler"))
    numbers(arrays.f).forEach((f, i) => near(stepsOf(n, low, high, corner)[i], f, 1e-9 * f, `${corner}: ${i}`));
});

test("a ruler measures in octaves far above its corner, and in hertz far below", () => {
  const octaves = stepsOf(5, 200, 3200, 1e-3), hertz = stepsOf(5, 200, 3200, 1e8);
  for (let i = 1; i < 5; i++) {
    near(semitones(octaves[i - 1], octaves[i]), 12, 1e-3, `semitones ${i}`);
    near(hertz[i] - hertz[i - 1], 750, 0.1, `hertz ${i}`);
  }
});

test("the tones are played one after the other, and over again", () => {
  const { data, state } = started(steps), heard = (passed) => steps.heard(steps.walked(state, data, passed), data).hertz;
  const tones = stepsOf(9, 200, data.high, state.corner);
  for (let i = 0; i < 20; i++) near(heard(0.45 * i + 0.1), tones[i % 9], 1e-9, `tone ${i}`);
  assert.equal(new Set(tones).size, 9);
});
