/** The loss budget as stairs: one stands on a step, and hears what has come back from it. */

import { N_MELS, STEPS, measureStairs } from "../js/dsp/stairs.js";
import { line, rect, tag, word } from "../js/parts/svg.js";
import { round, thousands } from "../js/parts/text.js";

const LEFT = 14, TOP = 40, STAIRS = 190, MAP = 150, RANGE_DB = 75;
const FLOOR = TOP + STAIRS, MAP_TOP = FLOOR + 62, BOTTOM = MAP_TOP + MAP, LAST = STEPS.length - 1;

function places({ deepest }, width) {
  const plot = width - 2 * LEFT, tread = plot / STEPS.length;
  return {
    plot, tread, X: (i) => LEFT + tread * i, middle: (i) => LEFT + tread * (i + 0.5),
    Y: (db) => TOP + (STAIRS - 26) * db / deepest, step: (x) => (x - LEFT) / tread - 0.5,
  };
}

/** A staircase that leads down to the right, as deep as each step is far from the clip. */
function treads(steps, key, kind, { X, Y }) {
  const path = steps.map((step, i) => `${i ? "L" : "M"}${X(i).toFixed(1)} ${Y(step[key]).toFixed(1)}H${X(i + 1).toFixed(1)}`);
  return tag("path", { d: path.join(""), class: kind });
}

/** @param {any} data @param {State} state @param {ReturnType<typeof places>} place */
function stairMarks({ steps }, { step, mark }, place) {
  const { X, Y, middle, tread, plot } = place, { name } = steps[step];
  const names = steps.map((one, i) => word(middle(i), FLOOR + 16, tread < 75 ? one.name.replace("gnitude", "gn.") : one.name, "sd-small", "middle"));
  const last = steps[LAST], right = LEFT + plot;
  return rect(X(step), TOP - 14, tread, STAIRS + 14, "sd-field")
    + line(LEFT, Y(0), right, Y(0), "sd-axis") + word(LEFT, TOP - 22, "as the clip")
    + line(middle(mark), TOP - 14, middle(mark), FLOOR, "sd-guide") + treads(steps, "bins_db", "sd-accent", place) + treads(steps, "bands_db", "sd-next", place)
    // Between two places of the flag.
    + word(LEFT + tread, FLOOR - 8, "dB off", "sd-small", "middle")
    + word(right, Y(last.bins_db) + 16, "bins", "sd-small", "end") + word(right, Y(last.bands_db) - 7, "bands", "sd-small", "end")
    + names.join("") + word(middle(mark) + 14, FLOOR + 35, "flag")
    + word(LEFT, MAP_TOP - 8, step ? `what came back from ${name}, in mel bands` : "the clip, in mel bands")
    + rect(LEFT, MAP_TOP, plot, MAP, "sd-empty");
}

/** The bands of a sound as a picture, made once for each. */
function rasterOf(step) {
  const { M, n_frames, loudest } = step;
  step.bytes ??= Uint8Array.from({ length: M.length }, (_, i) => {
    const b = N_MELS - 1 - Math.floor(i / n_frames), v = M[i % n_frames * N_MELS + b];
    const level = loudest > 0 ? 20 * Math.log10(v / loudest + 1e-9) : -RANGE_DB;
    return 1 + Math.round(239 * Math.min(1, Math.max(0, 1 + level / RANGE_DB)));
  });
  return { columns: n_frames, rows: N_MELS, bytes: step.bytes };
}

/** @type {FigureKind} */
export const stairs = {
  name: "stairs",
  title: "The loss budget as stairs, and the mel bands of the sound on the step one stands on",
  hear: "Hear the step",

  prepare(sound) {
    const steps = measureStairs(sound);
    return { steps, sr: sound.sr, deepest: Math.max(1, ...steps.flatMap(({ bins_db, bands_db }) => [bins_db, bands_db])) };
  },

  start: () => ({ step: 0, mark: 0 }),

  handles: () => [
    { name: "step", label: "Step one stands on, from the clip down", min: 0, max: LAST, page: 2 },
    { name: "mark", label: "Flag: the first step where you hear it", min: 0, max: LAST, page: 2 },
  ],

  draw(state, data, width) {
    const { steps } = data, place = places(data, width), { middle, step: stepAt, plot } = place;
    const { name, numbers, bins_db, bands_db } = steps[state.step], flag = steps[state.mark];
    const text = `${name}: ${Math.round(numbers)} numbers a second, bins ${round(bins_db, 1)} decibels off, bands ${round(bands_db, 1)}`;
    return {
      height: BOTTOM + 10, says: text,
      marks: stairMarks(data, state, place),
      raster: { ...rasterOf(steps[state.step]), key: `${state.step} ${width}`, x: LEFT, y: MAP_TOP, width: plot, height: MAP },
      grips: {
        step: { x: middle(state.step), y: place.Y(bins_db) - 9, text, move: ({ x }) => stepAt(x) },
        mark: { x: middle(state.mark), y: FLOOR + 30, text: `flag at ${flag.name}, bands ${round(flag.bands_db, 1)} decibels off`, move: ({ x }) => stepAt(x) },
      },
      surfaces: {
        step: { x: LEFT, y: TOP - 14, width: plot, height: STAIRS + 34 }, mark: { x: LEFT, y: FLOOR + 20, width: plot, height: 24 },
      },
      numbers: [
        { name: "numbers", label: "numbers a second", text: thousands(numbers) },
        { name: "bins", label: "bins off", text: `${bins_db.toFixed(1)} dB` },
        { name: "bands", label: "bands off", text: `${bands_db.toFixed(1)} dB` },
        { name: "flag", label: "heard from", text: state.mark ? flag.name : "\u2013" },
      ],
    };
  },

  heard: ({ step }, { steps, sr }) => ({ key: `${step}`, sound: { x: steps[step].sound, sr } }),
};
