/** Phase moves on with frequency; take it away, and the frames no longer add up. */

import { HOP, N_FFT, makePartial, turnOf } from "../js/dsp/phasors.js";
import { area, arrow, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const BINS = [9, 8, 7], FRAMES = 8, LOW = 6.5, HIGH = 9.5, SR = 11025, LOWEST_DB = -120;
const LEFT = 52, RIGHT = 12, TOP = 76, ROW = 54, WAVE = 110, GAP = 30, TRACK = 16;
const DIALS = BINS.length * ROW, WAVE_TOP = TOP + DIALS + GAP, MIDDLE = WAVE_TOP + WAVE / 2;
const PHASES = ["zero", "true", "random"];
const SPAN = (FRAMES - 1) * HOP + N_FFT;

/** The sound and its frames; they stay the same while one goes through them. */
function made(state, data) {
  const key = `${state.partial} ${state.astray}`;
  if (data.key !== key) Object.assign(data, { key, made: makePartial(state.partial, state.astray) });
  return data.made;
}

function places(width) {
  const plot = width - LEFT - RIGHT, track = Math.min(84, plot / 4);
  return {
    plot, X: (t) => LEFT + plot * t / SPAN, centre: (m) => LEFT + plot * (m * HOP + N_FFT / 2) / SPAN,
    Y: (bins) => TOP + DIALS * (HIGH - bins) / (HIGH - LOW),
    S: (astray) => width - RIGHT - 24 - (1 - astray) * track, track,
    radius: Math.min(ROW / 2 - 2, plot * HOP / SPAN / 2 - 1),
  };
}

/** How far the phases are led astray, and where to. */
const ways = ({ S, track }) => word(S(-1) - 26, TRACK + 4, "phase", "sd-small", "end")
  + line(S(-1), TRACK, S(1), TRACK, "sd-axis") + line(S(0), TRACK - 5, S(0), TRACK + 5, "sd-axis")
  + PHASES.map((name, i) => word(S(i - 1), TRACK + 25, name, "sd-small", "middle")).join("");

/**
 * What three bins see of the partial in each frame: as long as its magnitude, turned by its phase.
 * @param {any} made @param {State} state
 */
function dials({ Y }, state, { X, Y: row, centre, radius, plot }) {
  const { partial, frame } = state, { re, im, n_bins } = Y, longest = N_FFT / 4;
  const one = (bin, m) => {
    const x = centre(m), y = row(bin), i = m * n_bins + bin, scale = radius / longest;
    return tag("circle", { cx: x, cy: y, r: radius, class: "sd-dial" })
      + arrow(x, y, x + re[i] * scale, y - im[i] * scale, "sd-phasor");
  };
  const columns = Array.from({ length: FRAMES }, (_, m) => BINS.map((bin) => one(bin, m)).join(""));
  const names = BINS.map((bin) => word(LEFT - 13, row(bin) + 4, `bin ${bin}`, "sd-small", "end"));
  const wide = plot * HOP / SPAN;
  return rect(centre(frame) - wide / 2, TOP, wide, DIALS, "sd-field") + columns.join("") + names.join("")
    + line(LEFT, row(partial), X(SPAN), row(partial), "sd-guide");
}

/** The wave that the frames add up to, over the true one, and the frame that is looked at. */
function wave({ x, y }, frame, { X, plot }) {
  const start = frame * HOP, high = (v) => MIDDLE - v * (WAVE / 2 - 8);
  const bump = (i) => 0.5 - 0.5 * Math.cos(Math.PI * i / 16);
  const lens = (sign) => area(33, (i) => [X(start + i / 32 * N_FFT), high(sign * bump(i))], MIDDLE, "sd-lens");
  return word(LEFT, WAVE_TOP - 8, "what the frames add up to") + rect(LEFT, WAVE_TOP, plot, WAVE, "sd-field")
    + lens(1) + lens(-1) + curve(SPAN, (t) => [X(t), high(x[t])], "sd-faint")
    + curve(SPAN, (t) => [X(t), high(Math.max(-1.2, Math.min(1.2, y[t])))], "sd-accent");
}

/** @type {FigureKind} */
export const phasors = {
  name: "phasors",
  title: "Arrows of three neighbouring bins, frame by frame, and the wave that the frames add up to",
  hear: "Hear the wave",

  prepare: () => ({}),
  start: () => ({ partial: 8.2, frame: 3, astray: 0 }),

  handles: () => [
    { name: "partial", label: "Frequency of the partial, in bins", min: LOW, max: HIGH, step: 0.05, page: 0.5 },
    { name: "astray", label: "Phases: -1 zero, 0 true, 1 random", min: -1, max: 1, step: 0.04, page: 0.2 },
    { name: "frame", label: "Frame", min: 0, max: FRAMES - 2, page: 3 },
  ],

  draw(state, data, width) {
    const { partial, astray, frame } = state, place = places(width), { Y, S, track, plot, centre } = place;
    const found = made(state, data), near = Math.min(9, Math.max(7, Math.round(partial)));
    const turn = turnOf(found.Y, frame, near), error = found.error_db < LOWEST_DB ? `below ${LOWEST_DB}` : found.error_db.toFixed(1);
    const turned = signed((turn + 1e-9).toFixed(1)), off = `error ${signed(error)} decibels`;
    return {
      height: WAVE_TOP + WAVE + 22, says: `${round(partial, 2)} bins, ${off}`,
      marks: ways(place) + word(LEFT, TOP - 10, "frame by frame: length and phase")
        + dials(found, state, place) + wave(found, frame, place),
      grips: {
        partial: { x: LEFT, y: Y(partial), text: `${round(partial, 2)} bins, ${turned} degrees from frame to frame`,
          move: ({ y }) => HIGH - (y - TOP) / DIALS * (HIGH - LOW) },
        astray: { x: S(astray), y: TRACK, move: ({ x }) => (x - S(0)) / track,
          text: `${round(100 * Math.abs(astray))} per cent towards ${astray < 0 ? "zero" : "random"}, ${off}` },
        frame: { x: centre(frame), y: WAVE_TOP + WAVE, text: `frame ${frame}, bin ${near} turns by ${turned} degrees to the next`,
          move: ({ x }) => ((x - LEFT) / plot * SPAN - N_FFT / 2) / HOP },
      },
      surfaces: {
        partial: { x: 0, y: TOP, width: LEFT + 10, height: DIALS },
        frame: { x: LEFT + 10, y: TOP, width: plot - 10, height: WAVE_TOP + WAVE - TOP },
        astray: { x: S(-1) - 20, y: 0, width: 2 * track + 40, height: 42 },
      },
      numbers: [
        { name: "partial", label: "partial", text: `${partial.toFixed(2)} bins` },
        { name: "turn", label: `bin ${near} turns a frame by`, text: `${turned}°` },
        { name: "error", label: "error", text: `${signed(error)} dB` },
      ],
    };
  },

  heard(state, data) {
    const { y } = made(state, data);
    return { key: data.key, sound: { x: Float32Array.from(y), sr: SR } };
  },
};
