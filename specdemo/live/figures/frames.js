/** A frame is what a lens shows of a sound; the spectrogram is its trail. */

import { countFrames, indexOfLargest, makeLens } from "../js/dsp/lens.js";
import { frequencyLabel, frequencyTicks, makeScale, timeTicks } from "../js/parts/axes.js";
import { fitted } from "../js/parts/handles.js";
import { area, curve, line, rect, word } from "../js/parts/svg.js";
import { round } from "../js/parts/text.js";

// What the colours and the spectrum show: dB below the strongest that this sound could be.
const RANGE_DB = 75, LOUDEST_DB = -6;
const ROWS = 96, HIGHEST_HZ = 4000;
const WAVE = 118, MAP = 190, GUTTER = 38, TOP = 34, BETWEEN = 32;

/** Even lengths, four to the octave around the book's own of 46 ms, that fit in half of the sound. */
function lengths(n_samples, sr) {
  const usual = Math.max(4, 2 ** Math.round(Math.log2(0.046 * sr)));
  const stops = Array.from({ length: 25 }, (_, i) => 2 * Math.round(usual * 2 ** (i / 4 - 4) / 2));
  return stops.filter((n, i) => (n <= n_samples / 2 || !i) && n >= 4);
}

/** The level of a column's rows as bytes from 1 to 240. */
function bytesOf(size, reference, frequencies, bin_hz) {
  return frequencies.map((f, r) => {
    const last = Math.min(size.length - 1, Math.floor((f + HIGHEST_HZ / ROWS) / bin_hz));
    let most = size[Math.min(size.length - 1, Math.round(f / bin_hz))];
    for (let k = Math.ceil(f / bin_hz); k <= last; k++) most = Math.max(most, size[k]);
    return 1 + Math.round(239 * heightOf(most, reference));
  });
}

function heightOf(size, reference) {
  const level = 20 * Math.log10(size / reference + 1e-9);
  return Math.min(1, Math.max(0, (level - LOUDEST_DB) / RANGE_DB + 1));
}

/**
 * What the lens has seen so far of a grid, a column for each frame; it is kept while the grid is.
 * @param {any} data @param {State} state @param {number} last frame
 */
function trail(data, { n_fft, hop_length }, last) {
  const { x, sr, top } = data, grid = `${n_fft} ${hop_length}`;
  if (data.grid !== grid) Object.assign(data, { grid, columns: [], lens: makeLens(x, n_fft) });
  const { columns, lens, frequencies } = data, reference = top * n_fft / 4;
  for (let m = columns.length; m <= last; m++)
    columns.push(bytesOf(lens(m * hop_length).size, reference, frequencies, sr / n_fft));
  const n = last + 1, bytes = new Uint8Array(ROWS * n);
  for (let m = 0; m < n; m++)
    for (let r = 0; r < ROWS; r++) bytes[(ROWS - 1 - r) * n + m] = columns[m][r];
  return { columns: n, rows: ROWS, bytes };
}

function layout(width) {
  const side = Math.max(72, 0.22 * width), plot = width - GUTTER - side - 16;
  return { side, plot, right: GUTTER + plot + 16, map: TOP + WAVE + BETWEEN };
}

