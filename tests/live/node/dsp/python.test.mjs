// The mathematics as Python has it: SPECDEMO_GOLDEN names the folder that golden.py wrote. test_node.py runs this;
// by hand: SPECDEMO_GOLDEN=folder node --test tests/live/node/dsp/python.test.mjs

import assert from "node:assert/strict";
import test from "node:test";

import * as dsp from "../dsp.mjs";
import { agree, finish, golden, held, largest, name, near, precise } from "../golden.mjs";

const framesOf = (S, grid) => S.length / grid.n_bins;

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
