// The pipeline of the Explorer: its messages, its cache, and what it refuses.

import assert from "node:assert/strict";
import test from "node:test";

import * as dsp from "../dsp.mjs";
import { agree, largest, near } from "../golden.mjs";
import { SR, base, kinds, sound } from "../sounds.mjs";

const messages = (settings, cache, from = sound) => (
  [...dsp.explore(from, { ...base, ...settings }, cache)]);
const arraysOf = (found) => (
  found.flatMap((message) => Object.values(message).filter(ArrayBuffer.isView)));
const numbersOf = (found) => (
  found.flatMap((message) => Object.values(message).filter((v) => typeof v === "number")));

const STEPS = {
  "the original phase": {},
  "a threshold": { threshold_db: -30 },
  "zero phases": { start: "zero" },
  "random phases and Griffin-Lim": { start: "random", refine: "griffin_lim" },
  "PGHI alone": { start: "pghi", n_iter: 0 },
  "PGHI and momentum": { start: "pghi", momentum: 0.5 },
  "mel bands": { n_mels: 40 },
  "mel bands behind a threshold": { n_mels: 40, threshold_db: -30, start: "zero" },
  "other mel bands": { n_mels: 25, fmin: 200, fmax: 3500, mel_scale: "htk" },
  "empty mel bands": { n_mels: 200 },
  "shortened mel bands": { n_mels: 40, shorten: 2.5 },
  "cepstra": { n_mels: 40, n_mfcc: 13 },
  "shortened cepstra": { n_mels: 40, shorten: 3, n_mfcc: 13 },
  "an odd grid": { n_fft: 255, hop_length: 50, window: "hamming", start: "pghi" },
  "samples behind the last frame": { n_fft: 90, hop_length: 90, window: "boxcar", start: "zero" },
};

test("every step yields its messages in order, complete, finite and with fresh arrays", () => {
  for (const [what, settings] of Object.entries(STEPS)) {
    const found = messages(settings), s = { ...base, ...settings };
    const isIterated = s.n_mels || (s.start ?? "original") !== "original";
    const progress = Array(isIterated ? s.n_iter : 0).fill("progress");
    assert.deepEqual(kinds(found), ["original", "kept", ...progress, "result"], what);
    found.filter(({ kind }) => kind === "progress").forEach((message, i) => {
      assert.deepEqual([message.i, message.n_iter], [i + 1, s.n_iter]);
    });
    const arrays = arraysOf(found);
    assert.ok(arrays.every((values) => values.every(Number.isFinite)), what);
    assert.equal(new Set(arrays.map((values) => values.buffer)).size, arrays.length, what);
    assert.ok(numbersOf(found).every(Number.isFinite), what);
    checkMessages(found, s, what);
  }
});

function checkMessages(found, s, what) {
  const grid = dsp.makeGrid({ sr: SR, ...s }), n_frames = dsp.nFrames(sound.x.length, grid);
  const [original, kept] = found, result = found.at(-1), shorten = s.shorten ?? 1;
  const n_rows = s.n_mels || grid.n_bins, n_short = Math.ceil(n_frames / shorten);
  assert.deepEqual([original.n_frames, original.n_bins], [n_frames, grid.n_bins], what);
  near(largest(original.levels.map((v) => v + 120)), 120, 1e-4, `${what}: loudest`);
  near(original.ref, largest(dsp.magnitudes(sound.x, grid)), 1e-6, what);
  assert.equal(kept.rows, s.n_mfcc ? "cepstrum-mels" : s.n_mels ? "mels" : "bins", what);
  assert.deepEqual([kept.n_frames, kept.n_rows], [n_short, n_rows], what);
  assert.equal(kept.frequencies.length, kept.n_rows, what);
  near(kept.frame_step, shorten * s.hop_length / SR, 1e-12, what);
  near(kept.start_time, (shorten - 1) / 2 * s.hop_length / SR, 1e-12, what);
  assert.equal(kept.numbers_per_second_wave, SR, what);
  assert.ok(result.x_hat instanceof Float32Array && result.x_hat.length === sound.x.length, what);
  for (const { levels } of [original, kept, result]) {
    assert.ok(levels instanceof Float32Array && levels.every((v) => v >= -120 && v < 40), what);
  }
  assert.equal(kept.levels.length, kept.n_frames * kept.n_rows, what);
  assert.equal(result.levels.length, original.levels.length, what);
  const last = found.at(-2);
  if (last.kind === "progress") near(result.convergence_db, last.convergence_db, 0.01, what);
  const rms = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
  near(result.gain * rms(result.x_hat), rms(sound.x), 1e-4 * rms(sound.x), `${what}: gain`);
}

