/** A frame is what a lens shows of a sound; the spectrogram is its trail. */

import { peakOf } from "../js/dsp/arrays.js";
import { countFrames, heightOf, indexOfLargest, inside, lensLengths, makeLens, makeTrail } from "../js/dsp/lens.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { fitted } from "../js/parts/handles.js";
import { secondsAxis } from "../js/parts/seconds.js";
import { area, curve, line, rect, word } from "../js/parts/svg.js";
import { round } from "../js/parts/text.js";

const HIGHEST_HZ = 4000;
const WAVE = 118, MAP = 190, GUTTER = 38, TOP = 34, BETWEEN = 32, EDGE = 9;
const MIDDLE = TOP + WAVE / 2, MAP_TOP = TOP + WAVE + BETWEEN, FLOOR = MAP_TOP + MAP;

/** Where times, frequencies and samples lie, and the column beside them. */
function places({ duration, high, top }, width) {
  const side = Math.max(86, 0.22 * width), plot = width - GUTTER - side - 16;
  return {
    side, plot, right: GUTTER + plot + 16,
    X: (t) => GUTTER + plot * t / duration, Y: (f) => FLOOR - MAP * f / high,
    high: (v) => v * (WAVE / 2 - 4) / top, time: (x) => (x - GUTTER) / plot * duration,
  };
}

/**
 * What the lens sees: the frame, its spectrum, and the trail as far as it has been.
 * @param {any} data @param {State} state @param {Seen} seen
 */
function look(data, { time, n_fft, hop_length }, seen) {
  const { x, sr } = data, n_frames = countFrames(x.length, hop_length);
  const frameOf = (t) => Math.min(n_frames - 1, Math.round(t * sr / hop_length));
  const key = `${n_fft} ${hop_length}`, m = frameOf(time), last = frameOf(seen.time.high);
  if (data.key !== key)
    Object.assign(data, { key, lens: makeLens(x, n_fft), trail: makeTrail(data, { n_fft, hop_length }) });
  if (data.last !== `${key} ${last}`)
    Object.assign(data, { last: `${key} ${last}`, raster: inside(data.trail(last), x.length / hop_length) });
  const half = n_fft / 2 / sr, step = hop_length / sr;
  return { ...data.lens(m * hop_length), m, last, at: m * step, half, step, bin_hz: sr / n_fft };
}

/** The sound, as the least and the largest sample under each pixel. */
function wave({ x, sr }, { X, plot, high }) {
  const n = Math.min(x.length, 2 * Math.round(plot));
  return curve(n, (i) => {
    const from = Math.floor(i / n * x.length), to = Math.floor((i + 1) / n * x.length);
    let v = x[from];
    for (let t = from; t < to; t++) if (i % 2 ? x[t] > v : x[t] < v) v = x[t];
    return [X(from / sr), MIDDLE - high(v)];
  }, "sd-wave");
}

/** The lens, as its window, the next one, and the line down to its column. */
function lenses({ at, half, step }, { X }) {
  const bump = (centre) => (i) => [
    X(centre - half + i / 24 * 2 * half),
    TOP + WAVE - WAVE * (0.5 - 0.5 * Math.cos(Math.PI * i / 12)),
  ];
  return area(25, bump(at), TOP + WAVE, "sd-lens") + curve(25, bump(at + step), "sd-next")
    + line(X(at), TOP, X(at), FLOOR, "sd-guide");
}

/** The frame and its spectrum, which stands on the axis of the trail. */
function column({ frame, size, bin_hz }, { top, high }, { right, side, Y, high: up }) {
  const part = Math.max(1, Math.floor(frame.length / 400)), shown = Math.floor(frame.length / part);
  const bins = Math.min(size.length, Math.ceil(high / bin_hz) + 1), reference = top * frame.length / 4;
  return word(right, TOP - 20, "the frame") + word(right, MAP_TOP - 7, "its spectrum")
    + curve(shown, (i) => [right + side * i / shown, MIDDLE - up(frame[i * part])], "sd-accent")
    + curve(bins, (k) => [right + side * heightOf(size[k], reference), Y(k * bin_hz)], "sd-accent")
    + line(right, MAP_TOP, right, FLOOR, "sd-axis");
}

