/** A spectrogram is a picture of a sound, and any piece of it can be heard. */

import { peakOf } from "../js/dsp/arrays.js";
import { cellsIn, makePlane, shareOf, soundOf } from "../js/dsp/excerpt.js";
import { countFrames, makeTrail } from "../js/dsp/lens.js";
import { makeGrid } from "../js/dsp/stft.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { secondsAxis } from "../js/parts/seconds.js";
import { line, tag, tenth, word } from "../js/parts/svg.js";
import { round } from "../js/parts/text.js";

const HIGHEST_HZ = 8000, TOP = 26, MAP = 260, GUTTER = 44, FLOOR = TOP + MAP;
// The smallest piece, in parts of what there is; how far beside an edge it is taken hold of.
const LEAST = 0.02, REACH = 7;

/** Where times and frequencies lie. */
function places({ duration, high_hz }, width) {
  const plot = width - GUTTER - 12;
  return {
    plot, X: (t) => GUTTER + plot * t / duration, Y: (f) => FLOOR - MAP * f / high_hz,
    time: (x) => (x - GUTTER) / plot * duration, hertz: (y) => (FLOOR - y) / MAP * high_hz,
  };
}

/** What lies outside is faint; the frame stands around the rest. @param {State} state */
function frameOf({ start, end, low, high }, edge, { plot, X, Y }) {
  const round = (x1, y1, x2, y2) => `M${tenth(x1)} ${tenth(y1)}H${tenth(x2)}V${tenth(y2)}H${tenth(x1)}Z`;
  const hole = round(X(start), Y(high), X(end), Y(low)), all = round(edge, TOP, GUTTER + plot + 1, FLOOR);
  return tag("path", { class: "sd-veil", d: all + hole }) + tag("path", { class: "sd-around", d: hole });
}

function axes({ duration, high_hz }, { plot, Y }) {
  const rows = hertzTicks(high_hz, MAP).map((f) =>
    word(GUTTER - 11, Y(f) + 4, frequencyLabel(f), "sd-small", "end"));
  return [word(GUTTER - 11, TOP - 12, "Hz", "sd-small", "end"), ...rows, secondsAxis(duration, GUTTER, plot, FLOOR + 19)].join("");
}

/**
 * The piece as a whole, drawn to elsewhere: it keeps its size.
 * @param {State} state @returns {Record<string, Move>}
 */
function dragsOf({ start, end, low, high }, { duration, high_hz }, { time, hertz }) {
  const along = (to, { x, value }) => value + time(to.x) - time(x), up = (to, { y, value }) => value + hertz(to.y) - hertz(y);
  return {
    start: (to, from) => Math.min(along(to, from), duration - (end - start)), end: (to, from) => Math.max(along(to, from), end - start),
    low: (to, from) => Math.min(up(to, from), high_hz - (high - low)), high: (to, from) => Math.max(up(to, from), high - low),
  };
}

/** A new piece, from where the pointer came down to where it is; a tap is none. @returns {Record<string, Move>} */
function drawnAnew({ time, hertz }) {
  const edge = (from, of) => (to, start) => (Math.hypot(to.x - start.x, to.y - start.y) < REACH ? start.value : from(of(to), of(start)));
  const along = ({ x }) => time(x), up = ({ y }) => hertz(y);
  return { start: edge(Math.min, along), end: edge(Math.max, along), low: edge(Math.min, up), high: edge(Math.max, up) };
}

