/** Phases are found from the slopes of the magnitude, the loudest neighbour first. */

import { analysed, errorsOf, integrate, soundOf, tally } from "../js/dsp/integration.js";
import { largest } from "../js/dsp/arrays.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { secondsAxis } from "../js/parts/seconds.js";
import { line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";

const HIGHEST_HZ = 3000, LEFT = 46, TOP = 26, MAP = 250, BOTTOM = TOP + MAP, TRACK = BOTTOM + 62, KEY = 78;
const RANGE_DB = 60, GREYS = 60, ERRORS = 12, LEVELS = 15;

/** Bytes from 1: greys of cells that wait; then for each error, from blue to orange, its levels. */
const COLOURS = Array.from({ length: 256 }, (_, byte) => {
  const i = byte - 1 - GREYS, wrong = Math.floor(i / LEVELS) / (ERRORS - 1), bright = 0.4 + 0.6 * (i % LEVELS) / (LEVELS - 1);
  const mix = (right, off) => Math.round(bright * (right + wrong * (off - right)));
  if (byte <= GREYS) return Array(3).fill(Math.round(130 * byte / GREYS));
  return wrong > 1 ? [0, 0, 0] : [mix(70, 255), mix(165, 140), mix(255, 30)];
});

/**
 * What has been found: the order and the errors from a start, and the sound of a part of them. They
 * stay the same until a handle moves. @param {State} state
 */
function found(state, data) {
  if (data.start !== state.start) {
    const walk = integrate(data, state.start);
    Object.assign(data, { start: state.start, walk, errors: errorsOf(data, walk) });
  }
  const n = Math.round(data.walk.order.length * state.found / 100), key = `${state.start} ${n}`;
  if (data.key !== key) Object.assign(data, { key, n, ...soundOf(data, data.walk, n), raster: picture(data, n) });
  return data;
}

/** The cells, those that have been found in their colours. */
function picture({ n_rows, n_frames, part, walk, errors }, n) {
  const bytes = new Uint8Array(part.length);
  const place = (cell) => (n_rows - 1 - cell % n_rows) * n_frames + Math.floor(cell / n_rows);
  part.forEach((level, cell) => { bytes[place(cell)] = 1 + Math.floor(level * (GREYS - 1)); });
  for (const cell of walk.order.slice(0, n)) {
    const wrong = Math.min(ERRORS - 1, Math.floor(Math.abs(errors[cell]) / Math.PI * ERRORS));
    bytes[place(cell)] = 1 + GREYS + wrong * LEVELS + Math.floor(part[cell] * (LEVELS - 1));
  }
  return { columns: n_frames, rows: n_rows, bytes, colours: COLOURS };
}

function places({ n_frames, n_rows, duration, high }, width) {
  const plot = width - LEFT - 12, column = plot / n_frames, row = MAP / n_rows;
  const within = (value, n) => Math.min(n - 1, Math.max(0, Math.floor(value)));
  return {
    plot, X: (cell) => LEFT + column * (Math.floor(cell / n_rows) + 0.5), Y: (cell) => BOTTOM - row * (cell % n_rows + 0.5),
    cell: ({ x, y }) => within((x - LEFT) / column, n_frames) * n_rows + within((BOTTOM - y) / row, n_rows),
    time: (t) => LEFT + plot * t / duration, hertz: (f) => BOTTOM - MAP * f / high,
  };
}

function axes({ duration, high }, { plot, hertz }) {
  const rows = hertzTicks(high, MAP).map((f) => word(LEFT - 12, hertz(f) + 4, frequencyLabel(f), "sd-small", "end"));
  const right = LEFT + plot - KEY - 44;
  const key = [0, 3, 6, 9, 11].map((wrong, i) => tag("rect", { x: right + i * KEY / 5, y: 6, width: KEY / 5, height: 10,
    fill: `rgb(${COLOURS[GREYS + 1 + wrong * LEVELS + LEVELS - 1]})` }));
  /** @type {[number, number, string, string?][]} */
  const words = [[right - 6, 15, "right", "end"], [right + KEY + 6, 15, "wrong"], [LEFT - 12, 15, "Hz", "end"],
    [LEFT, TRACK - 14, "cells found, %"],
    ...[0, 50, 100].map((p) => /** @type {[number, number, string, string]} */ ([LEFT + plot * p / 100, TRACK + 24, `${p}`, "middle"]))];
  return [...rows, secondsAxis(duration, LEFT, plot, BOTTOM + 18), ...key, ...words.map(([x, y, text, anchor]) => word(x, y, text, "sd-small", anchor)),
    rect(LEFT, TOP, plot, MAP, "sd-empty"), line(LEFT, TRACK, LEFT + plot, TRACK, "sd-axis")].join("");
}

/** @type {FigureKind} */
export const integration = {
  name: "integration",
  title: "A spectrogram whose cells are coloured as their phases are found: blue where right, orange where wrong",
  hear: "Hear what is found",

  prepare(sound) {
    const data = analysed(sound, HIGHEST_HZ), { sr, n_fft, hop_length } = data.grid;
    const top = largest(data.loud);
    const part = data.loud.map((s) => Math.max(0, 1 + 20 * Math.log10(s / (top || 1) + 1e-9) / RANGE_DB));
    return { ...data, top, part, duration: data.n_frames * hop_length / sr, high: data.n_rows * sr / n_fft };
  },
  start: ({ loud, top }) => ({ start: loud.indexOf(top), found: 25 }),

  handles: ({ loud, n_rows }) => [
    { name: "start", label: "Start: a step is a bin, a page a frame", min: 0, max: loud.length - 1, page: n_rows },
    { name: "found", label: "Cells found, in per cent", min: 0, max: 100, page: 10 },
  ],

  draw(state, data, width) {
    const place = places(data, width), { X, Y, plot } = place, { key, n, walk, errors, error_db, raster } = found(state, data);
    const { share, wrong } = tally(data, walk, errors, n), { sr, n_fft, hop_length } = data.grid;
    const degrees = round(wrong * 180 / Math.PI), off = `error ${signed(error_db.toFixed(1))} decibels`;
    const time = round(Math.floor(state.start / data.n_rows) * hop_length / sr, 2), hertz = round(state.start % data.n_rows * sr / n_fft);
    return {
      height: TRACK + 30, says: `${state.found} per cent found, ${off}`,
      marks: axes(data, place),
      raster: { ...raster, key: `${key} ${width}`, x: LEFT, y: TOP, width: plot, height: MAP },
      grips: {
        start: { x: X(state.start), y: Y(state.start), move: place.cell,
          text: `${time} seconds, ${hertz} hertz; ${degrees} degrees off, ${off}` },
        found: { x: LEFT + plot * state.found / 100, y: TRACK, text: `${state.found} per cent, ${off}`,
          move: ({ x }) => (x - LEFT) / plot * 100 },
      },
      surfaces: {
        start: { x: LEFT, y: TOP, width: plot, height: MAP },
        found: { x: LEFT, y: TRACK - 12, width: plot, height: 24 },
      },
      numbers: [
        { name: "found", label: "found", text: `${state.found} % of the cells` },
        { name: "energy", label: "with", text: `${(100 * share).toFixed(1)} % of the energy` },
        { name: "wrong", label: "typically off by", text: `${degrees}°` },
        { name: "error", label: "error of the magnitudes", text: `${signed(error_db.toFixed(1))} dB` },
      ],
    };
  },

  heard(state, data) {
    const { key, y } = found(state, data);
    return { key, sound: { x: Float32Array.from(y), sr: data.grid.sr } };
  },
};