/** @type {FigureKind} */
export const frames = {
  name: "frames",
  title: "A lens over a waveform, what it shows, and the spectrogram that it leaves behind",
  hear: "Play, the lens walks",

  prepare({ x, sr }) {
    const top = x.reduce((peak, v) => Math.max(peak, Math.abs(v)), 1e-9), high = Math.min(HIGHEST_HZ, sr / 2);
    const frequencies = Array.from({ length: ROWS }, (_, r) => r * high / ROWS);
    return { x, sr, top, high, frequencies, duration: x.length / sr, stops: lengths(x.length, sr) };
  },

  start: ({ x, sr, stops }) => ({
    time: 0.3 * x.length / sr, n_fft: fitted({ stops }, 0.046 * sr), hop_length: fitted({ stops }, 0.0115 * sr),
  }),

  handles({ duration, stops }) {
    const length = { key: "n_fft", stops };
    return [
      { name: "time", label: "Lens, in seconds", min: 0, max: duration, step: 0.001, page: 0.1 },
      { name: "hop_length", label: "Next lens: hop, in samples", stops },
      { name: "left", label: "Left edge of the lens: length in samples", ...length },
      { name: "right", label: "Right edge of the lens: length in samples", ...length },
    ];
  },

  draw(state, data, width, seen) {
    const { x, sr, top, high, duration } = data, { n_fft, hop_length } = state;
    const { side, plot, right, map } = layout(width), middle = TOP + WAVE / 2, floor = map + MAP;
    const n_frames = countFrames(x.length, hop_length);
    const frameOf = (t) => Math.min(n_frames - 1, Math.round(t * sr / hop_length));
    const m = frameOf(state.time), at = m * hop_length / sr, last = frameOf(seen.time.high);
    const raster = trail(data, state, last), { frame, size } = data.lens(m * hop_length);
    const X = (t) => GUTTER + plot * t / duration, Y = (f) => floor - MAP * f / high;
    const half = n_fft / 2 / sr, step = hop_length / sr, bin_hz = sr / n_fft, height = (v) => v * (WAVE / 2 - 4) / top;
    const bump = (centre) => (i) =>
      [X(centre - half + i / 24 * 2 * half), TOP + WAVE - WAVE * (0.5 - 0.5 * Math.cos(Math.PI * i / 12))];
    const n_points = Math.min(x.length, 2 * Math.round(plot)), bins = Math.min(size.length, Math.ceil(high / bin_hz) + 1);
    const loudest = indexOfLargest(size) * bin_hz, milliseconds = 1000 * n_fft / sr;
    const part = Math.max(1, Math.floor(n_fft / 400)), shown = Math.floor(n_fft / part);
    const stripes = curve(n_points, (i) => {
      const from = Math.floor(i / n_points * x.length), to = Math.floor((i + 1) / n_points * x.length);
      let v = x[from];
      for (let t = from; t < to; t++) if (i % 2 ? x[t] > v : x[t] < v) v = x[t];
      return [X(from / sr), middle - height(v)];
    }, "sd-wave");
    const scale = makeScale("linear", 2 * high, "slaney");
    const marks = [
      rect(GUTTER, map, plot, MAP, "sd-empty"), stripes,
      area(25, bump(at), TOP + WAVE, "sd-lens"), curve(25, bump(at + step), "sd-next"),
      line(X(at), TOP, X(at), floor, "sd-guide"),
      word(right, TOP - 20, "the frame"), word(GUTTER, TOP - 20, "the sound"),
      curve(shown, (i) => [right + side * i / shown, middle - height(frame[i * part])], "sd-accent"),
      word(right, map - 7, "its spectrum"), word(GUTTER, map - 7, "the trail, in Hz"),
      curve(bins, (k) => [right + side * heightOf(size[k], top * n_fft / 4), Y(k * bin_hz)], "sd-accent"),
      line(right, map, right, floor, "sd-axis"),
      ...frequencyTicks(scale, "linear", MAP).map((f) => word(GUTTER - 5, Y(f) + 4, frequencyLabel(f), "sd-small", "end")),
      ...timeTicks({ start: 0, end: duration }, plot).map((t) => word(X(t), floor + 17, `${round(t, 2)}`, "sd-small", "middle")),
      word(right, floor + 17, "s"),
    ].join("");
    const moment = `frame ${m} at ${round(at, 3)} seconds, loudest at ${round(loudest)} hertz`;
    const long = `${round(milliseconds, 1)} milliseconds, bins ${round(bin_hz, 1)} hertz apart`;
    const inside = (v) => Math.min(GUTTER + plot + 8, Math.max(GUTTER - 8, v));
    const edge = (sign) => ({ x: inside(X(at + sign * half) + 9 * sign), y: middle, text: long,
      move: (to) => 2 * sr * Math.max(1e-4, sign * ((to.x - 9 * sign - GUTTER) / plot * duration - at)) });
    const setTime = ({ x: place }) => (place - GUTTER) / plot * duration;
    return {
      height: floor + 24, marks, says: moment,
      raster: { ...raster, key: `${data.grid} ${last} ${width}`, x: X(-step / 2), y: map, width: plot * (last + 1) * step / duration, height: MAP },
      grips: {
        time: { x: X(at), y: TOP, text: moment, move: setTime }, left: edge(-1), right: edge(1),
        hop_length: { x: inside(X(at + step)), y: TOP + WAVE + 2, text: `${round(1000 * step, 1)} milliseconds from frame to frame`,
          move: (to) => sr * Math.max(1e-4, setTime(to) - at) },
      },
      surfaces: { time: { x: GUTTER, y: TOP, width: plot, height: floor - TOP } },
      numbers: [
        { name: "frame", label: "frame", text: `${m}` }, { name: "length", label: "long", text: `${round(milliseconds, 1)} ms` },
        { name: "bin", label: "bins apart", text: `${round(bin_hz, 1)} Hz` },
        { name: "loudest", label: "loudest at", text: `${round(loudest)} Hz` },
      ],
    };
  },

  heard: ({ n_fft }, { x, sr }) => ({ key: "sound", sound: { x, sr } }),
  walked: (state, { duration }, passed) => ({ ...state, time: passed % duration }),
};
