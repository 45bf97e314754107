// What tests of the pipeline and its worker share: a sound, settings, and the kinds of messages.

import { noise } from "./golden.mjs";

export const SR = 8000;

/** Pulses, a glide and a little noise. */
export const speechLike = (length) => noise(length).map((v, t) => 0.05 * v
  + (t % 80 < 2) * (1 + Math.sin(t / 300)) + 0.3 * Math.sin(2 * Math.PI * (200 + t / 20) * t / SR));

export const sound = { x: Float32Array.from(speechLike(6000)), sr: SR };
export const base = { n_fft: 256, hop_length: 64, n_iter: 4 };
export const kinds = (found) => found.map(({ kind }) => kind);
