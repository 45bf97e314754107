// The figure `phasors`: frames of a partial as the package's, and the law that they turn by.

import assert from "node:assert/strict";
import test from "node:test";

import { makePartial, turnOf } from "../../../../specdemo/live/js/dsp/phasors.js";
import { phasors } from "../../../../specdemo/live/figures/phasors.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("frames of a partial, and what other phases make of it, are the package's", held, () => {
  for (const { settings: { partial, astray, error }, arrays: { Y: wanted } } of cases("phasors")) {
    const { Y, error_db } = makePartial(partial, astray), what = `${partial}, ${astray}`;
    near(Math.max(error_db, -250), Math.max(error, -250), 1e-6, what);
    // A cell of nothing but rounding errors has any phase.
    const re = numbers(wanted.re), im = numbers(wanted.im);
    re.forEach((v, k) => near(Y.re[k], v, 1e-9, `${what}, real ${k}`));
    im.forEach((v, k) => near(Y.im[k], v, 1e-9, `${what}, imaginary ${k}`));
  }
});

test("every bin near a partial turns by its frequency times the hop: a quarter of a cycle a bin", () => {
  for (let partial = 6.5; partial < 9.51; partial += 0.25) {
    const { Y } = makePartial(partial, 0);
    for (const bin of [7, 8, 9])
      for (let frame = 0; frame < 8; frame++) {
        const apart = (turnOf(Y, frame, bin) - 90 * partial) / 360;
        // Zero magnitudes have no phase; and the mirror image of the partial is seen a little.
        if (Math.hypot(Y.re[frame * 129 + bin], Y.im[frame * 129 + bin]) > 6)
          near(360 * (apart - Math.round(apart)), 0, 2, `${partial}, bin ${bin}, frame ${frame}`);
      }
  }
});

test("the sound of phasors ends where it begins", () => {
  const { data, state } = started(phasors), { sound: { x } } = phasors.heard(state, data);
  x.forEach((v, t) => near(v, Math.cos(2 * Math.PI * state.partial * t / 256), 1e-6, `sample ${t}`));
  near(Math.cos(2 * Math.PI * state.partial * x.length / 256), x[0], 1e-6, "round");
});
