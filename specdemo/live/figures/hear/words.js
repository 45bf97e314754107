/** What the page says of an array, of its formats and of their sounds. */

import { largest, least } from "../../js/dsp/arrays.js";
import { shapeText } from "../../js/files/arrays.js";
import { round, signed, thousands } from "../../js/parts/text.js";

/** A sound that reaches further was not meant; one that stays below is hardly heard. */
export const TOO_LOUD = 1.5;
const TOO_QUIET = 0.03;

// The nearest sound comes nearer to an array whose format is the right one, in dB: of music, -17.
const FAR_DB = -16;

/** A number with four digits. */
export function brief(value) {
  return signed(Number(value.toPrecision(4)));
}

/** @param {{name: string, dtype: string, shape: number[]}} array @param {Values} values */
export function describeArray({ name, dtype, shape }, values) {
  const range = `${brief(least(values))} to ${brief(largest(values))}`;
  return `${name}: ${dtype}, ${shapeText(shape)}, values from ${range}.`;
}

/** The numbers of a format on a line. */
export function describeFormat({ aliases, frames_first, ...numbers }) {
  const { sr, n_fft, hop_length, n_mels, fmin, fmax } = numbers;
  const also = aliases.length ? `also ${aliases.join(", ")}; ` : "";
  return `${also}${n_mels} bands, ${fmin} to ${thousands(fmax)} Hz, ${thousands(sr)} Hz, `
    + `${n_fft}/${hop_length}${frames_first ? ", frames first" : ""}`;
}

/** What an array can be, and why. */
export function verdict(names, n_fitting, n_known, { shape: [rows, columns] }, isTurned) {
  const how = isTurned ? " The array lies the other way round and is turned over." : "";
  if (!names.length && n_fitting) {
    return `By its shape and its values the array fits ${n_fitting} of ${n_known} formats, but in `
      + `none of them would its sound be like a recording.${how}`;
  }
  if (!names.length) {
    return `The array fits none of the ${n_known} formats that are known here: see why below. `
      + `Neither ${rows} nor ${columns} bands with these values are among them.`
      + describeLinear([rows, columns].find(isHalfOfFft));
  }
  const only = names.length === 1, count = only ? "one format" : `${names.length} formats`;
  const order = only ? "" : " The likeliest comes first.";
  return `Shape and values fit ${count} of ${n_known}.${order}${how}`;
}

// FFTs that are in use, of which a linear spectrogram shows the bins from 0 to the middle.
const SIZES = [256, 320, 400, 480, 512, 640, 800, 882, 960, 1024, 1200, 1280, 1920, 2048, 4096];

const isHalfOfFft = (count) => SIZES.includes(2 * (count - 1));

/** @param {number|undefined} n_bins */
function describeLinear(n_bins) {
  return n_bins ? ` But an FFT of ${2 * (n_bins - 1)} has ${n_bins} bins: it may be a linear `
    + "spectrogram, whose sound specdemo.invert_spectrogram finds." : "";
}

/**
 * What is doubtful of a sound; empty when nothing is.
 * @param {import("./view.js").Heard} heard @param {boolean} isStandIn whether statistics are another's
 */
export function doubts({ peak, isLevelLost, convergence_db }, isStandIn) {
  const all = [doubtOfLevel(peak, isLevelLost || isStandIn), doubtOfBands(convergence_db)];
  return all.filter(Boolean).join(" ");
}

/** What is wrong with the level of a sound; empty when nothing is. */
function doubtOfLevel(peak, isLevelLost) {
  if (isLevelLost) return "";
  if (peak > TOO_LOUD) {
    return `The sound reaches ${brief(peak)}, where sounds stay within \u22121 and 1. Most likely `
      + "the array is still normalised (by a mean and a deviation of the model\u2019s own), its "
      + "logarithm has another base, or it holds powers where this format has magnitudes. It is "
      + "played at full scale.";
  }
  if (peak < TOO_QUIET) {
    const below_db = round(-20 * Math.log10(peak));
    return `The sound reaches no more than ${brief(peak)}, ${below_db} dB below full scale. Perhaps `
      + "its bank was normalised in another way, or the array is still normalised.";
  }
  return "";
}

/** What it means that the nearest sound is far from the array; empty when it is near. */
function doubtOfBands(convergence_db) {
  if (!(convergence_db > FAR_DB)) return "";
  return `No sound has such bands: the nearest one misses the array by ${round(convergence_db)} dB. `
    + "If a network predicted it, it is blurred or noisy; else it was made in another way than this "
    + "format says, or it is not a mel spectrogram.";
}

/**
 * How a sound is played, what was done to its array, and how far it is worked out.
 * @param {import("./view.js").Heard} heard @param {boolean} isStandIn whether statistics are another's
 */
export function describeSound(heard, isStandIn) {
  const { x, sr, peak, gain, i, n_iter, isCut, isLevelLost } = heard;
  const cut = isCut ? " Only the first part of the array was taken: the rest is too long." : "";
  const state = i < n_iter ? ` Getting better: iteration ${i} of ${n_iter}.` : "";
  return `${round(x.length / sr, 1)} s at ${sr} Hz, peak ${brief(peak)}.`
    + `${describeLevel(gain, isLevelLost)}${cut}${describeMended(heard)}${state}`
    + (isStandIn ? ` ${STAND_IN}` : "");
}

/** @param {import("./view.js").Heard} heard */
function describeMended({ n_padding, n_strays }) {
  const padding = ` The last ${n_padding} frames are all of one value: they were taken for padding and left out.`;
  const one = n_strays === 1;
  const strays = ` ${one ? "One value lies" : `${thousands(n_strays)} values lie`} where no sound of this format `
    + `leads: ${one ? "it was" : "they were"} moved into the reach of the others.`;
  return `${n_padding ? padding : ""}${n_strays ? strays : ""}`;
}

function describeLevel(gain, isLevelLost) {
  if (isLevelLost) return " Its level is lost: it is played at one that is easy to hear.";
  const gain_db = 20 * Math.log10(gain), how = gain > 1 ? "louder" : "softer";
  return Math.abs(gain_db) < 0.1 ? "" : ` Played ${round(Math.abs(gain_db), 1)} dB ${how} than it is.`;
}

const STAND_IN = "Mean and deviation of every band are lost with this format. Those of the "
  + "example voice stand in for them, so that level and colour are another voice\u2019s.";