function axes({ duration, high }, { Y, plot }) {
  const rows = hertzTicks(high, MAP).map((f) =>
    word(GUTTER - 5, Y(f) + 4, frequencyLabel(f), "sd-small", "end"));
  return [...rows, secondsAxis(duration, GUTTER, plot, FLOOR + 17), word(GUTTER, TOP - 20, "the sound"),
    word(GUTTER, MAP_TOP - 7, "the trail, in Hz"), rect(GUTTER, MAP_TOP, plot, MAP, "sd-empty")].join("");
}

/** Where the handles are, and where they go. */
function gripsOf({ at, half, step }, { sr }, { X, plot, time }, { moment, long }) {
  const inside = (x) => Math.min(GUTTER + plot + 8, Math.max(GUTTER - 8, x));
  const edge = (sign) => ({
    x: inside(X(at + sign * half) + EDGE * sign), y: MIDDLE, text: long,
    move: ({ x }) => 2 * sr * Math.max(1e-4, sign * (time(x - EDGE * sign) - at)),
  });
  return {
    time: { x: X(at), y: TOP, text: moment, move: ({ x }) => time(x) },
    left: edge(-1), right: edge(1),
    hop_length: {
      x: inside(X(at + step)), y: TOP + WAVE + 2,
      text: `${round(1000 * step, 1)} milliseconds from frame to frame`,
      move: ({ x }) => sr * Math.max(1e-4, time(x) - at),
    },
  };
}

/** @type {FigureKind} */
export const frames = {
  name: "frames",
  title: "A lens over a waveform, what it shows, and the spectrogram that it leaves behind",
  hear: "Play, the lens walks",

  prepare({ x, sr }) {
    const top = peakOf(x);
    const high = Math.min(HIGHEST_HZ, sr / 2), duration = x.length / sr;
    return { x, sr, top, high, duration, stops: lensLengths(x.length, sr) };
  },

  start: ({ sr, duration, stops }) => ({ time: 0.3 * duration,
    n_fft: fitted({ stops }, 0.046 * sr), hop_length: fitted({ stops }, 0.0115 * sr) }),

  handles({ duration, stops }) {
    const length = { key: "n_fft", stops };
    return [
      { name: "time", label: "Lens, in seconds", min: 0, max: duration, step: 0.001, page: 0.1, walks: true },
      { name: "hop_length", label: "Next lens: hop, in samples", stops },
      { name: "left", label: "Left edge of the lens: length in samples", ...length, reversed: "x" },
      { name: "right", label: "Right edge of the lens: length in samples", ...length },
    ];
  },

  draw(state, data, width, seen) {
    const place = places(data, width), { X, plot } = place, view = look(data, state, seen);
    const { m, at, step, bin_hz, size } = view, milliseconds = round(1000 / bin_hz, 1);
    const loudest = round(indexOfLargest(size) * bin_hz), apart = round(bin_hz, 1);
    const moment = `frame ${m} at ${round(at, 3)} seconds, loudest at ${loudest} hertz`;
    const long = `${milliseconds} milliseconds, bins ${apart} hertz apart`;
    return {
      height: FLOOR + 24, says: moment,
      marks: wave(data, place) + lenses(view, place) + column(view, data, place) + axes(data, place),
      raster: { ...data.raster, key: `${data.last} ${width}`, x: X(0), y: MAP_TOP,
        width: plot * data.raster.columns / 2 * step / data.duration, height: MAP },
      grips: gripsOf(view, data, place, { moment, long }),
      surfaces: { time: { x: GUTTER, y: TOP, width: plot, height: FLOOR - TOP } },
      numbers: [
        { name: "frame", label: "frame", text: `${m}` },
        { name: "length", label: "long", text: `${milliseconds} ms` },
        { name: "hop", label: "the next one after", text: `${round(1000 * step, 1)} ms` },
        { name: "bin", label: "bins apart", text: `${apart} Hz` },
        { name: "loudest", label: "loudest at", text: `${loudest} Hz` },
      ],
    };
  },

  heard: (_, { x, sr }) => ({ key: "sound", sound: { x, sr } }),
  walked: (state, { duration }, passed) => ({ ...state, time: passed % duration }),
};
