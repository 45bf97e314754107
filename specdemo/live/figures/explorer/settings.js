/** The settings of the Explorer, their controls, and the links that carry them. */

import { signed } from "../../js/parts/text.js";

const withMel = ({ n_mels }) => n_mels > 0;
const guessed = ({ n_mels, start }) => n_mels > 0 || start !== "original";
const samples = (v, { sr }) => `${v} samples \u00b7 ${Number((1000 * v / sr).toPrecision(2))} ms`;

/** @type {Object<string, Control>} */
export const CONTROLS = {
  n_fft: {
    label: "FFT size", limits: [128, 4096], text: samples,
    values: () => [128, 256, 512, 1024, 2048, 4096],
  },
  hop_length: {
    label: "Hop", limits: [32, 1024], text: samples,
    values: () => [32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 896, 1024],
  },
  window: {
    label: "Window",
    options: { hann: "Hann", hamming: "Hamming", blackman: "Blackman", boxcar: "rectangular" },
  },
  threshold_db: {
    label: "Threshold", limits: [-120, 0], step: 1,
    text: (v) => (v <= -120 ? "keeps all" : `${signed(v)} dB`),
  },
  n_mels: {
    label: "Mel bands", limits: [0, 256], text: (v) => (v ? `${v}` : "none"),
    values: ({ step }) => [
      ...(step === "staircase" ? [0] : []),
      8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 256,
    ],
  },
  fmin: {
    label: "From", limits: [0, 4000], text: (v) => `${v} Hz`, needed: withMel,
    values: () => [0, 20, 50, 80, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000],
  },
  fmax: {
    label: "Up to", limits: [0, 96000], text: (v) => `${v} Hz`, needed: withMel,
    values: ({ sr }) => [
      ...[500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7000, 8000, 10000, 12000, 16000]
        .filter((f) => f < sr / 2), sr / 2],
  },
  mel_scale: {
    label: "Mel scale", options: { slaney: "Slaney", htk: "HTK" }, needed: withMel,
  },
  shorten: {
    label: "Shorten time by", limits: [1, 20], needed: withMel,
    text: (v) => (v === 1 ? "nothing" : `${v} times`),
    values: () => [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20],
  },
  n_mfcc: {
    label: "Coefficients", limits: [0, 256], needed: withMel,
    text: (v, { n_mels }) => (v ? `${v} of ${n_mels}` : "no cepstrum"),
    values: ({ step, n_mels }) => [
      ...(step === "staircase" ? [0] : []),
      ...[2, 4, 6, 8, 10, 13, 16, 20, 26, 32, 40, 52, 64, 80, 96, 112, 128, 160, 192, 256]
        .filter((n) => n <= n_mels)],
  },
  start: {
    label: "First phase", needed: ({ n_mels }) => !n_mels,
    options: { original: "the true one", zero: "zero", random: "random", pghi: "PGHI" },
  },
  refine: {
    label: "Refinement", needed: (s) => !s.n_mels && guessed(s),
    options: { griffin_lim: "Griffin\u2013Lim", fast_griffin_lim: "fast Griffin\u2013Lim" },
  },
  n_iter: {
    label: "Iterations", limits: [0, 300], text: (v) => `${v}`, needed: guessed,
    values: () => [0, 1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 100, 150, 200, 300],
  },
  momentum: {
    label: "Momentum", limits: [0, 0.99], step: 0.01, text: (v) => v.toFixed(2),
    needed: (s) => !s.n_mels && guessed(s) && s.refine === "fast_griffin_lim",
  },
  axis: { label: "Frequency axis", options: { linear: "linear", log: "logarithmic", mel: "mel" } },
  colormap: {
    label: "Colours",
    options: { magma: "magma", viridis: "viridis", cividis: "cividis", gray: "grey" },
  },
  range_db: { label: "Range", limits: [20, 120], step: 5, text: (v) => `${v} dB` },
};

export const DISPLAY = ["axis", "colormap", "range_db"];
const ANALYSIS = ["n_fft", "hop_length", "window"];
const MEL = ["n_mels", "fmin", "fmax", "mel_scale", "shorten"];

/** The groups of controls of each step, by their headings, and the lower picture at the start. */
export const FACES = {
  spectrogram: { show: "kept", groups: { Spectrogram: [...ANALYSIS, "threshold_db"] } },
  inversion: {
    show: "result",
    groups: { Inversion: ["n_fft", "hop_length", "start", "refine", "n_iter"] },
  },
  mel: {
    show: "kept",
    groups: { Mel: ["n_fft", "n_mels", "fmin", "fmax", "mel_scale", "shorten"] },
  },
  mel_inversion: {
    show: "result",
    groups: { "Mel inversion": ["n_mels", "fmax", "mel_scale", "shorten", "n_iter"] },
  },
  mfcc: { show: "kept", groups: { Cepstrum: ["n_mels", "n_mfcc", "n_iter"] } },
  staircase: {
    show: "result",
    groups: {
      Spectrogram: [...ANALYSIS, "threshold_db"], "Mel and cepstrum": [...MEL, "n_mfcc"],
      "Back to sound": ["start", "refine", "n_iter", "momentum"],
    },
  },
};

export const SETTINGS = Object.keys(CONTROLS);

/** The settings as they take effect: none goes beyond what the sound and the others allow. */
export function effective(settings, sr) {
  const { n_mels, n_mfcc, shorten, fmax } = settings;
  return {
    ...settings,
    fmax: Math.min(fmax || sr / 2, sr / 2),
    n_mfcc: Math.min(n_mfcc, n_mels),
    shorten: n_mels ? shorten : 1,
  };
}

/** The value that a link gives to a setting, or undefined when it cannot have it. */
export function parseSetting(name, text) {
  const { options, limits, step } = CONTROLS[name] ?? {};
  if (options) return Object.hasOwn(options, text) ? text : undefined;
  const value = Number(text);
  const fits = limits && text.trim() !== "" && value >= limits[0] && value <= limits[1];
  const whole = step || name === "shorten" || Number.isInteger(value);
  return fits && whole ? value : undefined;
}

/** The part of a link that names a figure and the settings in which it differs from its preset. */
export function writeFragment(id, state, preset) {
  const changed = ["clip", ...SETTINGS].filter((name) => state[name] !== preset[name]);
  return `#${id}?${new URLSearchParams(changed.map((name) => [name, state[name]]))}`;
}

/** @returns {{id: string, values: URLSearchParams}|null} */
export function readFragment(hash) {
  const [, id, query] = /^#([\w-]+)\?(.*)$/.exec(hash) ?? [];
  return id ? { id, values: new URLSearchParams(query) } : null;
}
