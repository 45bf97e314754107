// How long the mathematics of the live figures takes on four seconds of speech; prints, and demands nothing.
//     node benchmarks/live_times.mjs

import { readFileSync } from "node:fs";

import { explore } from "../specdemo/live/js/dsp/explore.js";

const HEADER_BYTES = 44, REPEATS = 3;
const file = readFileSync(new URL("../audio_samples/speech.wav", import.meta.url));
const sr = file.readUInt32LE(24);
const x = Float32Array.from({ length: 4 * sr }, (_, i) => file.readInt16LE(HEADER_BYTES + 2 * i) / 32768);

/** In ms, until a message of the kind `last` has come. */
function time(settings, last, cache) {
  const begin = performance.now();
  for (const { kind } of explore({ x, sr }, settings, cache)) if (kind === last) break;
  return performance.now() - begin;
}

// The settings before, those now, and what is waited for.
const changes = {
  "a new sound, to its spectrogram, 1024/256": [null, {}, "original"],
  "a new grid, to its spectrogram, 512/128": [{}, { n_fft: 512, hop_length: 128 }, "original"],
  "a new threshold, to its sound": [{}, { threshold_db: -40 }, "result"],
  "another number of bands, to its spectrogram": [{ n_mels: 60 }, { n_mels: 80 }, "kept"],
  "PGHI, to its sound": [{}, { start: "pghi", n_iter: 0 }, "result"],
  "PGHI and 32 iterations of fast Griffin-Lim, to their sound": [{}, { start: "pghi" }, "result"],
  "mel and 32 iterations, to their sound": [{ n_mels: 80 }, { n_mels: 80 }, "result"],
};
for (const [what, [before, settings, last]] of Object.entries(changes)) {
  const times = Array.from({ length: REPEATS }, () => {
    const cache = {};
    if (before) time(before, "kept", cache);
    return time(settings, last, cache);
  });
  console.log(`${what}: ${times.map((ms) => ms.toFixed(0)).join(", ")} ms`);
}
