// Laws of the mathematics that hold whatever Python says.

import assert from "node:assert/strict";
import test from "node:test";

import * as dsp from "../dsp.mjs";
import { agree, finish, largest, near, noise } from "../golden.mjs";
import { SR, speechLike } from "../sounds.mjs";

const framesOf = (S, grid) => S.length / grid.n_bins;

// ------------------------------------------------------------------------- Laws of the transform

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

const padModes = ["constant", "reflect", "symmetric", "edge"];

test("the inverse of a transform is the signal under every padding, whatever the length asked for", () => {
  for (const pad_mode of padModes) for (const pad of [32, [48, 20], 24]) {
    const grid = dsp.makeGrid({ sr: SR, n_fft: 64, hop_length: 16, pad, pad_mode });
    for (const n_samples of [20, 49, 300]) {
      const x = noise(n_samples), X = dsp.forward(x, grid);
      const most = Math.min(n_samples, dsp.reach(X.n_frames, grid) - 8);
      for (const length of [undefined, 10, most]) {
        const y = dsp.inverse(X, grid, length);
        agree(y.subarray(0, most), x.subarray(0, Math.min(y.length, most)), `${pad_mode} ${pad} ${n_samples}`, 1e-9);
      }
    }
  }
});

test("the true phase is the true sound under every padding, whatever is known of its length", () => {
  for (const pad_mode of padModes) for (const length of [undefined, 700, 1900, 2000]) {
    const grid = dsp.makeGrid({ sr: SR, n_fft: 128, hop_length: 32, pad_mode });
    const x = speechLike(2000), { re, im } = dsp.forward(x, grid);
    const S = re.map((r, i) => Math.hypot(r, im[i])), phase = re.map((r, i) => Math.atan2(im[i], r));
    const { result } = finish(dsp.griffinLim(S, phase, grid, { n_iter: 0, length }));
    const wanted = Float64Array.from(x.subarray(0, result.length));
    agree(result, wanted, `${pad_mode} ${length}`, 1e-6);
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

// ---------------------------------------------------------- Laws of the phase and its refinement

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

// ---------------------------------------------------------------------------- Laws of the levels

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

// ------------------------------------------------------------------ Laws of bands, time, cepstra

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
  const lows = [() => 0.5, rumble], banks = [{}, { mel_scale: "htk" }, { fmin: 20 }, { power: 2 }];
  for (const settings of banks) {
    for (const Kind of settings.fmin ? [Float32Array, Float64Array] : [Float64Array]) {
      for (const low of lows) {
        const x = Kind.from(tone(length, (t) => 2 * Math.PI * 440 * t / SR).map((v, t) => v + low(t)));
        const bank = dsp.melBank(grid, { n_mels: 40, mel_scale: "slaney", ...settings });
        const M = dsp.melForward(dsp.magnitudes(x, grid), bank);
        const { yielded } = finish(dsp.invertMel(M, bank, { length, measure_every: 100 }));
        const { convergence_db } = yielded.at(-1);
        const said = `${JSON.stringify(settings)}, ${Kind.name}, ${low}: ${convergence_db}`;
        assert.ok(convergence_db < -30, said);
      }
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

// --------------------------------------------------------------------------- Laws of all of them

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
