// Tests of the mathematics: what Python says (SPECDEMO_GOLDEN names the folder that golden.py wrote), laws
// that hold whatever Python says, and the pipeline with its worker. test_node.py runs them; by hand:
// SPECDEMO_GOLDEN=folder node --test tests/live/node/dsp.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import vm from "node:vm";
import { MessageChannel } from "node:worker_threads";

import * as dsp from "./dsp.mjs";
import { agree, finish, folder, golden, held, largest, name, near, noise, precise } from "./golden.mjs";

const framesOf = (S, grid) => S.length / grid.n_bins;

// ---------------------------------------------------------------------------- As Python has it

test("the transform is that of Python", held, () => {
  for (const { settings, x, X, S } of golden("stft")) {
    const grid = dsp.makeGrid(settings), found = dsp.forward(x, grid);
    assert.equal(found.n_frames, dsp.nFrames(x.length, grid), name(settings));
    assert.equal(found.n_frames * found.n_bins, X.re.length, name(settings));
    // Relative to the largest magnitude: where all is real, the imaginary part is rounding.
    const part = (values) => Float64Array.from([...values, largest(S)]);
    agree(part(found.re), part(X.re), name(settings), precise(x));
    agree(part(found.im), part(X.im), name(settings), precise(x));
    agree(dsp.magnitude(found), S, name(settings));
    agree(dsp.magnitudes(x, grid), S, name(settings));
  }
});

test("the least-squares inverse is that of Python", held, () => {
  for (const { settings, x, Y, y, y_long } of golden("stft")) {
    const grid = dsp.makeGrid(settings);
    const n_frames = framesOf(Y.re, grid), X = { ...Y, n_frames, n_bins: grid.n_bins };
    agree(dsp.inverse(X, grid), y, name(settings));
    agree(dsp.inverse(X, grid, settings.length), y_long, name(settings));
  }
});

test("the same grids can be inverted as in Python", held, () => {
  for (const { settings } of golden("invertible")) {
    assert.equal(dsp.isInvertible(dsp.makeGrid(settings)), settings.expected, name(settings));
  }
});

test("decibels are those of Python", held, () => {
  for (const { settings, S, D, back } of golden("level")) {
    agree(dsp.amplitudeToDb(S, settings), D, name(settings));
    agree(dsp.dbToAmplitude(D, settings.ref), back, name(settings));
  }
});

test("mel banks of both scales and norms are those of Python", held, () => {
  for (const { settings, matrix, centers, S, M } of golden("bank")) {
    const bank = dsp.melBank(dsp.makeGrid(settings), settings);
    agree(matrixOf(bank), matrix, name(settings), 1e-10);
    agree(bank.center_frequencies, centers, name(settings), 1e-10);
    assert.deepEqual(dsp.emptyBands(bank), settings.empty, name(settings));
    agree(dsp.melForward(S, bank), M, name(settings), 5 * precise(M));
  }
});

test("the inverse of a mel bank is that of Python", held, () => {
  for (const { settings, matrix, M, start, em } of golden("bank")) {
    const bank = dsp.melBank(dsp.makeGrid(settings), settings);
    agree(dsp.melInverse(M, bank, 0), start, name(settings), 5 * precise(M));
    agree(dsp.melInverse(M, bank), em, name(settings), 5 * precise(M));
  }
});

/** The weights of a bank as Python has them, a bin a row. */
function matrixOf({ n_mels, width, band, weights }) {
  const matrix = new Float64Array(band.length * n_mels);
  weights.forEach((weight, i) => {
    const k = Math.floor(i / width), b = band[k] + i % width - (width - 1);
    if (b >= 0 && b < n_mels) matrix[k * n_mels + b] += weight;
    else assert.equal(weight, 0, `bin ${k} in band ${b}`);
  });
  return matrix;
}

test("shortened and lengthened time are those of Python", held, () => {
  for (const { settings, M, Ms, back } of golden("timescale")) {
    const { factor, n_rows, n_frames } = settings;
    agree(dsp.shorten(M, factor, n_rows), Ms, name(settings));
    agree(dsp.lengthen(Ms, factor, n_rows, n_frames), back, name(settings), 10 * precise(M));
  }
});

