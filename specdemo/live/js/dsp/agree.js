/** Three overlapping frames of a tone that goes round, each with a phase of its own. */

import { TWO_PI } from "./arrays.js";
import { makeRoundGrid, roundForward, roundInverse } from "./round.js";

export const N_FRAMES = 3;

// The bin in which the tone lies: as many cycles as a frame has, and twice as many as a hop.
export const CYCLES = 8;

/**
 * The true transform of a tone, as of `STFT(sr, n_fft, n_fft // 2)` far from the ends of the sound.
 * The third frame is followed by the first.
 * @param {number} n_fft even
 */
export function makeTone(n_fft) {
  const grid = makeRoundGrid(n_fft, n_fft / 2);
  const x = Float64Array.from({ length: N_FRAMES * n_fft / 2 }, (_, t) =>
    Math.cos(TWO_PI * CYCLES * t / n_fft));
  return { grid, X: roundForward(x, grid) };
}

/** The transform with every frame turned by a phase of its own, in radians. @returns {Transform} */
export function turnedFrames({ X }, phases) {
  const re = X.re.slice(), im = X.im.slice();
  for (let i = 0; i < re.length; i++) {
    const phase = phases[Math.floor(i / X.n_bins)], c = Math.cos(phase), s = Math.sin(phase);
    re[i] = X.re[i] * c - X.im[i] * s;
    im[i] = X.re[i] * s + X.im[i] * c;
  }
  return { ...X, re, im };
}

/** To sound and back: the sound, its transform, and how far that is from `Y`, as a level in dB. */
export function madeConsistent(Y, { grid }) {
  const y = roundInverse(Y, grid), C = roundForward(y, grid);
  let apart = 0, all = 0;
  for (let i = 0; i < C.re.length; i++) {
    apart += (Y.re[i] - C.re[i]) ** 2 + (Y.im[i] - C.im[i]) ** 2;
    all += Y.re[i] ** 2 + Y.im[i] ** 2;
  }
  return { y, C, error_db: 10 * Math.log10(apart / all) };
}

/** The magnitudes of the tone with the phases of `C`: what a step of Griffin and Lim ends with. */
export function withMagnitudes({ X }, C) {
  const re = C.re.slice(), im = C.im.slice();
  for (let i = 0; i < re.length; i++) {
    const size = Math.hypot(C.re[i], C.im[i]), S = Math.hypot(X.re[i], X.im[i]);
    re[i] = size ? S * C.re[i] / size : S;
    im[i] = size ? S * C.im[i] / size : 0;
  }
  return { ...C, re, im };
}

/** How far each frame of `Y` is turned from the true one, in radians, at the bin of the tone. */
export function phasesOf(Y, { X }) {
  return Array.from({ length: N_FRAMES }, (_, m) => {
    const i = m * X.n_bins + CYCLES;
    const re = Y.re[i] * X.re[i] + Y.im[i] * X.im[i], im = Y.im[i] * X.re[i] - Y.re[i] * X.im[i];
    return Math.atan2(im, re);
  });
}

/**
 * The transforms from some phases on, a step of Griffin and Lim from one to the next, with their
 * sounds and their errors.
 * @param {ReturnType<typeof makeTone>} tone @param {number[]} phases radians @param {number} n_steps
 */
export function stepsFrom(tone, phases, n_steps) {
  const steps = [];
  for (let Y = turnedFrames(tone, phases); steps.length <= n_steps;) {
    const made = madeConsistent(Y, tone);
    steps.push({ Y, ...made });
    Y = withMagnitudes(tone, made.C);
  }
  return steps;
}

/** Frame m of a transform at n points: exact, since under a Hann window the tone has three bins. */
export function waveOf(Y, m, { grid: { n_bins, n_fft } }, n = n_fft) {
  const frame = new Float64Array(n);
  for (let k = CYCLES - 1; k <= CYCLES + 1; k++) {
    const re = Y.re[m * n_bins + k], im = Y.im[m * n_bins + k], scale = 2 / n_fft;
    for (let t = 0; t < n; t++) {
      const angle = TWO_PI * k * t / n;
      frame[t] += scale * (re * Math.cos(angle) - im * Math.sin(angle));
    }
  }
  return frame;
}

/** The sound of the frames, going round, with n samples in a frame. */
export function roundSound(Y, tone, n) {
  const y = new Float32Array(N_FRAMES * n / 2), hop = n / 2;
  const weight = (t) => 0.5 - 0.5 * Math.cos(TWO_PI * t / n);
  for (let m = 0; m < N_FRAMES; m++)
    waveOf(Y, m, tone, n).forEach((v, t) => { y[(m * hop + t) % y.length] += v * weight(t); });
  return y.map((v, t) => v / (weight(t % hop) ** 2 + weight(t % hop + hop) ** 2));
}

// How near a hand comes to a phase that counts before it is led there.
const CATCH_DEGREES = 7;

/** The phase in degrees to which a hand turns a frame: that of another frame, 0 or 180 where one of these is near. */
export function caught(value, m, phases) {
  const apart = (p) => Math.abs(((value - p) % 360 + 540) % 360 - 180);
  return [0, 180, ...phases.filter((_, i) => i !== m)].find((p) => apart(p) < CATCH_DEGREES) ?? value;
}
