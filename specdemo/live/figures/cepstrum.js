/** The outline of a mel spectrum is a sum of a few cosines, and a vowel is their heights. */

import { LOWEST_DB, N_MELS, N_MFCC, columnsOf, curveOf, heightsOf, nearestOf, soundsOf, voiceOf } from "../js/dsp/outline.js";
import { frequencyLabel } from "../js/parts/axes.js";
import { area, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

const LEFT = 12, TOP = 52, CLIP = 48, CURVE = 150, BARS = 132;
const CURVE_TOP = TOP + CLIP + 34, FLOOR = CURVE_TOP + CURVE, BARS_TOP = FLOOR + 58, ZERO = BARS_TOP + BARS / 2;
const RAIL = BARS_TOP + BARS + 56, HIGHEST_DB = 24, WHISPER_HZ = 60, HIGHEST_PITCH_HZ = 400;
// A curve may lie a little above the loudest band.
const HEADROOM_DB = 12, PARTS = 300, STEP_S = 0.01;

const names = Array.from({ length: N_MFCC }, (_, n) => `c${n}`);
const heights = (state) => names.map((name) => state[name]);

/** Where levels, bars and pitches lie. The mean is measured from the floor, the others from zero. */
function places({ duration }, width) {
  const plot = width - 2 * LEFT, step = plot / N_MFCC;
  return {
    plot, X: (b) => LEFT + plot * (b + 0.5) / N_MELS, T: (t) => LEFT + plot * t / duration,
    Y: (level) => CURVE_TOP + CURVE * (HEADROOM_DB - Math.max(LOWEST_DB, Math.min(HEADROOM_DB, level))) / (HEADROOM_DB - LOWEST_DB),
    bar: (n) => LEFT + step * (n + 0.5), step,
    tip: (n, v) => (n ? ZERO - v / HIGHEST_DB * BARS / 2 : BARS_TOP - v / -LOWEST_DB * BARS),
    height: (n, y) => (n ? (ZERO - y) * HIGHEST_DB / BARS * 2 : (BARS_TOP - y) * -LOWEST_DB / BARS),
    moment: (x) => (x - LEFT) / plot * duration,
    P: (hertz) => LEFT + plot * (hertz - WHISPER_HZ) / (HIGHEST_PITCH_HZ - WHISPER_HZ),
    pitch: (x) => WHISPER_HZ + (x - LEFT) / plot * (HIGHEST_PITCH_HZ - WHISPER_HZ),
  };
}

/** A moment, or the numbered one that it is but for a step of rounding. */
const numbered = (moment, moments) => [nearestOf(moments, moment)].find((near) => Math.abs(near - moment) < STEP_S) ?? moment;

/** The column of the clip at a moment. */
function columnAt({ levels, n_frames, rate }, moment) {
  const m = Math.min(n_frames - 1, Math.round(moment * rate));
  return levels.subarray(m * N_MELS, (m + 1) * N_MELS);
}

/** The clip: the largest sample of each of its parts, up and down. */
function clipMarks({ high, duration, moments }, moment, { T }) {
  const middle = TOP + CLIP / 2, parts = high.map((h, i) => `M${T(duration * i / high.length).toFixed(1)} ${(middle - h).toFixed(1)}v${(2 * h).toFixed(1)}`);
  return word(LEFT, 14, "the clip, and moments that differ most") + tag("path", { d: parts.join(""), class: "sd-fine" })
    + moments.map((at, i) => word(T(at), TOP - 15, `${i + 1}`, "sd-small", "middle")).join("")
    + line(T(moment), TOP, T(moment), TOP + CLIP, "sd-arrow");
}

function curveMarks(column, sum, { bank }, { X, Y, plot }) {
  const { center_frequencies: tips } = bank;
  const marks = [250, 500, 1000, 2000, 4000].map((f) => {
    const b = tips.findIndex((tip) => tip >= f);
    return b < 0 ? "" : word(X(b), FLOOR + 17, frequencyLabel(f), "sd-small", "middle");
  });
  return word(LEFT, CURVE_TOP - 8, "its mel spectrum, and the sum of 13 cosines")
    + rect(LEFT, CURVE_TOP, plot, CURVE, "sd-field")
    + area(N_MELS, (b) => [X(b), Y(column[b])], FLOOR, "sd-lens")
    + curve(N_MELS, (b) => [X(b), Y(sum[b])], "sd-accent") + marks.join("") + word(LEFT + plot, FLOOR + 17, "Hz", "sd-small", "end");
}

function barMarks(values, { bar, tip, step, plot }) {
  const bars = values.map((v, n) => {
    const from = n ? ZERO : BARS_TOP + BARS, to = tip(n, v), kind = n && v < 0 ? "sd-below" : "sd-above";
    return tag("path", { d: `M${bar(n) - step / 4} ${from}H${bar(n) + step / 4}V${to}H${bar(n) - step / 4}Z`, class: kind })
      + word(bar(n), BARS_TOP + BARS + 22, `${n}`, "sd-small", "middle");
  });
  return word(LEFT, BARS_TOP - 12, "how high each cosine is, in dB: its coefficient")
    + line(bar(1) - step / 2, ZERO, LEFT + plot, ZERO, "sd-axis") + bars.join("");
}

/** @type {FigureKind} */
export const cepstrum = {
  name: "cepstrum",
  title: "Thirteen cosines, what they add up to, and the mel spectrum of a moment",
  hear: "Hear the voice",

  prepare({ x, sr }) {
    const { bank, levels, n_frames } = columnsOf({ x, sr }), n = Math.min(x.length, PARTS);
    const most = (part) => part.reduce((found, v) => Math.max(found, Math.abs(v)), 1e-9), top = most(x);
    const high = Array.from({ length: n }, (_, i) =>
      most(x.subarray(Math.floor(i * x.length / n), Math.floor((i + 1) * x.length / n))) / top * CLIP / 2);
    const rate = sr / bank.grid.hop_length, moments = soundsOf(levels).map((m) => m / rate);
    return { high, bank, levels, n_frames, rate, moments, duration: x.length / sr };
  },

  start(data) {
    const moment = data.duration / 2, found = heightsOf(columnAt(data, moment));
    return { moment, pitch: 120, ...Object.fromEntries(names.map((name, n) => [name, found[n]])) };
  },

  handles: ({ duration, moments }) => [
    ...(moments.length > 1 ? [{ name: "sound", key: "moment", label: "A numbered moment, in seconds", stops: moments, value: (/** @type {State} */ state) => Math.min(moments.at(-1), Math.max(moments[0], numbered(state.moment, moments))) }] : []),
    { name: "moment", label: "Moment of the clip, in seconds", min: 0, max: duration, step: STEP_S, page: 0.1 },
    ...names.map((name, n) => (n
      ? { name, label: `Coefficient ${n}: cosine ${n}, in decibels`, min: -HIGHEST_DB, max: HIGHEST_DB, step: 0.5, page: 5 }
      : { name, label: "Coefficient 0: mean level, in decibels", min: LOWEST_DB, max: 0, step: 0.5, page: 5 })),
    { name: "pitch", label: "Pitch, in hertz; lowest: a whisper", min: WHISPER_HZ, max: HIGHEST_PITCH_HZ, step: 5, page: 40 },
  ],

  /** A moment brings its own coefficients. */
  changed(state, key, value, data) {
    if (key !== "moment") return { ...state, [key]: value };
    const found = heightsOf(columnAt(data, value)), limited = (v) => Math.round(2 * Math.max(-HIGHEST_DB, Math.min(HIGHEST_DB, v))) / 2;
    return { ...state, moment: value, ...Object.fromEntries(names.map((name, n) => [name, n ? limited(found[n]) : Math.round(2 * found[n]) / 2])) };
  },

  draw(state, data, width) {
    const place = places(data, width), { T, P, bar, tip, height, pitch, moment } = place, { moments } = data;
    const values = heights(state), sum = curveOf(values), column = columnAt(data, state.moment);
    const miss = Math.sqrt(sum.reduce((total, v, b) => total + (v - column[b]) ** 2, 0) / N_MELS);
    const span = Math.max(...sum) - Math.min(...sum);
    const voice = state.pitch <= WHISPER_HZ ? "whisper" : `${round(state.pitch)} Hz`, text = `the curve misses the mel spectrum by ${round(miss, 1)} decibels`;
    const grips = { moment: { x: T(state.moment), y: TOP + CLIP, text: `${round(state.moment, 2)} seconds, ${text}`, move: ({ x }) => moment(x) },
      pitch: { x: P(state.pitch), y: RAIL, text: voice, move: ({ x }) => pitch(x) } };
    const surfaces = { moment: { x: LEFT, y: TOP, width: place.plot, height: CLIP }, pitch: { x: LEFT, y: RAIL - 14, width: place.plot, height: 44 } };
    if (moments.length > 1) {
      const number = moments.indexOf(numbered(state.moment, moments)) + 1;
      grips.sound = { x: T(state.moment), y: TOP, text: `${number ? `${number} of ${moments.length}` : "between them"}, ${text}`, move: ({ x }) => nearestOf(moments, moment(x)) };
      surfaces.sound = { x: LEFT, y: TOP - 30, width: place.plot, height: 30 };
    }
    names.forEach((name, n) => Object.assign(grips, { [name]: { x: bar(n), y: tip(n, values[n]), text: `${round(values[n], 1)} decibels, ${text}`, move: ({ y }) => height(n, y) } }));
    return {
      height: RAIL + 34, grips, surfaces, says: text,
      marks: clipMarks(data, state.moment, place) + curveMarks(column, sum, data, place) + barMarks(values, place)
        + line(LEFT, RAIL, width - LEFT, RAIL, "sd-axis") + word(LEFT, RAIL + 26, "whisper")
        + [200, 300, 400].map((f) => word(P(f), RAIL + 26, f < 400 ? `${f}` : "400 Hz", "sd-small", f < 400 ? "middle" : "end")).join("")
        + word(LEFT, RAIL - 16, "the voice that speaks them"),
      numbers: [
        { name: "pitch", label: "voice", text: voice }, { name: "span", label: "highest less lowest", text: `${signed(span.toFixed(1))} dB` },
        { name: "miss", label: "misses the mel spectrum by", text: `${miss.toFixed(1)} dB` },
      ],
    };
  },

  /** The mean stays, which is no shape. */
  action: { label: "Keep the three largest", apply(state) {
    const [, , , ...others] = names.slice(1).sort((a, b) => Math.abs(state[b]) - Math.abs(state[a]));
    return { ...state, ...Object.fromEntries(others.map((name) => [name, 0])) };
  } },

  heard(state, { bank }) {
    const hertz = state.pitch > WHISPER_HZ ? state.pitch : 0;
    return loopLater(`${heights(state)} ${hertz}`, () => voiceOf(curveOf(heights(state)), bank, hertz));
  },
};