test("cepstra and their outlines are those of Python", held, () => {
  for (const { settings, log_mel, C, back } of golden("mfcc")) {
    agree(dsp.mfcc(log_mel, settings), C, name(settings));
    agree(dsp.inverseMfcc(C, settings), back, name(settings));
  }
});

test("distances are those of Python", held, () => {
  for (const { settings, S, S_hat } of golden("metrics")) {
    const tolerance = S instanceof Float64Array ? 1e-10 : 1e-4;
    const found = {
      spectral_convergence: dsp.spectralConvergence(S, S_hat),
      log_spectral_distance: dsp.logSpectralDistance(S, S_hat),
      log_spectral_distance_40: dsp.logSpectralDistance(S, S_hat, -40),
    };
    for (const [what, db] of Object.entries(found)) near(db, settings[what], tolerance, what);
  }
});

test("Griffin-Lim goes the way of Python", held, () => {
  for (const { settings, S, phase, x } of golden("griffin_lim")) {
    const { n_iter, convergence_db } = settings, grid = dsp.makeGrid(settings);
    const options = { ...settings, length: settings.length ?? undefined };
    const { yielded, result } = finish(dsp.griffinLim(S, phase, grid, options));
    assert.deepEqual(yielded.map(({ i }) => i), convergence_db.map((_, i) => i + 1));
    const isDouble = S instanceof Float64Array;
    yielded.forEach(({ convergence_db: found }, i) => {
      near(found, convergence_db[i], isDouble ? 1e-6 : 0.5, `${i + 1} of ${name(settings)}`);
    });
    // Rounding grows from one iteration to the next.
    if (isDouble) agree(result, x, name(settings), 1e-8);
    else if (n_iter <= 3) agree(result, x, name(settings), 1e-4);
  }
});

test("PGHI integrates along the trees of Python", held, () => {
  for (const { settings, S, phase } of golden("pghi")) {
    const grid = dsp.makeGrid(settings), found = dsp.pghi(S, grid, { seed: 0 });
    const threshold = 3e-3 * largest(S), tolerance = S instanceof Float64Array ? 1e-8 : 1e-5;
    found.forEach((angle, i) => {
      if (S[i] <= threshold) return;
      const apart = Math.abs(Math.sin((angle - phase[i]) / 2));
      assert.ok(apart < tolerance, `${i}: ${angle} instead of ${phase[i]}, ${name(settings)}`);
    });
  }
});

test("PGHI comes within 1 dB of Python on every clip, fast Griffin-Lim within 0.5", held, () => {
  for (const { settings, x } of golden("clip")) {
    const grid = dsp.makeGrid(settings), S = dsp.magnitudes(x, grid), phase = dsp.pghi(S, grid);
    for (const [n_iter, tolerance] of [[0, 1], [32, 0.5]]) {
      const options = { n_iter, length: x.length, measure_every: n_iter };
      const { result } = finish(dsp.griffinLim(S, phase, grid, options));
      const found = dsp.spectralConvergence(S, dsp.magnitudes(result, grid));
      near(found, settings.convergence_db[n_iter], tolerance, `${settings.name}, ${n_iter}`);
    }
  }
});

test("joint mel inversion comes as near as Python", held, () => {
  for (const { settings, M } of golden("mel_inversion")) {
    const grid = dsp.makeGrid(settings), bank = dsp.melBank(grid, settings);
    const { yielded, result } = finish(dsp.invertMel(M, bank, settings));
    const M_hat = dsp.melForward(dsp.magnitudes(result, grid), bank);
    const found = dsp.spectralConvergence(M, M_hat);
    near(found, settings.convergence_db, 0.5, name(settings));
    near(dsp.logSpectralDistance(M, M_hat), settings.log_mel_distance_db, 0.1, name(settings));
    if (yielded.length) near(yielded.at(-1).convergence_db, found, 0.01, name(settings));
  }
});

// -------------------------------------------------------------------------- Laws of the transform

