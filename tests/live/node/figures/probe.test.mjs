// The figure `probe`: the sums as Python's transform.

import assert from "node:assert/strict";
import test from "node:test";

import { probe as ask, turned } from "../../../../specdemo/live/js/dsp/probe.js";
import { probe } from "../../../../specdemo/live/figures/probe.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

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

test("an arrow that is next to nothing is still seen", () => {
  const { data } = started(probe);
  for (const [frequency, isShort] of [[300, false], [1234, true]]) {
    const { marks } = probe.draw({ frequency, phase: 0 }, data, 500, { frequency: { low: frequency, high: frequency } });
    assert.equal(marks.includes("sd-tip"), isShort);
  }
});
