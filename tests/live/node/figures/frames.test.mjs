// The figure `frames`: the lens as Python's frames, and its trail.

import assert from "node:assert/strict";
import test from "node:test";

import { countFrames, inside, makeLens } from "../../../../specdemo/live/js/dsp/lens.js";
import { frames } from "../../../../specdemo/live/figures/frames.js";
import { seenWith } from "../../../../specdemo/live/js/parts/figure.js";
import { still } from "../../../../specdemo/live/js/parts/still.js";
import { cases, held, near, numbers, sound, started } from "../figures.mjs";

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

test("the frames' trail is as long as the lens has been far", () => {
  const { data, state } = started(frames), far = seenWith(seenWith({}, state), { ...state, time: 0.6 });
  const { raster } = frames.draw(state, data, 500, far);
  // In halves of columns, without the half before the sound.
  assert.equal(raster.columns, 1 + 2 * Math.round(0.6 * data.sr / state.hop_length));
  assert.ok(raster.bytes.every((byte) => byte >= 1 && byte <= 240));
});

test("the picture of the frames has the cells of the spectrogram", () => {
  assert.match(still(frames, sound(), {}), /href="data:image\/bmp;base64,Qk/);
});

test("the trail stays in its field, however far apart the lenses are", () => {
  const { data, state } = started(frames), all = { ...state, time: data.duration };
  for (const hop_length of data.stops) {
    const far = { ...all, hop_length }, { raster, surfaces } = frames.draw(far, data, 500, seenWith({}, far));
    assert.ok(raster.x >= surfaces.time.x && raster.x + raster.width <= surfaces.time.x + surfaces.time.width + 1e-9, `hop ${hop_length}`);
  }
});

test("a trail in halves of columns begins with its first column and ends with the sound", () => {
  const picture = { columns: 3, rows: 2, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  assert.deepEqual(Array.from(inside(picture, 9).bytes), [1, 2, 2, 3, 3, 4, 5, 5, 6, 6]);
  assert.deepEqual(inside(picture, 1.6), { columns: 3, rows: 2, bytes: Uint8Array.of(1, 2, 2, 4, 5, 5) });
});