const SR = 8000;
const grids = [
  [64, 16, "hann"], [64, 8, "blackman"], [50, 12, "hamming"], [33, 7, "hann"], [15, 15, "boxcar"],
  [40, 15, "hann"], [2, 1, "hann"],
].map(([n_fft, hop_length, window]) => dsp.makeGrid({ sr: SR, n_fft, hop_length, window }));

/** A sound whose phase at sample t is `phaseAt(t)`. */
const tone = (length, phaseAt) => Float64Array.from({ length }, (_, t) => Math.sin(phaseAt(t)));

test("a transform of any size is the sum that defines it", () => {
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 32, 60, 64, 97, 100, 128, 250]) {
    const fft = dsp.makeFft(n), z = noise(2 * n, n), expected = new Float64Array(2 * n);
    for (let k = 0; k < n; k++) {
      for (let t = 0; t < n; t++) {
        const angle = 2 * Math.PI * (k * t % n) / n, c = Math.cos(angle), s = Math.sin(angle);
        expected[2 * k] += c * z[2 * t] + s * z[2 * t + 1];
        expected[2 * k + 1] += c * z[2 * t + 1] - s * z[2 * t];
      }
    }
    for (const again of [1, 2]) {
      fft.z.set(z);
      fft.transform();
      agree(fft.z, expected, `n = ${n}, time ${again}`, 1e-13);
    }
  }
});

test("an impulse at the centre of a frame has a flat spectrum", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 64, hop_length: 16 }), x = new Float64Array(200);
  x[5 * 16] = 3;
  const S = dsp.magnitude(dsp.forward(x, grid)).subarray(5 * grid.n_bins, 6 * grid.n_bins);
  agree(S, new Float64Array(grid.n_bins).fill(3), "magnitudes", 1e-14);
});

test("a sine on a bin has half the amplitude times the sum of the window", () => {
  for (const window of ["hann", "hamming", "blackman", "boxcar"]) {
    const grid = dsp.makeGrid({ sr: SR, n_fft: 100, hop_length: 25, window });
    const S = dsp.magnitudes(tone(1000, (t) => 2 * Math.PI * 10 * t / 100), grid);
    const sum = grid.window.reduce((a, b) => a + b);
    near(S[20 * grid.n_bins + 10], sum / 2, 1e-12, window);
  }
});

test("a frame and its spectrum have the same energy (Parseval)", () => {
  for (const grid of grids) {
    const { n_fft, n_bins, hop_length, window, padding } = grid, x = noise(500);
    const { re, im } = dsp.forward(x, grid), m = Math.floor(200 / hop_length);
    let frame = 0, spectrum = 0;
    for (let t = 0; t < n_fft; t++) frame += (x[m * hop_length - padding + t] * window[t]) ** 2;
    for (let k = 0; k < n_bins; k++) {
      const isAlone = k === 0 || 2 * k === n_fft, i = m * n_bins + k;
      spectrum += (isAlone ? 1 : 2) * (re[i] ** 2 + im[i] ** 2);
    }
    near(spectrum / n_fft, frame, 1e-12 * frame, `${n_fft}/${hop_length}`);
  }
});

test("the inverse of a transform is the signal", () => {
  for (const grid of grids) {
    for (const Kind of [Float32Array, Float64Array]) {
      const length = 14 * grid.hop_length + 1, x = Kind.from(noise(length));
      agree(dsp.inverse(dsp.forward(x, grid), grid, length), x, `${grid.n_fft}/${grid.hop_length}`,
        Kind === Float32Array ? 1e-6 : 1e-12);
    }
  }
});

test("a hop beyond the window cannot be inverted, however long", () => {
  for (const hop_length of [65, 1e6, 1e9]) {
    const grid = dsp.makeGrid({ sr: SR, n_fft: 64, hop_length, window: "boxcar" });
    assert.equal(dsp.isInvertible(grid), false);
  }
});

