/** Two clicks and two tones under a Hann window of any length: how well their pairs are told apart. */

import { TWO_PI, largest } from "./arrays.js";
import { coefficients, windowTransform } from "./leakage.js";
import { magnitudes, makeGrid } from "./stft.js";

export const SR = 4000;
export const MIDDLE_HZ = 1000;

// Samples: of the picture, of its longest frame, and from column to column.
export const SHOWN = 1280;
const LONGEST = 1024, HOP = 16;

// A tone as bright as a click where the frame has the book's usual length. How far down is seen, in dB.
const TONE = 1 / 46, RANGE_DB = 40;

// Two are told apart from this dip between them on, in dB; a deeper one than the second is as good.
export const PARTED_DB = 3;
const DEEPEST_DB = 60;

const HANN = coefficients(1);

/** Even frame lengths in samples, sixteen to the octave but for the shortest. */
export const LENGTHS = [...new Set(Array.from({ length: 81 }, (_, i) => 2 * Math.round(16 * 2 ** (i / 16))))];

/** The sound, as long as the picture: clicks and tones so far apart, about its middle. */
export function pairs(apart_s, apart_hz, n_samples = SHOWN) {
  const middle = n_samples / 2, away = Math.round(apart_s * SR / 2);
  const tone = (t, sign) => Math.sin(TWO_PI * (MIDDLE_HZ + sign * apart_hz / 2) * t / SR);
  const x = Float32Array.from({ length: n_samples }, (_, t) => TONE * (tone(t, 1) + tone(t, -1)));
  x[middle - away] += 1;
  x[middle + away] += 1;
  return x;
}

/**
 * The spectrogram of the pairs between two frequencies, in frames of `n_fft` samples, as the bytes
 * of a picture.
 */
export function picture(apart_s, apart_hz, n_fft, low, high) {
  // The tones go on beyond the picture.
  const x = pairs(apart_s, apart_hz, SHOWN + LONGEST);
  const grid = makeGrid({ sr: SR, n_fft: LONGEST, win_length: n_fft, hop_length: HOP, pad: 0 });
  const S = magnitudes(x, grid), { n_bins } = grid, bin_hz = SR / LONGEST, top = largest(S);
  const columns = S.length / n_bins, first = Math.round(low / bin_hz), rows = Math.round(high / bin_hz) - first;
  const bytes = new Uint8Array(rows * columns);
  for (let m = 0; m < columns; m++)
    for (let r = 0; r < rows; r++) {
      const level = 20 * Math.log10(S[m * n_bins + first + r] / top + 1e-9);
      bytes[(rows - 1 - r) * columns + m] = 1 + Math.round(239 * Math.max(0, 1 + level / RANGE_DB));
    }
  return { columns, rows, bytes };
}

/** The power of two clicks `apart` samples apart, at `t` samples from their middle, over all bins. */
export function clickPower(n_fft, apart, t) {
  const power = (u) => (Math.abs(u) < n_fft / 2 ? (0.5 + 0.5 * Math.cos(TWO_PI * u / n_fft)) ** 2 : 0);
  return power(t - apart / 2) + power(t + apart / 2);
}

/** The power of two tones `apart` bins apart, at `k` bins from their middle, over all frames; 1 is a tone's. */
export function tonePower(n_fft, apart, k) {
  const power = (u) => {
    const { re, im } = windowTransform(HANN, u, n_fft);
    return (re * re + im * im) / (n_fft / 2) ** 2;
  };
  return power(k - apart / 2) + power(k + apart / 2);
}

/** The dip half way between two of a kind, in dB below what stands at each; 0 where there is none. */
export function dip(power, n_fft, apart) {
  const ratio = power(n_fft, apart, apart / 2) / Math.max(power(n_fft, apart, 0), 1e-9);
  return Math.min(DEEPEST_DB, Math.max(0, 10 * Math.log10(ratio)));
}
