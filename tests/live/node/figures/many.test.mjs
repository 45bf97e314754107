// The figure `many`: spectra with the same bands, as the package's EM makes them.

import assert from "node:assert/strict";
import test from "node:test";

import { anotherOf } from "../../../../specdemo/live/js/dsp/another.js";
import { frameOf, sizeOf } from "../../../../specdemo/live/js/dsp/guess.js";
import { melForward } from "../../../../specdemo/live/js/dsp/melbank.js";
import { many } from "../../../../specdemo/live/figures/many.js";
import { cases, held, near, numbers, sound, started } from "../figures.mjs";

test("a frame, its bands and spectra from random starts are the package's", held, () => {
  for (const { settings: { sr, seeds, n_iter }, arrays } of cases("many")) {
    const { bank, size, M } = frameOf({ x: Float32Array.from(numbers(arrays.x)), sr });
    const [true_, bands, spectra] = [arrays.size, arrays.M, arrays.spectra].map(numbers);
    true_.forEach((v, k) => near(size[k], v, 1e-9 * sizeOf(true_), `bin ${k}`));
    bands.forEach((v, b) => near(M[b], v, 1e-9 * sizeOf(bands), `band ${b}`));
    seeds.forEach((seed, i) => {
      const S = anotherOf(M, bank, seed, n_iter[i]);
      S.forEach((v, k) => near(v, spectra[i * S.length + k], 1e-7 * sizeOf(S), `seed ${seed}, bin ${k}`));
    });
  }
});

test("whatever is mixed or pulled, the bands stay, and the spectrum does not", () => {
  // Noise, which has something in every band.
  const given = sound(22050, 0.1), { x } = given;
  x.forEach((_, n) => { x[n] = Math.sin(n * n * 0.7) * 0.5; });
  const { data, state } = started(many, given);
  const shown = (changed) => {
    const { numbers: found } = many.draw({ ...state, ...changed }, data, 500, {});
    return found.map(({ text }) => Number(text.split(" ")[0]));
  };
  assert.deepEqual(shown({}), [0, 0, 0]);
  for (const changed of [{ mixed: 50 }, { mixed: 100, which: 9 }, { pull: 20, frequency: 3000 }, { pull: -30, mixed: 30 }]) {
    const [differ, off] = shown(changed);
    assert.ok(differ > 1 && off < 2, `${JSON.stringify(changed)}: ${differ} % and ${off} %`);
  }
  const bands = melForward(data.size, data.bank);
  assert.ok(sizeOf(bands.map((v, b) => v - data.M[b])) < 1e-12 * sizeOf(bands));
});