test("a hop that hardly any window bridges makes estimates no louder than their frames", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 64, hop_length: 63 }), x = noise(1500);
  assert.equal(dsp.isInvertible(grid), true);
  // By Cauchy and Schwarz, at most the root of the energy of the two frames over a sample, of which
  // none has more than the window's, by the floor of 1 % of the largest window sum, which is 1.
  const most = Math.sqrt(2 * grid.window.reduce((sum, w) => sum + w * w, 0) / 0.01);
  const S = dsp.magnitudes(x, grid), bank = dsp.melBank(grid, { n_mels: 12 });
  for (const n_iter of [0, 1, 30]) {
    for (const phase of [dsp.zeroPhase(S), dsp.randomPhase(S, grid, 1), dsp.pghi(S, grid)]) {
      const { result } = finish(dsp.griffinLim(S, phase, grid, { n_iter, length: 1500 }));
      assert.ok(largest(result) < most, `${n_iter} iterations: ${largest(result)}`);
    }
    const M = dsp.melForward(S, bank);
    const { result } = finish(dsp.invertMel(M, bank, { n_iter, length: 1500 }));
    assert.ok(largest(result) < most, `from bands, ${n_iter}: ${largest(result)}`);
  }
  const settings = { n_fft: 64, hop_length: 63, start: "original", threshold_db: -20 };
  const { yielded } = finish(dsp.explore({ x: Float32Array.from(x), sr: SR }, settings));
  assert.ok(largest(yielded.at(-1).x_hat) < most, "with the true phase, cells left out");
  const whole = finish(dsp.explore({ x: Float32Array.from(x), sr: SR },
    { ...settings, threshold_db: -120 })).yielded.at(-1).x_hat;
  // The last frame ends before the sound does.
  agree(whole.subarray(0, 1400), Float32Array.from(x.subarray(0, 1400)), "nothing left out", 1e-5);
});

// ----------------------------------------------------------- Laws of the phase and its refinement

/** Pulses, a glide and a little noise. */
const speechLike = (length) => noise(length).map((v, t) => 0.05 * v
  + (t % 80 < 2) * (1 + Math.sin(t / 300)) + 0.3 * Math.sin(2 * Math.PI * (200 + t / 20) * t / SR));

/** A grid, a bank on it, and the magnitudes of 2000 samples. */
function small() {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 128, hop_length: 32 });
  const S = dsp.magnitudes(speechLike(2000), grid), bank = dsp.melBank(grid, { n_mels: 20 });
  return { grid, bank, S, M: dsp.melForward(S, bank) };
}

test("Griffin-Lim without momentum never moves away", () => {
  const { grid, S } = small(), options = { n_iter: 40, momentum: 0, length: 2000 };
  for (const phase of [dsp.zeroPhase(S), dsp.randomPhase(S, grid, 3), dsp.pghi(S, grid)]) {
    const { yielded } = finish(dsp.griffinLim(S, phase, grid, options));
    const convergence = yielded.map(({ convergence_db }) => convergence_db);
    convergence.slice(1).forEach((db, i) => {
      assert.ok(db <= convergence[i] + 1e-9, `iteration ${i + 2}: ${db} after ${convergence[i]}`);
    });
  }
});

test("Griffin-Lim stays where the phase is already right", () => {
  const { grid, S } = small(), x = speechLike(2000), X = dsp.forward(x, grid);
  const phase = S.map((_, i) => Math.atan2(X.im[i], X.re[i]));
  const { result, yielded } = finish(dsp.griffinLim(S, phase, grid, { n_iter: 5, length: 2000 }));
  agree(result, x, "signal", 1e-12);
  assert.ok(yielded.every(({ convergence_db }) => convergence_db < -200));
});

test("measuring less often changes no result", () => {
  const { grid, S } = small(), phase = dsp.pghi(S, grid);
  const run = (measure_every) => (
    finish(dsp.griffinLim(S, phase, grid, { n_iter: 11, measure_every })));
  const always = run(1), seldom = run(4), found = seldom.yielded.map((one) => one.convergence_db);
  assert.deepEqual(seldom.result, always.result);
  const expected = always.yielded.map((one) => one.convergence_db);
  assert.deepEqual(found, [0, 0, 0, 3, 3, 3, 3, 7, 7, 7, 10].map((i) => expected[i]));
});