test("with the original phase and nothing lost, the result is the original", () => {
  const [original, , result] = messages({});
  const { x_hat, levels, convergence_db, log_mel_distance_db, gain } = result;
  agree(x_hat, sound.x, "x_hat", 1e-6);
  assert.ok(convergence_db < -120);
  near(log_mel_distance_db, 0, 1e-3, "log-mel distance");
  near(gain, 1, 1e-6, "gain");
  levels.forEach((v, i) => near(v, original.levels[i], 0.05, `cell ${i}`));
});

test("numbers are counted as they are kept", () => {
  const seconds = sound.x.length / SR, frames = 1 + Math.floor(6000 / 64);
  const counted = (settings) => (
    messages({ ...settings, n_iter: 0 })[1].numbers_per_second * seconds);
  near(counted({}), 129 * frames, 1e-9, "all bins");
  near(counted({ n_mels: 40 }), 40 * frames, 1e-9, "bands");
  near(counted({ n_mels: 40, shorten: 10 }), 40 * Math.ceil(frames / 10), 1e-9, "shortened");
  near(counted({ n_mels: 40, n_mfcc: 13 }), 13 * frames, 1e-9, "coefficients");
  const { levels } = messages({ threshold_db: -25 })[1], isLoud = (v) => v > -25.0001;
  near(counted({ threshold_db: -25 }), levels.filter(isLoud).length, 1e-9, "above the threshold");
  assert.ok(levels.every((v) => isLoud(v) || v === -120));
});

test("empty bands are counted, and frequencies are those of the rows", () => {
  assert.equal(messages({})[1].empty_bands, 0);
  const kept = messages({ n_mels: 200, n_iter: 0 })[1], grid = dsp.makeGrid({ sr: SR, ...base });
  const bank = dsp.melBank(grid, { n_mels: 200 });
  assert.equal(kept.empty_bands, dsp.emptyBands(bank).length);
  assert.ok(kept.empty_bands > 0);
  assert.deepEqual(kept.frequencies, bank.center_frequencies);
  near(messages({})[1].frequencies[128], SR / 2, 1e-9, "bins");
});

test("the steps in front of the mel inversion are those of the functions", () => {
  const s = { ...base, n_mels: 40, shorten: 2.5, n_mfcc: 13, threshold_db: -40 };
  const grid = dsp.makeGrid({ sr: SR, ...s }), bank = dsp.melBank(grid, { n_mels: 40 });
  const S = dsp.magnitudes(sound.x, grid);
  const M = dsp.shorten(dsp.melForward(dsp.applyThreshold(S, -40), bank), 2.5, 40);
  const ref = largest(M), D = dsp.amplitudeToDb(M, { ref, amin: 1e-5 * ref });
  const outline = dsp.inverseMfcc(dsp.mfcc(D, s), s);
  const shift = 20 * Math.log10(ref / largest(dsp.melForward(S, bank)));
  const found = messages(s)[1].levels;
  outline.forEach((v, i) => near(found[i], Math.max(v + shift, -120), 1e-3, `cell ${i}`));
});