/** @type {FigureKind} */
export const excerpt = {
  name: "excerpt",
  title: "A spectrogram, and a frame over it whose four edges can be drawn",
  hear: "Hear what is inside",
  hasHead: true,

  prepare({ x, sr }) {
    const n_fft = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr))), hop_length = n_fft / 4;
    const plane = makePlane(x, makeGrid({ sr, n_fft, hop_length })), high_hz = Math.min(HIGHEST_HZ, sr / 2);
    const top = peakOf(x);
    const raster = makeTrail({ x, sr, top, high: high_hz }, plane.grid)(countFrames(x.length, hop_length) - 1);
    return { plane, raster, high_hz, sr, duration: x.length / sr, step: hop_length / sr };
  },

  start: ({ duration, high_hz }) =>
    ({ start: 0.1 * duration, end: 0.9 * duration, low: 0.02 * high_hz, high: 0.12 * high_hz }),

  handles({ duration, high_hz }) {
    const time = { step: duration / 400, page: duration / 20 }, hertz = { step: high_hz / 400, page: high_hz / 20 };
    const least = LEAST * duration, narrow = LEAST * high_hz;
    return [
      { name: "high", label: "Upper edge, in hertz", min: narrow, max: high_hz, ...hertz },
      { name: "low", label: "Lower edge, in hertz", min: 0, max: high_hz - narrow, ...hertz },
      { name: "start", label: "Left edge, in seconds", min: 0, max: duration - least, ...time },
      { name: "end", label: "Right edge, in seconds", min: least, max: duration, ...time },
    ];
  },

  /** An edge pushes the one across before it. */
  changed(state, key, value, { duration, high_hz }) {
    const moved = { ...state, [key]: value }, least = LEAST * duration, narrow = LEAST * high_hz;
    if (key === "start") moved.end = Math.max(moved.end, value + least);
    if (key === "end") moved.start = Math.min(moved.start, value - least);
    if (key === "low") moved.high = Math.max(moved.high, value + narrow);
    if (key === "high") moved.low = Math.min(moved.low, value - narrow);
    return moved;
  },

  draw(state, data, width, seen, passed) {
    const place = places(data, width), { plot, X, Y, time, hertz } = place, { start, end, low, high } = state;
    const cells = cellsIn(state, data.plane), share = round(100 * shareOf(cells, data.plane), 1);
    const span = `${start.toFixed(2)} to ${end.toFixed(2)} s`, band = `${round(low)} to ${round(high)} Hz`;
    const text = `${band.replace("Hz", "hertz")}, ${span.replace(" s", " seconds")}: ${share} per cent of the energy`;
    const middle = Y((low + high) / 2), centre = X((start + end) / 2), n_frames = data.raster.columns;
    const length = Math.max(data.step, (cells.last - cells.first) * data.step);
    const now = X(Math.min(end, start + (passed ?? 0) % length));
    const head = passed ? line(now, Y(high), now, Y(low), "sd-walks") : "";
    return {
      height: FLOOR + 28, says: text, marks: frameOf(state, X(-data.step / 2), place) + axes(data, place) + head,
      raster: { ...data.raster, key: `${width}`, x: X(-data.step / 2), y: TOP,
        width: plot * n_frames * data.step / data.duration, height: MAP },
      grips: {
        high: { x: centre, y: Y(high), text, move: ({ y }) => hertz(y) },
        low: { x: centre, y: Y(low), text, move: ({ y }) => hertz(y) },
        start: { x: X(start), y: middle, text, move: ({ x }) => time(x) },
        end: { x: X(end), y: middle, text, move: ({ x }) => time(x) },
      },
      surfaces: {
        around: { x: GUTTER, y: TOP, width: plot, height: MAP, drags: drawnAnew(place) },
        inside: { x: X(start), y: Y(high), width: X(end) - X(start), height: Y(low) - Y(high), drags: dragsOf(state, data, place) },
        high: { x: X(start), y: Y(high) - REACH, width: X(end) - X(start), height: 2 * REACH },
        low: { x: X(start), y: Y(low) - REACH, width: X(end) - X(start), height: 2 * REACH },
        start: { x: X(start) - REACH, y: Y(high), width: 2 * REACH, height: Y(low) - Y(high) },
        end: { x: X(end) - REACH, y: Y(high), width: 2 * REACH, height: Y(low) - Y(high) },
      },
      numbers: [
        { name: "band", label: "band", text: band }, { name: "span", label: "time", text: span },
        { name: "share", label: "of all energy", text: `${share} %` },
      ],
    };
  },

  /** The piece over and over; it is worked out when it is asked for, and once. */
  heard(state, data) {
    const { start, end, low, high } = state, key = `${start} ${end} ${low} ${high}`;
    return {
      key,
      get sound() {
        if (data.key !== key) Object.assign(data, { key, x: soundOf(cellsIn(state, data.plane), data.plane) });
        return { x: data.x, sr: data.sr };
      },
    };
  },
};
