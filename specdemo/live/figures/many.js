/** Many spectra have the same mel bands, and all that lies between them. */

import { peakOf } from "../js/dsp/arrays.js";
import { anotherOf } from "../js/dsp/another.js";
import { corrected, frameOf, sizeOf } from "../js/dsp/guess.js";
import { loopOf } from "../js/dsp/loops.js";
import { melForward } from "../js/dsp/melbank.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { area, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

const LEFT = 14, TOP = 24, SPECTRUM = 190, BARS = 84;
const FLOOR = TOP + SPECTRUM, BARS_TOP = FLOOR + 76, BOTTOM = BARS_TOP + BARS, RAIL = BOTTOM + 54, OTHERS = RAIL + 54;
const LOWEST_DB = -80, HEADROOM_DB = 30, HIGHEST_HZ = 4000, N_OTHERS = 20, N_EM = 200, NOISE = 2 ** 14, MOST_DB = 30, STEPS = 400, UNDER = 17;

function places({ high, top }, width) {
  const plot = width - 2 * LEFT;
  const levelOf = (v) => Math.max(LOWEST_DB, Math.min(HEADROOM_DB, 20 * Math.log10(v / top + 1e-9)));
  return {
    plot, X: (f) => LEFT + plot * f / high, level: (v) => SPECTRUM * (1 - (HEADROOM_DB - levelOf(v)) / (HEADROOM_DB - LOWEST_DB)),
    gain: SPECTRUM / (HEADROOM_DB - LOWEST_DB), part: (x) => (x - LEFT) / plot,
  };
}

/**
 * The mixture, with one bin pulled up or down, and what becomes of it when the bands stay.
 * @param {any} data @param {State} state
 */
function spectrumOf(data, { mixed, which, frequency, pull }) {
  const { size, M, bank, bin, others } = data, k = Math.round(frequency / bin);
  const other = (others[which] ??= anotherOf(M, bank, which, N_EM)), part = mixed / 100;
  const plain = size.map((v, i) => (1 - part) * v + part * other[i]), S = plain.slice();
  if (!pull) return { S, k, plain };
  S[k] *= 10 ** (pull / 20);
  return { S: corrected(S, M, bank, N_EM), k, plain };
}

function spectrumMarks({ size, bin }, S, n, { X, level, plot }) {
  return word(LEFT, TOP - 8, "the frame, and another spectrum") + rect(LEFT, TOP, plot, SPECTRUM, "sd-field")
    + area(n, (k) => [X(k * bin), FLOOR - level(size[k])], FLOOR, "sd-lens")
    + curve(n, (k) => [X(k * bin), FLOOR - level(S[k])], "sd-accent");
}

function bandMarks({ M, bank }, bands, { X, plot }) {
  const { center_frequencies: tips } = bank, most = M.reduce((found, v) => Math.max(found, v), 1e-9);
  const shown = Array.from(M.keys()).filter((b) => X(tips[b]) < LEFT + plot - 2);
  const high = (v) => BARS * Math.max(0, 1 - 20 * Math.log10(v / most + 1e-9) / LOWEST_DB);
  const bars = shown.map((b) => `M${X(tips[b]).toFixed(1)} ${BOTTOM}V${(BOTTOM - high(M[b])).toFixed(1)}`);
  const caps = shown.map((b) => `M${(X(tips[b]) - 3).toFixed(1)} ${(BOTTOM - high(bands[b])).toFixed(1)}h6`);
  return word(LEFT, BARS_TOP - 10, "its bands, and the bands of the other: caps") + tag("path", { d: bars.join(""), class: "sd-bar0" })
    + tag("path", { d: caps.join(""), class: "sd-accent" }) + line(LEFT, BOTTOM, LEFT + plot, BOTTOM, "sd-axis");
}

function railMarks({ plot }) {
  const right = LEFT + plot;
  return line(LEFT, RAIL, right, RAIL, "sd-axis") + word(LEFT, RAIL - 16, "the frame's own") + word(right, RAIL - 16, "another with the same bands", "sd-small", "end")
    + line(LEFT, OTHERS, right, OTHERS, "sd-axis") + word(LEFT, OTHERS - 16, "which other one");
}

