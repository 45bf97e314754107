/** What settings and sounds are accepted; every refusal is a sentence. */

import { melEdges } from "./melscale.js";
import { WINDOWS } from "./stft.js";

// Cells of a spectrogram that a browser has memory for.
const MOST_CELLS = 2 ** 24;

export const CHOICES = {
  window: Object.keys(WINDOWS), mel_scale: ["slaney", "htk"],
  start: ["original", "zero", "random", "pghi"], refine: ["griffin_lim", "fast_griffin_lim"],
};
export const LEAST_WHOLE = { n_fft: 2, hop_length: 1, n_mels: 0, n_mfcc: 0, n_iter: 0 };
/** @type {Record<string, [(v: number) => boolean, string]>} */
const LIMITS = {
  threshold_db: [(v) => v <= 0, "at most 0"],
  fmin: [(v) => v >= 0, "at least 0"],
  fmax: [(v) => v >= 0, "at least 0"],
  shorten: [(v) => v >= 1, "at least 1"],
  momentum: [(v) => v >= 0 && v < 1, "at least 0 and below 1"],
};

/** Throw a RangeError unless the settings can be used with the sound. */
export function checkSettings(sound, s) {
  for (const [name, known] of Object.entries(CHOICES)) {
    demand(known.includes(s[name]),
      `${name} must be one of ${known.join(", ")}; it is ${s[name]}.`);
  }
  for (const [name, lowest] of Object.entries(LEAST_WHOLE)) {
    demand(Number.isInteger(s[name]) && s[name] >= lowest,
      `${name} must be a whole number of at least ${lowest}; it is ${s[name]}.`);
  }
  for (const [name, [isInside, words]] of Object.entries(LIMITS)) {
    demand(Number.isFinite(s[name]) && isInside(s[name]),
      `${name} must be a number of ${words}; it is ${s[name]}.`);
  }
  checkSize(sound, s);
  if (s.n_mels) checkBands(sound, s);
  demand(s.n_mels || s.shorten === 1,
    `shorten = ${s.shorten} needs mel bands: set n_mels above 0.`);
  demand(s.n_mfcc <= s.n_mels, `n_mfcc must be at most n_mels, ${s.n_mels}; it is ${s.n_mfcc}.`);
}

function checkSize({ x }, { n_fft, hop_length, n_mels }) {
  const n_frames = Math.ceil(x.length / hop_length);
  const n_rows = Math.max(Math.floor(n_fft / 2) + 1, n_mels);
  demand(n_rows * n_frames <= MOST_CELLS, `n_fft = ${n_fft}, hop_length = ${hop_length} and `
    + `n_mels = ${n_mels} make ${n_frames} frames of ${n_rows} numbers of this sound, more than `
    + "there is memory for. Take a larger hop_length or a shorter sound.");
}

function checkBands({ sr }, { n_mels, fmin, fmax, mel_scale }) {
  const nyquist = sr / 2, top = fmax || nyquist;
  demand(top <= nyquist,
    `fmax must be at most half the sampling rate, ${nyquist} Hz; it is ${fmax} Hz.`);
  demand(fmin < top, `fmin must be below fmax; they are ${fmin} and ${top} Hz.`);
  const edges = melEdges(n_mels, fmin, top, mel_scale);
  demand(edges.every((edge, b) => b === 0 || edge > edges[b - 1]),
    `fmax must be further above fmin for n_mels = ${n_mels}; they are ${fmin} and ${top} Hz.`);
}

export function checkSound({ x, sr }) {
  demand(sr > 0 && sr < Infinity, `The sampling rate must be a positive number; it is ${sr}.`);
  demand(x.length > 0, "The sound is empty: it has no samples.");
  const bad = x.reduce((count, v) => count + !Number.isFinite(v), 0);
  demand(bad === 0, `The sound cannot be used: ${bad} of its ${x.length} samples are not numbers.`);
}

export function demand(isMet, sentence) {
  if (!isMet) throw new RangeError(sentence);
}
