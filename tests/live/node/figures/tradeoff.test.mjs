// The figure `tradeoff`: dips and picture as the package's, and the limit.

import assert from "node:assert/strict";
import test from "node:test";

import { LENGTHS, SR, clickPower, dip, picture, tonePower } from "../../../../specdemo/live/js/dsp/tradeoff.js";
import { tradeoff } from "../../../../specdemo/live/figures/tradeoff.js";
import { cases, held, near, numbers, started } from "../figures.mjs";

test("dips between clicks and between tones are the package's", held, () => {
  for (const { settings: { n_fft, apart, apart_hz, clicks, tones } } of cases("tradeoff")) {
    near(dip(clickPower, n_fft, apart), clicks, 1e-6, `clicks, ${n_fft}`);
    near(dip(tonePower, n_fft, apart_hz * n_fft / SR), tones, 1e-6, `tones, ${n_fft}`);
  }
});

test("the picture is the package's spectrogram", held, () => {
  const [{ arrays }] = cases("tradeoff_picture"), D = numbers(arrays.D);
  const { columns, rows, bytes } = picture(0.015, 40, 182, 700, 1300);
  assert.equal(columns * rows, D.length);
  for (let m = 0; m < columns; m++)
    for (let r = 0; r < rows; r++)
      near(bytes[(rows - 1 - r) * columns + m], 1 + 239 * Math.max(0, 1 + D[m * rows + r] / 40), 0.51, `${m} ${r}`);
});

test("half a frame parts two clicks, two bins two tones, and both together a product of one", () => {
  for (const n_fft of LENGTHS) {
    // 3 dB is a factor of two, but for a part in a thousand.
    near(dip(clickPower, n_fft, n_fft / 2), 3.01, 0.01, `clicks, ${n_fft}`);
    near(dip(tonePower, n_fft, 2), 3.01, 0.03, `tones, ${n_fft}`);
  }
  const { data } = started(tradeoff);
  const [{ min, max, step }] = tradeoff.handles(data);
  for (let clicks = min; clicks <= max; clicks += 9 * step)
    for (let tones = 4; tones <= 240; tones += 11)
      for (const n_fft of LENGTHS) {
        const both = Math.min(dip(clickPower, n_fft, clicks / 1000 * SR), dip(tonePower, n_fft, tones * n_fft / SR));
        assert.ok(both < 3.05 || clicks * tones > 995, `${clicks} ms, ${tones} Hz, ${n_fft}: ${both}`);
      }
});