/** @type {FigureKind} */
export const many = {
  name: "many",
  title: "The spectrum of a frame, another one, and the mel bands of both, which are the same",
  hear: "Hear the spectrum",

  prepare(sound) {
    const frame = frameOf(sound), top = peakOf(frame.size);
    return { ...frame, top, others: {}, high: Math.min(HIGHEST_HZ, sound.sr / 2), bin: sound.sr / frame.grid.n_fft };
  },

  start: ({ high }) => ({ mixed: 0, which: 5, frequency: 0.7 * high, pull: 0 }),

  handles: ({ high }) => [
    { name: "mixed", label: "From the frame's own spectrum to another one, in per cent", min: 0, max: 100, page: 25 },
    { name: "which", label: "Which other spectrum", min: 1, max: N_OTHERS, page: 5 },
    { name: "frequency", label: "Which bin is pulled, in hertz", min: high / 40, max: high, step: high / STEPS, page: high / 20 },
    { name: "pull", label: "How far the bin is pulled, in decibels", min: -MOST_DB, max: MOST_DB, page: 10 },
  ],

  draw(state, data, width) {
    const { grid, size, M, bank, high, bin } = data, place = places(data, width), { X, plot, level, gain, part } = place;
    const { S, k, plain } = spectrumOf(data, state), before = plain[k], bands = melForward(S, bank), n = Math.min(grid.n_bins, Math.floor(high / bin) + 1);
    const differ = sizeOf(S.map((v, i) => v - size[i])) / (sizeOf(size) || 1);
    const off = sizeOf(bands.map((v, b) => v - M[b])) / (sizeOf(M) || 1);
    const text = `the spectrum is another by ${round(100 * differ)} per cent, its bands by ${round(100 * off, 1)}`;
    const ticks = hertzTicks(high, 0.5 * plot);
    // A bin is asked for as high as it is, and pulled; below the floor, the dot waits for it.
    const heightAt = (hertz) => FLOOR - level(plain[Math.round(hertz / bin)]), middle = heightAt(state.frequency);
    const asked = middle - state.pull * gain, dot = Math.min(FLOOR, asked);
    const hertz = ({ x }) => high / STEPS * Math.min(STEPS, Math.max(STEPS / 40, Math.round(STEPS * part(x))));
    return {
      height: OTHERS + 24, says: text,
      marks: spectrumMarks(data, S, n, place) + bandMarks(data, bands, place) + railMarks(place)
        + ticks.map((f) => word(X(f), FLOOR + 44, f ? frequencyLabel(f) : "0 Hz", "sd-small", f < high ? (f ? "middle" : "start") : "end")).join("")
        + line(X(state.frequency), TOP, X(state.frequency), FLOOR + UNDER, "sd-guide")
        + (state.pull ? line(X(k * bin), dot, X(k * bin), FLOOR - level(S[k]), "sd-next") : "")
        + tag("circle", { cx: X(k * bin), cy: FLOOR - level(S[k]), r: 6, class: "sd-worst" }),
      grips: {
        mixed: { x: LEFT + plot * state.mixed / 100, y: RAIL, text: `${state.mixed} per cent, ${text}`, move: ({ x }) => 100 * part(x) },
        which: { x: LEFT + plot * (state.which - 1) / (N_OTHERS - 1), y: OTHERS, text: `number ${state.which}, ${text}`, move: ({ x }) => 1 + part(x) * (N_OTHERS - 1) },
        frequency: { x: X(state.frequency), y: FLOOR + UNDER, text: `${round(state.frequency)} hertz`, move: hertz },
        pull: { x: X(state.frequency), y: dot, text: `${round(state.pull)} decibels asked, ${text}`, move: ({ y }) => (y === dot ? state.pull : (middle - y) / gain) },
      },
      surfaces: {
        spectrum: { x: LEFT, y: TOP, width: plot, height: SPECTRUM, brings: { frequency: hertz, pull: (to) => (heightAt(hertz(to)) - to.y) / gain } },
        mixed: { x: LEFT, y: RAIL - 12, width: plot, height: 24 }, which: { x: LEFT, y: OTHERS - 12, width: plot, height: 24 },
      },
      numbers: [
        { name: "differ", label: "another spectrum by", text: `${(100 * differ).toFixed(1)} %` },
        { name: "off", label: "other bands by", text: `${(100 * off).toFixed(1)} %` },
        { name: "bin", label: `bin asked for ${signed(round(state.pull))} dB, got`,
          text: `${signed((20 * Math.log10((S[k] + 1e-30) / (before + 1e-30))).toFixed(1))} dB` },
      ],
    };
  },

  action: { label: "Another one", apply: (state) => ({ ...state, mixed: 100, which: 1 + state.which % N_OTHERS }) },

  heard(state, data) {
    return loopLater(JSON.stringify(state), () => {
      const { S } = spectrumOf(data, state);
      return loopOf(NOISE, data.grid.sr, (f) => S[Math.min(S.length - 1, Math.round(f / data.bin))]);
    });
  },
};