test("PGHI all but knows the phase of a chirp", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 256, hop_length: 32 });
  const x = tone(8000, (t) => 2 * Math.PI * (500 + t / 8) * t / SR);
  const S = dsp.magnitudes(x, grid), phase = dsp.pghi(S, grid);
  const { result } = finish(dsp.griffinLim(S, phase, grid, { n_iter: 0, length: 8000 }));
  assert.ok(dsp.spectralConvergence(S, dsp.magnitudes(result, grid)) < -25);
});

test("random phases come from their seed, fill the circle evenly and are 0 at 0 Hz", () => {
  const grid = { n_bins: 100 }, S = new Float64Array(20000);
  const phase = dsp.randomPhase(S, grid, 5);
  assert.deepEqual(phase, dsp.randomPhase(S, grid, 5));
  assert.notDeepEqual(phase, dsp.randomPhase(S, grid, 6));
  assert.ok(phase.every((angle, i) => Math.abs(angle) <= Math.PI && (i % 100 || angle === 0)));
  const drawn = phase.filter((_, i) => i % 100);
  for (const f of [Math.cos, Math.sin]) {
    // 19800 unit vectors add up to about their square root; four times that is rare.
    const total = drawn.reduce((sum, angle) => sum + f(angle), 0);
    assert.ok(Math.abs(total) < 4 * Math.sqrt(drawn.length));
  }
});

test("PGHI and the joint mel inversion come from their seed", () => {
  const { grid, S, bank, M } = small();
  assert.deepEqual(dsp.pghi(S, grid, { seed: 1 }), dsp.pghi(S, grid, { seed: 1 }));
  assert.notDeepEqual(dsp.pghi(S, grid, { seed: 1 }), dsp.pghi(S, grid, { seed: 2 }));
  const hear = (seed) => finish(dsp.invertMel(M, bank, { n_iter: 3, seed })).result;
  assert.deepEqual(hear(1), hear(1));
  assert.notDeepEqual(hear(1), hear(2));
});

test("silence stays silence", () => {
  const { grid, bank } = small(), S = new Float64Array(10 * grid.n_bins);
  const M = dsp.melForward(S, bank), options = { n_iter: 3, length: 250 };
  const refined = dsp.griffinLim(S, dsp.pghi(S, grid), grid, options);
  for (const steps of [refined, dsp.invertMel(M, bank, options)]) {
    assert.deepEqual(finish(steps).result, new Float64Array(250));
  }
  assert.deepEqual(dsp.melInverse(M, bank), S);
  for (const factor of [1, 3]) {
    assert.deepEqual(dsp.lengthen(dsp.shorten(M, factor, 20), factor, 20, 10), M);
  }
});

// ------------------------------------------------------------------------------ Laws of the levels

test("decibels of powers of ten are round, and the threshold is a floor", () => {
  const S = Float64Array.of(1, 0.1, 0.001, 0);
  const D = Float64Array.of(0, -20, -60, -100);
  agree(dsp.amplitudeToDb(S), D.map((d) => Math.max(d, -80)), "80 dB", 1e-14);
  agree(dsp.amplitudeToDb(S, { top_db: null }), D, "all", 1e-14);
  agree(dsp.dbToAmplitude(D, 2), Float64Array.of(2, 0.2, 0.002, 2e-5), "back", 1e-14);
});

test("the threshold keeps what is loud enough, and -120 dB keeps all", () => {
  const S = Float64Array.of(10, 1.01, 1, 0.99, 0);
  assert.deepEqual(dsp.applyThreshold(S, -20), Float64Array.of(10, 1.01, 1, 0, 0));
  assert.deepEqual(dsp.applyThreshold(S, -120), S);
  assert.deepEqual(dsp.applyThreshold(S, 0), Float64Array.of(10, 0, 0, 0, 0));
});

test("distances of a known size are found", () => {
  const S = Float64Array.of(3, 4, 0);
  near(dsp.spectralConvergence(S, S.map((s) => 1.1 * s)), -20, 1e-12, "a tenth");
  assert.equal(dsp.spectralConvergence(S, S), -320);
  near(dsp.logSpectralDistance(S, S.map((s) => 10 * s)), 20, 1e-12, "ten times");
  assert.equal(dsp.logSpectralDistance(S, S), 0);
});