test("what changes is what the setting says", () => {
  const hear = (settings) => messages(settings).at(-1);
  const plain = hear({ start: "pghi" });
  assert.ok(hear({ start: "pghi", n_iter: 20 }).convergence_db < plain.convergence_db - 1);
  assert.ok(plain.convergence_db < hear({ start: "zero" }).convergence_db - 1);
  assert.notDeepEqual(hear({ start: "pghi", momentum: 0.5 }).x_hat, plain.x_hat);
  const { x_hat } = hear({ start: "pghi", refine: "griffin_lim" });
  assert.deepEqual(hear({ start: "pghi", momentum: 0 }).x_hat, x_hat);
  assert.notDeepEqual(plain.x_hat, x_hat);
  // With bands, the joint inversion has a start and a momentum of its own.
  assert.deepEqual(hear({ n_mels: 40, start: "zero", momentum: 0 }), hear({ n_mels: 40 }));
  assert.ok(hear({ n_mels: 20 }).log_mel_distance_db > hear({ n_mels: 60 }).log_mel_distance_db);
});

test("a cache changes no result, is used, and is thrown away with its sound", () => {
  const cache = {};
  const other = { x: sound.x.slice(0, 3000), sr: SR };
  // What comes without a cache, once for each sound: these take as long as all else here.
  const fresh = new Map([sound, other].map((from) => (
    [from, Object.values(STEPS).map((settings) => messages(settings, {}, from))])));
  for (const from of [sound, other, sound]) {
    const expected = fresh.get(from);
    for (const [i, settings] of [...Object.values(STEPS), ...Object.values(STEPS)].entries()) {
      assert.deepEqual(messages(settings, cache, from), expected[i % expected.length]);
    }
  }
  const remembered = () => {
    const { analysis, judge } = cache;
    return { analysis: analysis.value, bands: analysis.value.bands?.value, judge: judge.value };
  };
  messages({ n_mels: 40 }, cache);
  const first = remembered();
  messages({ n_mels: 40, shorten: 3, threshold_db: -30 }, cache);
  for (const what of Object.keys(first)) assert.equal(remembered()[what], first[what], what);
  messages({ n_mels: 41 }, cache);
  assert.equal(remembered().analysis, first.analysis);
  assert.notEqual(remembered().bands, first.bands);
  messages({ hop_length: 65 }, cache);
  assert.notEqual(remembered().analysis, first.analysis);
  assert.equal(remembered().judge, first.judge);
  messages({}, cache, other);
  assert.notEqual(remembered().judge, first.judge);
});

test("messages may be given away, and the sound is not changed", () => {
  const cache = {}, before = sound.x.slice(), expected = messages({ n_mels: 40 });
  for (let i = 0; i < 3; i++) {
    const found = messages({ n_mels: 40 }, cache);
    assert.deepEqual(found, expected);
    const transfer = arraysOf(found).map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    assert.ok(arraysOf(found).every(({ length }) => length === 0));
  }
  assert.deepEqual(sound.x, before);
});

/** Assert that explore refuses, with a sentence in which all these words occur. */
function refused(settings, words, from) {
  assert.throws(() => messages(settings, {}, from), (error) => {
    assert.ok(error instanceof RangeError, String(error));
    assert.match(error.message, /^[A-Za-z].*\.$/);
    for (const word of words) assert.ok(error.message.includes(word), `${word}: ${error.message}`);
    return true;
  });
}

test("a setting of the wrong kind is refused with a sentence that names it", () => {
  const wrong = [
    [["n_fft", "hop_length", "n_mels", "n_mfcc", "n_iter"], [-1, 1.5, NaN, Infinity, "512", null]],
    [["threshold_db", "fmin", "fmax", "shorten", "momentum"], [NaN, "3", null, -Infinity]],
    [["window", "mel_scale", "start", "refine"], ["none", 3, null]],
  ];
  for (const [names, values] of wrong) {
    for (const what of names) {
      for (const value of values) refused({ [what]: value }, [what, String(value)]);
    }
  }
});

