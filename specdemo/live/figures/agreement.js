/** Overlapping frames must agree about what they share; a step of Griffin and Lim makes them. */

import { CYCLES, N_FRAMES, caught, makeTone, phasesOf, roundSound, stepsFrom, waveOf } from "../js/dsp/agree.js";
import { peakOf } from "../js/dsp/arrays.js";
import { area, curve, line, rect, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const ROW = 74, SUM = 104, TOP = 30, GAP = 26, LEFT = 12, CURVE = 84;
const MOST_STEPS = 40, LOWEST_DB = -80, N_FFT = 256;
// The sampling rate in Hz that the sound has at least.
const LOWEST_RATE = 16000;
const SUM_AT = TOP + N_FRAMES * (ROW + 6) + GAP + SUM / 2, BOTTOM = SUM_AT + SUM / 2 + GAP + CURVE;
const RADIANS = Math.PI / 180;

const phasesIn = ({ phase1, phase2, phase3 }) => [phase1, phase2, phase3].map((p) => p * RADIANS);

/** The steps from the phases of a state, all of them once one goes through them: they stay the same. */
function steps(state, data) {
  const key = `${state.phase1} ${state.phase2} ${state.phase3}`, n = state.n_steps && MOST_STEPS;
  if (data.key !== key || data.steps.length <= n)
    Object.assign(data, { key, steps: stepsFrom(data.tone, phasesIn(state), n) });
  return data.steps;
}

const degrees = (state, data) => phasesOf(steps(state, data)[state.n_steps].Y, data.tone)
  .map((p) => Math.round(10 * p / RADIANS) / 10).map((p) => (p > -180 ? p : 180));

const decibels = (level) => signed(level < LOWEST_DB ? `below ${LOWEST_DB}` : level.toFixed(1));
const rowOf = (m) => TOP + m * (ROW + 6) + ROW / 2;

/** Time goes round, and begins half a hop into the first frame: the second is in the middle. */
function places({ grid: { n_fft, hop_length } }, length, width) {
  const plot = width - 2 * LEFT, X = (t) => LEFT + plot * (t - hop_length / 2) / length;
  return {
    length, plot, X, count: (i) => LEFT + plot * i / MOST_STEPS,
    // A crest of the wave is half a frame from its start, less what its phase is ahead.
    crest: (m, phase) => X(m * hop_length + n_fft / 2 - phase / 360 * n_fft / CYCLES),
    turn: (pixels) => -360 * pixels / plot * length / n_fft * CYCLES,
  };
}

/** The frames; the part of one beyond an end of the drawing comes in at the other. */
function frames(Y, tone, now, { length, X, crest }) {
  const { n_fft, hop_length, window } = tone.grid;
  const marks = [word(LEFT, TOP - 14, "three frames, which go round")];
  for (let m = 0; m < N_FRAMES; m++) {
    const frame = waveOf(Y, m, tone), high = (v) => rowOf(m) - v * (ROW / 2 - 2);
    for (const shift of [[0, length], [0], [0, -length]][m]) {
      const start = m * hop_length + shift, first = Math.max(0, hop_length / 2 - start);
      const last = Math.min(n_fft, hop_length / 2 + length - start), n = last - first + (last < n_fft ? 1 : 0);
      const at = (i) => X(start + first + i), value = (values, i) => values[(first + i) % n_fft];
      for (const sign of [1, -1])
        marks.push(area(n, (i) => [at(i), high(sign * value(window, i))], rowOf(m), "sd-lens"));
      marks.push(curve(n, (i) => [at(i), high(value(frame, i))], `sd-frame${m}`));
    }
    marks.push(line(crest(m, now[m]), rowOf(m), crest(m, now[m]), SUM_AT, "sd-guide"));
  }
  return marks.join("");
}

function sumOf(y, { grid: { hop_length } }, { length, plot, X }) {
  const value = (t) => y[(t + hop_length / 2) % length] * (SUM / 2 - 6) / Math.max(1, peakOf(y));
  return word(LEFT, SUM_AT - SUM / 2 - 8, "their sum")
    + rect(LEFT, SUM_AT - SUM / 2, plot, SUM, "sd-field") + curve(length + 1, (t) => [X(t + hop_length / 2), SUM_AT - value(t)], "sd-accent");
}

/** The disagreement, step by step. */
function fallOf(all, n_steps, { plot, count }) {
  const fall = (level) => BOTTOM - CURVE * (1 - Math.max(LOWEST_DB, level) / LOWEST_DB);
  const points = (i) => /** @type {[number, number]} */ ([count(i), fall(all[i].error_db)]);
  const labels = [0, 10, 20, 30, MOST_STEPS].map((i) =>
    word(count(i), BOTTOM + 22, `${i}`, "sd-small", i ? (i < MOST_STEPS ? "middle" : "end") : "start"));
  return word(LEFT, BOTTOM - CURVE - 8, `disagreement from 0 to ${signed(LOWEST_DB)} dB, step by step`)
    + line(LEFT, BOTTOM, LEFT + plot, BOTTOM, "sd-axis") + curve(n_steps + 1, points, "sd-accent") + labels.join("");
}

/**
 * What can be taken hold of: crests and whole rows, and the step.
 * @param {State} state @param {number[]} now @param {number} error_db @param {ReturnType<typeof places>} place
 */
function holds({ n_steps }, now, error_db, { plot, count, crest, turn }) {
  const grips = /** @type {Drawing["grips"]} */ ({});
  const surfaces = /** @type {Drawing["surfaces"]} */ ({});
  now.forEach((phase, m) => {
    const name = `phase${m + 1}`, text = `${round(phase)} degrees; all three: ${decibels(error_db)} decibels`;
    grips[name] = { x: crest(m, phase), y: rowOf(m) - ROW / 2 + 2, text, move: ({ x }) => caught(turn(x - crest(m, 0)), m, now) };
    surfaces[name] = { x: LEFT, y: rowOf(m) - ROW / 2, width: plot, height: ROW,
      drags: { [name]: (to, from) => caught(from.value + turn(to.x - from.x), m, now) } };
  });
  grips.n_steps = { x: count(n_steps), y: BOTTOM, text: `step ${n_steps}: ${decibels(error_db)} decibels`,
    move: ({ x }) => (x - LEFT) / plot * MOST_STEPS };
  surfaces.n_steps = { x: LEFT, y: BOTTOM - CURVE, width: plot, height: CURVE };
  return { grips, surfaces };
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
    const now = degrees(state, data), [phase1, phase2, phase3] = state.n_steps ? now : [state.phase1, state.phase2, state.phase3];
    return { ...state, phase1, phase2, phase3, n_steps: 0, [key]: value };
  },

  draw(state, data, width) {
    const { tone, hertz } = data, all = steps(state, data), { y, error_db } = all[state.n_steps];
    const place = places(tone, y.length, width), now = degrees(state, data);
    const { grips, surfaces } = holds(state, now, error_db, place);
    return {
      height: BOTTOM + 30, grips, surfaces,
      marks: frames(all[state.n_steps].Y, tone, now, place) + sumOf(y, tone, place)
        + fallOf(all, state.n_steps, place),
      says: `After step ${state.n_steps} the frames disagree by ${decibels(error_db)} decibels.`,
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
    const n = N_FFT * Math.ceil(LOWEST_RATE / (cycle_hz * N_FFT)), sr = Math.round(n * cycle_hz);
    return { key: `${data.key} ${state.n_steps}`, sound: { x: roundSound(Y, data.tone, n), sr } };
  },
};
