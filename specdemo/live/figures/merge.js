/** Fewer frames: one band over time, its frames merged, and drawn back. */

import { LOWEST_DB, N_MELS, drawnBack, framesOf, levelsIn, lossOf, merged } from "../js/dsp/merge.js";
import { secondsAxis } from "../js/parts/seconds.js";
import { area, curve, line, rect, tag, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

const LEFT = 14, TOP = 46, CURVE = 190, MAP = 130, HEADROOM_DB = 6, RANGE_DB = 75;
const FLOOR = TOP + CURVE, MAP_TOP = FLOOR + 62, BOTTOM = MAP_TOP + MAP, RAIL = BOTTOM + 44;
// The group whose end is taken hold of, the longest group, and how much of a level fades in a loop.
const GROUP = 4, LONGEST = 20, MOST_POWER = 2, FADE = 200;

function places({ n_frames }, width) {
  const plot = width - 2 * LEFT;
  return {
    plot, X: (m) => LEFT + plot * Math.min(n_frames, m) / n_frames, B: (b) => BOTTOM - MAP * (b + 0.5) / N_MELS,
    Y: (level) => TOP + CURVE * (HEADROOM_DB - Math.min(HEADROOM_DB, Math.max(LOWEST_DB, level))) / (HEADROOM_DB - LOWEST_DB),
    factor: (x) => (x - LEFT) / plot * n_frames / GROUP, band: (y) => (BOTTOM - y) / MAP * N_MELS - 0.5,
    P: (power) => LEFT + plot * power / MOST_POWER, power: (x) => (x - LEFT) / plot * MOST_POWER,
  };
}

/** A band, its groups, and the curve that is drawn back through them. @param {any} data @param {State} state */
function bandOf({ M, n_frames }, { factor, band, power }) {
  const row = Float64Array.from({ length: n_frames }, (_, m) => M[m * N_MELS + band]);
  const most = row.reduce((found, v) => Math.max(found, v), 0), level = (values) => levelsIn(values, most);
  const back = drawnBack(row, factor, power), levels = level(row), again = level(back);
  return { back, levels, again, groups: level(merged(row, factor, power)), ...lossOf(levels, again) };
}

function curveMarks({ levels, again, groups }, factor, { X, Y, plot }) {
  const steps = Array.from(groups, (v, j) => `${j ? "L" : "M"}${X(j * factor).toFixed(1)} ${Y(v).toFixed(1)}H${X((j + 1) * factor).toFixed(1)}`);
  const edges = Array.from(groups, (_, j) => line(X(j * factor), TOP, X(j * factor), FLOOR, "sd-faint"));
  return word(LEFT, TOP - 30, "one band in dB, merged, and drawn back") + rect(LEFT, TOP, plot, CURVE, "sd-field")
    + (factor > 2 ? edges.join("") : "") + area(levels.length, (m) => [X(m + 0.5), Y(levels[m])], FLOOR, "sd-lens")
    + tag("path", { d: steps.join(""), class: "sd-next" }) + curve(again.length, (m) => [X(m + 0.5), Y(again[m])], "sd-accent");
}

/** All bands as a picture, merged as the one is. @param {any} data @param {State} state */
function rasterOf(data, { factor, power }) {
  const { M, n_frames, loudest } = data, key = `${factor} ${power}`;
  if (data.raster?.key === key) return data.raster;
  const bytes = new Uint8Array(n_frames * N_MELS);
  for (let b = 0; b < N_MELS; b++) {
    const row = merged(Float64Array.from({ length: n_frames }, (_, m) => M[m * N_MELS + b]), factor, power);
    const shades = Uint8Array.from(row, (v) =>
      1 + 239 * Math.min(1, Math.max(0, 1 + 20 * Math.log10(v / (loudest || 1) + 1e-9) / RANGE_DB)));
    for (let m = 0; m < n_frames; m++) bytes[(N_MELS - 1 - b) * n_frames + m] = shades[Math.floor(m / factor)];
  }
  return data.raster = { columns: n_frames, rows: N_MELS, bytes, key };
}

/** @type {FigureKind} */
export const merge = {
  name: "merge",
  title: "The level of one mel band over time, its frames merged, and the curve that is drawn back through them",
  hear: "Hear the curve",

  prepare({ x, sr }) {
    const { bank, hop_length, M, loudest } = framesOf({ x, sr }), n_frames = M.length / N_MELS;
    return { M, n_frames, hop_length, sr, tips: bank.center_frequencies, n_samples: x.length, duration: n_frames * hop_length / sr, loudest };
  },

  start: () => ({ factor: 5, band: 20, power: 0 }),

  handles: () => [
    { name: "factor", label: "End of the fourth group: frames that become one", min: 1, max: LONGEST, page: 5 },
    { name: "band", label: "Band, from the lowest", min: 0, max: N_MELS - 1, page: 10 },
    { name: "power", label: "Mean of levels, 0, of amplitudes, 1, or of powers, 2", min: 0, max: MOST_POWER, step: 0.5, page: 1 },
  ],

  draw(state, data, width) {
    const place = places(data, width), { B, P, plot } = place, { factor, band, power } = state, found = bandOf(data, state);
    const off = round(found.off, 1), softer = round(found.softer, 1), long = round(1000 * factor * data.hop_length / data.sr);
    const text = `levels ${off} decibels off, the loudest frame ${softer} softer`, right = LEFT + plot;
    const duration = data.n_frames * data.hop_length / data.sr;
    const end = LEFT + plot * GROUP * factor / data.n_frames, edge = Math.min(right + 6, end);
    return {
      height: RAIL + 34, says: text,
      marks: curveMarks(found, factor, place) + secondsAxis(duration, LEFT, plot, FLOOR + 22) + line(edge, TOP, edge, FLOOR, "sd-guide")
        + word(Math.min(right - 36, Math.max(LEFT + 38, edge)), TOP - 7, "four groups", "sd-small", "middle") + word(LEFT, MAP_TOP - 8, "all bands, merged") + rect(LEFT, MAP_TOP, plot, MAP, "sd-empty")
        + line(LEFT, B(band), right, B(band), "sd-guide") + line(LEFT, RAIL, right, RAIL, "sd-axis")
        + ["mean of levels", "of amplitudes", "of powers"].map((name, i) => word(P(i), RAIL + 28, name, "sd-small", ["start", "middle", "end"][i])).join(""),
      raster: { ...rasterOf(data, state), key: `${factor} ${power} ${width}`, x: LEFT, y: MAP_TOP, width: plot, height: MAP },
      grips: {
        factor: { x: edge, y: FLOOR, text: `${factor} frames, ${long} milliseconds, ${text}`, move: ({ x }) => (edge < end && x === edge ? factor : place.factor(x)) },
        band: { x: right - 8, y: B(band), text: `band ${band} at ${round(data.tips[band])} hertz, ${text}`, move: ({ y }) => place.band(y) },
        power: { x: P(power), y: RAIL, text: `exponent ${power}, ${text}`, move: ({ x }) => place.power(x) },
      },
      surfaces: { factor: { x: LEFT, y: TOP, width: plot, height: CURVE }, band: { x: LEFT, y: MAP_TOP, width: plot, height: MAP }, power: { x: LEFT, y: RAIL - 14, width: plot, height: 46 } },
      numbers: [
        { name: "long", label: "one value for", text: `${long} ms` },
        { name: "band", label: `band ${band} at`, text: `${round(data.tips[band])} Hz` },
        { name: "off", label: "error of the levels", text: `${found.off.toFixed(1)} dB` },
        { name: "softer", label: "loudest frame softer by", text: `${signed(found.softer.toFixed(1))} dB` },
      ],
    };
  },

  /** A tone at the band's centre, as loud as the curve. */
  heard: (state, data) => loopLater(JSON.stringify(state), () => {
    const { sr, hop_length, n_frames, n_samples, tips } = data, { back } = bandOf(data, state), step = 2 * Math.PI * tips[state.band] / sr;
    const x = Float32Array.from({ length: n_samples }, (_, t) => {
      const at = Math.min(n_frames - 1, t / hop_length), m = Math.floor(at), next = back[Math.min(n_frames - 1, m + 1)];
      const ends = Math.min(1, t / FADE, (n_samples - 1 - t) / FADE);
      return ends * (back[m] + (at - m) * (next - back[m])) * Math.sin(step * t);
    });
    return { x, sr };
  }),
};
