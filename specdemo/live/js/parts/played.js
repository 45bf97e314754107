/** Sounds as the output plays them: at a rate that every browser takes. */

import { resample } from "./sounds.js";

// The rates in Hz that every browser plays.
export const LOWEST_PLAYED = 8000;
export const HIGHEST_PLAYED = 96000;

/**
 * The rate at which a sound is played: its own, or a multiple or fraction that browsers take.
 * @param {number} sr
 */
export function playedRate(sr) {
  if (sr < LOWEST_PLAYED) return sr * Math.ceil(LOWEST_PLAYED / sr);
  return sr / Math.ceil(sr / HIGHEST_PLAYED);
}

/** @type {WeakMap<Float32Array, AudioBuffer>} */
const buffers = new WeakMap();

/**
 * A sound for the output; the same sound is the same buffer.
 * @param {Sound} sound
 */
export function bufferOf({ x, sr }) {
  const known = buffers.get(x);
  if (known) return known;
  const sampleRate = playedRate(sr), played = resample(x, sr, sampleRate);
  const buffer = new AudioBuffer({ length: played.length, sampleRate });
  buffer.copyToChannel(/** @type {Float32Array<ArrayBuffer>} */ (played), 0);
  buffers.set(x, buffer);
  return buffer;
}