test("settings that do not go together are refused with a sentence that names them", () => {
  refused({ n_fft: 1 }, ["n_fft", "2"]);
  refused({ hop_length: 0 }, ["hop_length", "1"]);
  refused({ threshold_db: 1 }, ["threshold_db"]);
  refused({ momentum: 1 }, ["momentum", "below 1"]);
  refused({ n_mels: 40, shorten: 0.5 }, ["shorten"]);
  refused({ shorten: 2 }, ["shorten", "n_mels"]);
  refused({ n_mels: 10, n_mfcc: 11 }, ["n_mfcc", "10", "11"]);
  refused({ n_mfcc: 5 }, ["n_mfcc", "n_mels"]);
  refused({ n_mels: 10, fmin: 4000 }, ["fmin", "fmax"]);
  refused({ n_mels: 10, fmin: 300, fmax: 300 }, ["fmin", "fmax"]);
  refused({ n_mels: 10, fmax: 4001 }, ["fmax", "4000"]);
  refused({ n_mels: 10, fmin: 1000, fmax: 1000 + 1e-12 }, ["fmax", "n_mels"]);
  refused({ hop_length: 256 }, ["hop_length", "n_fft"]);
  refused({ hop_length: 1e9 }, ["hop_length"]);
});

test("what would not fit into memory is refused", () => {
  refused({ n_fft: 2 ** 26 }, ["n_fft"]);
  refused({ n_mels: 1e9 }, ["n_mels"]);
  const long = { x: new Float32Array(2 ** 22), sr: SR };
  refused({ n_fft: 1024, hop_length: 1 }, ["hop_length", "shorter"], long);
});

test("a sound that cannot be used is refused with a sentence that says why", () => {
  refused({}, ["empty"], { x: new Float32Array(0), sr: SR });
  refused({}, ["2 of its 3"], { x: Float32Array.of(NaN, 0, Infinity), sr: SR });
  for (const sr of [0, -1, NaN, Infinity]) refused({}, ["sampling rate"], { x: sound.x, sr });
});

test("after a sound that was refused the cache still serves the one before", () => {
  const cache = {}, expected = messages({}, cache);
  assert.throws(() => messages({}, cache, { x: Float32Array.of(NaN), sr: SR }), RangeError);
  assert.deepEqual(messages({}, cache), expected);
});

test("silence comes back as silence, whatever the settings", () => {
  const silence = { x: new Float32Array(3000), sr: SR };
  for (const [what, settings] of Object.entries(STEPS)) {
    const found = messages(settings, {}, silence), result = found.at(-1);
    assert.deepEqual(kinds(found), ["original", "kept", "result"], what);
    assert.deepEqual(result.x_hat, new Float32Array(3000), what);
    for (const { levels } of found) assert.ok(levels.every((v) => v === -120), what);
    const { gain, log_mel_distance_db, convergence_db } = result;
    assert.deepEqual([gain, log_mel_distance_db, convergence_db], [1, 0, -320], what);
  }
});

test("very short, constant and lopsided sounds come back finite and as long as they were", () => {
  const sounds = [[1], [0, 1], [1, -1, 1], Array(10).fill(0.5), [1, ...Array(2000).fill(0)],
    [...Array(2000).fill(0), 1], Array(1500).fill(1), [1e-30], [1e30, -1e30]];
  for (const x of sounds.map((values) => Float32Array.from(values))) {
    for (const [what, settings] of Object.entries(STEPS)) {
      const found = messages(settings, {}, { x, sr: SR });
      assert.equal(found.at(-1).x_hat.length, x.length, what);
      const isFinite = (values) => values.every(Number.isFinite);
      assert.ok(arraysOf(found).every(isFinite), `${what}, ${x.length} samples`);
      assert.ok(isFinite(numbersOf(found)), `${what}, ${x.length} samples`);
    }
  }
});
