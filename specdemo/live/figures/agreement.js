/** Overlapping frames must agree about what they share; a step of Griffin and Lim makes them. */

import {
  CYCLES, N_FRAMES, madeConsistent, makeTone, phasesOf, turnedFrames, withMagnitudes,
} from "../js/dsp/agree.js";
import { area, curve, line, rect, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const ROW = 74, SUM = 104, TOP = 24, GAP = 26, LEFT = 12, CURVE = 84;
const MOST_STEPS = 40, LOWEST_DB = -80, N_FFT = 256;
// The sampling rate in Hz that the sound has at least.
const LOWEST_RATE = 16000;
const RADIANS = Math.PI / 180;

/** The transform after some steps from the phases of a state, and the errors on the way to it. */
function run({ phase1, phase2, phase3 }, { tone }, n_steps) {
  let Y = turnedFrames(tone, [phase1, phase2, phase3].map((p) => p * RADIANS));
  const all = [];
  for (let i = 0; ; i++) {
    const made = madeConsistent(Y, tone);
    all.push({ Y, ...made });
    if (i === n_steps) return all;
    Y = withMagnitudes(tone, made.C);
  }
}

/** All steps from the phases of a state; they stay the same while one goes through them. */
function steps(state, data) {
  const key = `${state.phase1} ${state.phase2} ${state.phase3}`;
  if (data.key !== key) Object.assign(data, { key, steps: run(state, data, MOST_STEPS) });
  return data.steps;
}

function degrees(state, data) {
  return phasesOf(steps(state, data)[state.n_steps].Y, data.tone).map((p) => p / RADIANS);
}

const decibels = (level) => (level < LOWEST_DB ? `below ${signed(LOWEST_DB)}` : signed(level.toFixed(1)));

/** Frame m of a transform at n points: exact, since a tone in a bin has three bins under a Hann window. */
function waveOf(Y, m, { grid: { n_bins, n_fft } }, n = n_fft) {
  const frame = new Float64Array(n);
  for (let k = CYCLES - 1; k <= CYCLES + 1; k++) {
    const re = Y.re[m * n_bins + k], im = Y.im[m * n_bins + k], scale = 2 / n_fft;
    for (let t = 0; t < n; t++) {
      const angle = 2 * Math.PI * k * t / n;
      frame[t] += scale * (re * Math.cos(angle) - im * Math.sin(angle));
    }
  }
  return frame;
}

/** @type {FigureKind} */
export const agreement = {
  name: "agreement",
  title: "Three overlapping frames of a tone, each with a phase of its own, and their sum",
  hear: "Hear the sum",

  prepare: ({ sr }, { hertz }) => ({ tone: makeTone(N_FFT), hertz, sr }),
  start: () => ({ phase1: -60, phase2: 90, phase3: -15, n_steps: 0 }),

  handles: () => [
    ...["first", "second", "third"].map((which, m) => ({
      name: `phase${m + 1}`, label: `Phase of the ${which} frame, in degrees`,
      min: -180, max: 180, step: 5, page: 45, turns: true,
      value: (state, data) => degrees(state, data)[m],
    })),
    { name: "n_steps", label: "Steps of Griffin and Lim", min: 0, max: MOST_STEPS, page: 5 },
  ],

  /** Whoever turns a frame goes on from where the steps have led. */
  changed(state, key, value, data) {
    if (key === "n_steps") return { ...state, n_steps: value };
    const now = degrees(state, data).map((p) => Math.round(p * 10) / 10);
    const [phase1, phase2, phase3] = state.n_steps ? now : [state.phase1, state.phase2, state.phase3];
    return { ...state, phase1, phase2, phase3, n_steps: 0, [key]: value };
  },

  draw(state, data, width) {
    const { tone, hertz } = data, { n_fft, hop_length, window } = tone.grid, all = steps(state, data);
    const { Y, y, error_db } = all[state.n_steps], now = degrees(state, data), plot = width - 2 * LEFT;
    // Time goes round, and begins half a hop into the first frame, so that the second is in the middle.
    const length = y.length, X = (t) => LEFT + plot * (t - hop_length / 2) / length, period = n_fft / CYCLES;
    const row = (m) => TOP + m * (ROW + 6) + ROW / 2, sum = TOP + N_FRAMES * (ROW + 6) + GAP + SUM / 2;
    const bottom = sum + SUM / 2 + GAP + CURVE, marks = [];
    /** @type {Drawing["grips"]} */
    const grips = {};
    /** @type {Drawing["surfaces"]} */
    const surfaces = {};
    const turn = (pixels) => -360 * pixels / plot * length / period;
    marks.push(word(LEFT, TOP - 6, "three frames, which go round"));
    for (let m = 0; m < N_FRAMES; m++) {
      const frame = waveOf(Y, m, tone), name = `phase${m + 1}`, high = (v) => row(m) - v * (ROW / 2 - 2);
      // The part of a frame beyond an end of the drawing comes in at the other.
      for (const shift of m === 0 ? [0, length] : m === 2 ? [0, -length] : [0]) {
        const first = Math.max(0, hop_length / 2 - m * hop_length - shift);
        const last = Math.min(n_fft, hop_length / 2 + length - m * hop_length - shift);
        const at = (i) => X(m * hop_length + shift + first + i), n = last - first + (last < n_fft ? 1 : 0);
        const side = (sign) => area(n, (i) => [at(i), high(sign * window[(first + i) % n_fft])], row(m), "sd-lens");
        marks.push(side(1), side(-1), curve(n, (i) => [at(i), high(frame[(first + i) % n_fft])], `sd-frame${m}`));
      }
      // A crest of the wave is half a frame from its start, less what its phase is ahead.
      const crest = X(m * hop_length + n_fft / 2 - now[m] / 360 * period);
      marks.push(line(crest, row(m), crest, sum, "sd-guide"));
      grips[name] = { x: crest, y: high(1), text: `${round(now[m])} degrees; all three: ${decibels(error_db)} decibels`,
        move: (to) => turn(to.x - X(m * hop_length + n_fft / 2)) };
      surfaces[name] = { x: LEFT, y: row(m) - ROW / 2, width: plot, height: ROW,
        move: (to, from) => from.value + turn(to.x - from.x) };
    }
    const count = (i) => LEFT + plot * i / MOST_STEPS, fall = (level) => bottom - CURVE * (1 - Math.max(LOWEST_DB, level) / LOWEST_DB);
    marks.push(
      word(LEFT, sum - SUM / 2 - 8, "their sum"), rect(LEFT, sum - SUM / 2, plot, SUM, "sd-field"),
      curve(length + 1, (t) => [X(t + hop_length / 2), sum - y[(t + hop_length / 2) % length] * (SUM / 2 - 6)], "sd-accent"),
      word(LEFT, bottom - CURVE - 8, "disagreement, dB, step by step"), line(LEFT, bottom, LEFT + plot, bottom, "sd-axis"),
      curve(all.length, (i) => [count(i), fall(all[i].error_db)], "sd-faint"),
      curve(state.n_steps + 1, (i) => [count(i), fall(all[i].error_db)], "sd-accent"),
      ...[0, 10, 20, 30, 40].map((i) => word(count(i), bottom + 22, `${i}`, "sd-small", i ? (i < 40 ? "middle" : "end") : "start")));
    grips.n_steps = { x: count(state.n_steps), y: bottom, text: `${state.n_steps} steps, ${decibels(error_db)} decibels`,
      move: (to) => (to.x - LEFT) / plot * MOST_STEPS };
    surfaces.n_steps = { x: LEFT, y: bottom - CURVE, width: plot, height: CURVE };
    return {
      height: bottom + 30, marks: marks.join(""), grips, surfaces,
      says: `After ${state.n_steps} steps, the frames disagree by ${decibels(error_db)} decibels.`,
      numbers: [
        { name: "tone", label: "tone", text: `${round(hertz)} Hz` },
        { name: "phases", label: "phases", text: now.map((p) => `${round(p)}°`).join(" ") },
        { name: "steps", label: "steps", text: `${state.n_steps}` },
        { name: "error", label: "disagreement", text: `${decibels(error_db)} dB` },
      ],
    };
  },

  action: {
    label: "One step",
    apply: (state) => ({ ...state, n_steps: Math.min(MOST_STEPS, state.n_steps + 1) }),
  },

  /** The three frames, over and over, each followed by the next. */
  heard(state, data) {
    const { Y } = steps(state, data)[state.n_steps], cycle_hz = data.hertz / CYCLES;
    const n = N_FFT * Math.ceil(LOWEST_RATE / (cycle_hz * N_FFT)), x = new Float32Array(N_FRAMES * n / 2);
    const weight = (t) => 0.5 - 0.5 * Math.cos(2 * Math.PI * t / n);
    for (let m = 0; m < N_FRAMES; m++)
      waveOf(Y, m, data.tone, n).forEach((v, t) => { x[(m * n / 2 + t) % x.length] += v * weight(t); });
    const sum = (t) => weight(t % (n / 2)) ** 2 + weight(t % (n / 2) + n / 2) ** 2;
    return { key: `${data.key} ${state.n_steps}`, sound: { x: x.map((v, t) => v / sum(t)), sr: Math.round(n * cycle_hz) } };
  },
};