// ------------------------------------------------------------------- Laws of bands, time, cepstra

test("both mel scales have their fixed points and their inverse", () => {
  near(dsp.hzToMel(1000), 15, 0, "slaney");
  near(dsp.hzToMel(6400), 42, 1e-12, "slaney");
  near(dsp.hzToMel(1000, "htk"), 1000, 0.02, "htk");
  for (const scale of ["slaney", "htk"]) {
    for (const f of [0, 20, 999, 1000, 1001, 20000]) {
      near(dsp.melToHz(dsp.hzToMel(f, scale), scale), f, 1e-9, scale);
    }
  }
});

test("triangles of height one add up to one between the first and the last tip", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 512, hop_length: 128 });
  const bank = dsp.melBank(grid, { n_mels: 20, norm: null });
  const [low, high] = [bank.center_frequencies[0], bank.center_frequencies.at(-1)];
  bank.band.forEach((_, k) => {
    const f = k * SR / 512;
    if (f >= low && f <= high) near(bank.weights[2 * k] + bank.weights[2 * k + 1], 1, 1e-12, `${f} Hz`);
  });
});

test("the mel inverse of a spectrum that is flat is flat", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 512, hop_length: 128 });
  const bank = dsp.melBank(grid, { n_mels: 20 }), S = new Float64Array(2 * grid.n_bins).fill(0.7);
  dsp.melInverse(dsp.melForward(S, bank), bank).forEach((s, i) => {
    // No band sees the first and the last bin, which lie on its edge.
    const isSeen = ![0, grid.n_bins - 1].includes(i % grid.n_bins);
    near(s, isSeen ? 0.7 : 0, 1e-9, `cell ${i}`);
  });
});

test("rumble and an offset do not keep bands from fitting", () => {
  const grid = dsp.makeGrid({ sr: SR, n_fft: 256, hop_length: 64 }), length = 8000;
  const rumble = (t) => Math.sin(2 * Math.PI * 10 * t / SR);
  for (const mel_scale of ["slaney", "htk"]) {
    for (const low of [() => 0.5, rumble]) {
      const x = tone(length, (t) => 2 * Math.PI * 440 * t / SR).map((v, t) => v + low(t));
      const bank = dsp.melBank(grid, { n_mels: 40, mel_scale });
      const M = dsp.melForward(dsp.magnitudes(x, grid), bank);
      const { yielded } = finish(dsp.invertMel(M, bank, { length, measure_every: 100 }));
      const { convergence_db } = yielded.at(-1);
      assert.ok(convergence_db < -30, `${mel_scale}, ${low}: ${convergence_db}`);
    }
  }
});

test("constant bands stay as they are, however much their time is shortened", () => {
  const M = Float64Array.from({ length: 40 }, (_, i) => 1 + i % 4);
  for (const factor of [1, 1.3, 2, 3.5, 10, 99]) {
    const short = dsp.shorten(M, factor, 4);
    assert.equal(short.length, 4 * Math.ceil(10 / factor));
    agree(dsp.lengthen(short, factor, 4, 10), M, `factor ${factor}`, 1e-12);
  }
});

test("all cepstral coefficients together are the spectrum, and the first is its mean", () => {
  const log_mel = noise(30).map((v) => 30 * v), settings = { n_mels: 10, n_mfcc: 10 };
  const C = dsp.mfcc(log_mel, settings);
  agree(dsp.inverseMfcc(C, settings), log_mel, "back", 1e-13);
  const mean = log_mel.subarray(10, 20).reduce((a, b) => a + b) / 10;
  near(C[10], mean * Math.sqrt(10), 1e-12, "first");
});

// ----------------------------------------------------------------------------- Laws of all of them

