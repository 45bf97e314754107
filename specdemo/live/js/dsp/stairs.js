/** What the sound that came back from each step of the staircase is worth. */

import { largest } from "./arrays.js";
import { melBank, melForward } from "./melbank.js";
import { logSpectralDistance } from "./metrics.js";
import { magnitudes, makeGrid } from "./stft.js";

export const STEPS = ["wave", "magnitude", "dB", "mel", "short", "mfcc"];
export const N_MELS = 80;
// Frames that become one, and cosines that are kept of each.
const SHORTEN = 5;
const N_MFCC = 20;

/**
 * For each step: the sound, its bands, the numbers a second that it was made from, and how many dB
 * its bins and its bands are off.
 * @param {Sound} sound the clip, and behind it what came back from each step
 */
export function measureStairs({ x, sr }) {
  const n = Math.floor(x.length / STEPS.length), n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 });
  const bank = melBank(grid, { n_mels: N_MELS, fmax: Math.min(8000, sr / 2) });
  const seen = STEPS.map((name, i) => {
    const sound = x.slice(i * n, (i + 1) * n), S = magnitudes(sound, grid);
    return { name, sound, S, M: melForward(S, bank) };
  });
  const n_frames = seen[0].S.length / grid.n_bins, n_short = Math.ceil(n_frames / SHORTEN);
  const sizes = [n, seen[0].S.length, seen[0].S.length, N_MELS * n_frames, N_MELS * n_short, N_MFCC * n_short];
  return seen.map(({ name, sound, S, M }, i) => ({
    name, sound, M, n_frames, loudest: largest(seen[0].M), numbers: sizes[i] * sr / Math.max(1, n),
    bins_db: logSpectralDistance(seen[0].S, S), bands_db: logSpectralDistance(seen[0].M, M),
  }));
}