test("the precision of the result is that of the input, and no input is changed", () => {
  for (const Kind of [Float32Array, Float64Array]) {
    const { grid, bank } = small(), x = Kind.from(speechLike(1000)), X = dsp.forward(x, grid);
    const S = dsp.magnitude(X), phase = dsp.randomPhase(S, grid, 1), M = dsp.melForward(S, bank);
    const settings = { n_mels: 20, n_mfcc: 5 }, D = dsp.amplitudeToDb(M);
    const Ms = dsp.shorten(M, 2.5, 20), C = dsp.mfcc(D, settings);
    const inputs = [x, X.re, X.im, S, phase, M, D, Ms, C];
    const before = inputs.map((values) => values.slice());
    const outputs = [
      dsp.magnitudes(x, grid), dsp.inverse(X, grid), dsp.zeroPhase(S), dsp.pghi(S, grid),
      finish(dsp.griffinLim(S, phase, grid, { n_iter: 2 })).result,
      dsp.amplitudeToDb(M, { top_db: null }), dsp.dbToAmplitude(D),
      dsp.applyThreshold(S, -30), dsp.applyThreshold(S, -120),
      dsp.melInverse(M, bank, 2), finish(dsp.invertMel(M, bank, { n_iter: 2 })).result,
      dsp.shorten(M, 1, 20), dsp.lengthen(Ms, 2.5, 20, framesOf(S, grid)),
      dsp.lengthen(M, 1, 20), dsp.inverseMfcc(C, settings),
    ];
    dsp.spectralConvergence(S, phase);
    dsp.logSpectralDistance(S, S);
    [...inputs, ...outputs].forEach((values, i) => assert.equal(values.constructor, Kind, `${i}`));
    inputs.forEach((values, i) => assert.deepEqual(values, before[i], `input ${i}`));
    const taken = new Set(inputs.map(({ buffer }) => buffer));
    assert.ok(outputs.every(({ buffer }) => !taken.has(buffer)));
  }
});

// ------------------------------------------------------------------------------------ The pipeline

const sound = { x: Float32Array.from(speechLike(6000)), sr: SR };
const base = { n_fft: 256, hop_length: 64, n_iter: 4 };
const messages = (settings, cache, from = sound) => (
  [...dsp.explore(from, { ...base, ...settings }, cache)]);
const kinds = (found) => found.map(({ kind }) => kind);
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
  for (const from of [sound, other, sound]) {
    for (const settings of [...Object.values(STEPS), ...Object.values(STEPS)]) {
      assert.deepEqual(messages(settings, cache, from), messages(settings, {}, from));
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

// -------------------------------------------------------------------------------------- The worker

/** The other end of a port that is served, and what arrives there. */
function connect(context) {
  const { port1, port2 } = new MessageChannel();
  const received = [], waiting = [];
  dsp.serve(port1);
  port2.on("message", (message) => {
    received.push(message);
    for (const one of waiting.splice(0)) one();
  });
  context.after(() => port2.close());
  return {
    received,
    send: (message) => port2.postMessage(message),
    /** Wait until a message that has arrived, or will, is as wanted. */
    async until(isWanted) {
      while (!received.some(isWanted)) await new Promise((resolve) => waiting.push(resolve));
      return received.find(isWanted);
    },
  };
}

const ends = ["done", "error", "cancelled"];
const isEnd = (id) => (message) => message.id === id && ends.includes(message.kind);
const of = (received, id) => received.filter((message) => message.id === id);
const many = { ...base, start: "random", n_iter: 5000 };

test("a run sends the messages of explore with its number, then done", async (context) => {
  const { send, received, until } = connect(context);
  const settings = { ...base, start: "pghi" };
  send({ id: 1, kind: "input", input: sound });
  send({ id: 7, kind: "run", settings });
  await until(isEnd(7));
  const expected = [...dsp.explore(sound, settings)].map((message) => ({ ...message, id: 7 }));
  assert.deepEqual(received, [...expected, { id: 7, kind: "done" }]);
});

test("a newer run ends the one before", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  await until(({ id, kind }) => id === 1 && kind === "progress");
  send({ id: 2, kind: "run", settings: base });
  await until(isEnd(2));
  assert.equal(of(received, 1).at(-1).kind, "cancelled");
  assert.equal(of(received, 1).filter(({ kind }) => ends.includes(kind)).length, 1);
  assert.deepEqual(kinds(of(received, 2)), ["original", "kept", "result", "done"]);
  assert.ok(received.indexOf(of(received, 1).at(-1)) < received.indexOf(of(received, 2)[0]));
});

test("of many runs at once the last is done, and every other cancelled", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  for (const id of [1, 2, 3, 4]) send({ id, kind: "run", settings: many });
  send({ id: 5, kind: "run", settings: { ...many, n_iter: 2 } });
  await until(isEnd(5));
  for (const id of [1, 2, 3, 4]) {
    const found = kinds(of(received, id));
    assert.equal(found.at(-1), "cancelled");
    assert.ok(!found.includes("progress"));
  }
  assert.equal(received.at(-1).kind, "done");
});

test("a run can be cancelled, and the next one works", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  await until(({ kind }) => kind === "progress");
  send({ id: 9, kind: "cancel" });
  send({ id: 1, kind: "cancel" });
  await until(isEnd(1));
  assert.equal(of(received, 1).at(-1).kind, "cancelled");
  assert.deepEqual(of(received, 9), []);
  send({ id: 2, kind: "run", settings: base });
  assert.equal((await until(isEnd(2))).kind, "done");
});

test("a run that has not begun can be cancelled", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  send({ id: 2, kind: "run", settings: many });
  send({ id: 2, kind: "cancel" });
  await until(isEnd(2));
  await until(isEnd(1));
  assert.deepEqual(kinds(of(received, 2)), ["cancelled"]);
  send({ id: 3, kind: "run", settings: base });
  assert.equal((await until(isEnd(3))).kind, "done");
});

test("what goes wrong is said, and the next run works", async (context) => {
  const { send, received, until } = connect(context);
  send({ id: 1, kind: "run", settings: base });
  assert.match((await until(isEnd(1))).message, /no sound/);
  send({ kind: "input", input: sound });
  send({ id: 2, kind: "run", settings: { ...base, hop_length: 256 } });
  const { kind, message } = await until(isEnd(2));
  assert.equal(kind, "error");
  assert.match(message, /hop_length/);
  send({ id: 3, kind: "unheard of" });
  send({ id: 4, kind: "run", settings: base });
  assert.equal((await until(isEnd(4))).kind, "done");
  assert.deepEqual(of(received, 3), []);
});

test("a new sound is heard in the next run", async (context) => {
  const { send, received, until } = connect(context);
  for (const [id, length] of [[1, 6000], [2, 2000], [3, 6000]]) {
    send({ kind: "input", input: { x: sound.x.slice(0, length), sr: SR } });
    send({ id, kind: "run", settings: base });
    await until(isEnd(id));
    assert.equal(of(received, id).at(-2).x_hat.length, length);
  }
});

/** What a worker has that Node has not: to the module, the object `scope` is that of a worker. */
function makeWorkerScope(scope) {
  const received = [];
  let finished;
  const isDone = new Promise((resolve) => { finished = resolve; });
  const postMessage = (message) => {
    received.push(message);
    if (message.kind === "done") finished();
  };
  class DedicatedWorkerGlobalScope {
    static [Symbol.hasInstance]() {
      return true;
    }
  }
  Object.assign(scope, { DedicatedWorkerGlobalScope, postMessage });
  const ask = async () => {
    scope.onmessage({ data: { kind: "input", input: sound } });
    scope.onmessage({ data: { id: 1, kind: "run", settings: base } });
    await isDone;
    return kinds(received);
  };
  return { ask };
}

test("in a worker the module serves by itself", async () => {
  const { onmessage, postMessage } = globalThis;
  try {
    const { ask } = makeWorkerScope(globalThis);
    await import("../../../specdemo/live/js/dsp/worker.js?in-a-worker");
    assert.deepEqual(await ask(), ["original", "kept", "result", "done"]);
  } finally {
    delete globalThis.DedicatedWorkerGlobalScope;
    Object.assign(globalThis, { onmessage, postMessage });
  }
});

test("joined and without its exports it is a script, and that serves, too", held, async () => {
  const context = vm.createContext({ MessageChannel, Float32Array, ArrayBuffer });
  const { ask } = makeWorkerScope(context);
  vm.runInContext(readFileSync(join(folder, "worker.js"), "utf8").replace(/^export /gm, ""), context);
  assert.deepEqual(await ask(), ["original", "kept", "result", "done"]);
});
