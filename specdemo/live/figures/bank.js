/** A mel bank: triangles over the bins of a frame, and how much each of them collects. */

import { peakOf } from "../js/dsp/arrays.js";
import { bandsOf, scaleOf, shortFrame, weightOf } from "../js/dsp/bands.js";
import { loopOf } from "../js/dsp/loops.js";
import { hzToMel } from "../js/dsp/melscale.js";
import { frequencyLabel, hertzTicks } from "../js/parts/axes.js";
import { line, rect, tag, through, word } from "../js/parts/svg.js";
import { round, signed } from "../js/parts/text.js";
import { loopLater } from "../js/parts/voice.js";

const LEFT = 14, TOP = 32, BINS = 150, BARS = 120, SIDE = 62;
// How high an empty band is drawn.
const GAP = 8;
const FLOOR = TOP + BINS, BARS_TOP = FLOOR + 76, BOTTOM = BARS_TOP + BARS;
// Where the two scales stand on their rail.
const SLANEY = BARS_TOP + 34, HTK = BOTTOM - 14;
const STOPS = [4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128], STEPS = 176;
// Hz: what is drawn, and how far the bank reaches at the start.
const HIGHEST_HZ = 8800, REACH_HZ = 8000;
const LOWEST_DB = -80, NOISE = 2 ** 14;

function places({ high, size, top }, state, bands, width) {
  const plot = width - LEFT - SIDE, mel = (f) => hzToMel(f, scaleOf(state.htk)), top_mel = mel(state.fmax);
  return {
    plot, X: (f) => LEFT + plot * f / high, hertz: (x) => (x - LEFT) / plot * high,
    // The softest bin is seen, too.
    stem: (k) => BINS * Math.max(0.04, 1 + 20 * Math.log10(size[k] / top + 1e-9) / -LOWEST_DB),
    tip: (b) => FLOOR - 0.94 * BINS * bands.heights[b] / bands.heights[0],
    // How many bands there are when the tip of the last one is at a frequency.
    count: (f) => (top_mel - mel(state.fmin)) / Math.max(1e-3, top_mel - mel(Math.max(0, f))) - 1,
    B: (b) => LEFT + plot * b / state.n_mels, level: (v) => BARS * Math.min(1, Math.max(0, 1 - v / LOWEST_DB)),
    rail: LEFT + plot + 24, norm: (part) => TOP + BINS * part, scale: (htk) => SLANEY + (HTK - SLANEY) * htk,
  };
}

/** The two rails at the side, on which what stands at neither end is between. */
function railMarks({ rail }, width) {
  const named = (y, text) => word(width - 2, y, text, "sd-small", "end");
  return line(rail, TOP, rail, FLOOR, "sd-axis") + named(TOP - 16, "height 1") + named(FLOOR + 24, "area 1")
    + line(rail, SLANEY, rail, HTK, "sd-axis") + named(SLANEY - 14, "Slaney") + named(HTK + 24, "HTK");
}

/** The place of the band whose triangle is the highest at a frequency. */
function placeAt(f, { edges }, n_mels) {
  const below = Array.from({ length: n_mels - 1 }, (_, b) => (edges[b + 1] + edges[b + 2]) / 2).filter((between) => between < f);
  return 100 * (below.length + 0.5) / n_mels;
}

/** The band that lies at a place of the bars, which is a percentage. @param {State} state */
const bandAt = ({ place, n_mels }) => Math.min(n_mels - 1, Math.floor(place / 100 * n_mels));

function binMarks({ grid, high }, { edges }, chosen, { X, stem, tip, plot }) {
  const bin = grid.sr / grid.n_fft, n = Math.min(grid.n_bins, Math.floor(high / bin) + 1);
  const stems = Array.from({ length: n }, (_, k) => `M${X(k * bin).toFixed(1)} ${FLOOR}V${(FLOOR - stem(k)).toFixed(1)}`);
  const three = (b) => through(3, (i) => [X(edges[b + i]), i === 1 ? tip(b) : FLOOR]);
  const all = Array.from({ length: edges.length - 2 }, (_, b) => three(b));
  return word(LEFT, TOP - 16, "the bins of a short frame, and the bank")
    + rect(LEFT, TOP, plot, BINS, "sd-field") + tag("path", { d: `${three(chosen)}Z`, class: "sd-lens" })
    + tag("path", { d: all.join(""), class: edges.length > 50 ? "sd-fine" : "sd-accent" }) + tag("path", { d: stems.join(""), class: "sd-frame0" });
}

function barMarks({ levels, flat, empty }, n_mels, chosen, { B, level, plot }) {
  const bars = Array.from(levels, (v, b) => (b === chosen ? ""
    : `M${B(b + 0.1).toFixed(1)} ${BOTTOM}H${B(b + 0.9).toFixed(1)}V${(BOTTOM - level(v)).toFixed(1)}H${B(b + 0.1).toFixed(1)}Z`));
  const evenly = Array.from(flat, (v, b) => (empty.includes(b) ? "" : `M${B(b).toFixed(1)} ${(BOTTOM - level(v)).toFixed(1)}H${B(b + 1).toFixed(1)}`));
  const gaps = empty.map((b) => rect(B(b), BOTTOM - GAP, plot / n_mels, GAP, b === chosen ? "sd-chosen" : "sd-gap"));
  const high = level(levels[chosen]);
  return word(LEFT, BARS_TOP - 10, "the bands in dB; dashed: those of a flat spectrum")
    + gaps.join("")
    + tag("path", { d: bars.join(""), class: "sd-above" }) + rect(B(chosen), BOTTOM - high, plot / n_mels, high, "sd-chosen")
    + tag("path", { d: evenly.join(""), class: "sd-next" })
    + line(LEFT, BOTTOM, LEFT + plot, BOTTOM, "sd-axis");
}

/** @type {FigureKind} */
export const bank = {
  name: "bank",
  title: "Triangles of a mel bank over the bins of a short frame, and the bands that they add up to",
  hear: "Hear the band",

  prepare(sound) {
    const frame = shortFrame(sound), top = peakOf(frame.size);
    return { ...frame, top, high: Math.min(HIGHEST_HZ, sound.sr / 2) };
  },

  start: ({ high }) => ({ fmin: 0, fmax: high * REACH_HZ / HIGHEST_HZ, n_mels: 12, norm: 0, htk: 0, place: 30 }),

  handles: ({ high }) => [
    { name: "fmin", label: "Lower edge of the bank, in hertz", min: 0, max: high / 4, step: high / STEPS, page: high / 16 },
    { name: "fmax", label: "Upper edge of the bank, in hertz", min: high / 2, max: high, step: high / STEPS, page: high / 16 },
    { name: "n_mels", label: "Tip of the last band: number of bands", stops: STOPS },
    { name: "norm", label: "From height one, 0, to area one, 1", min: 0, max: 1, step: 0.1, page: 0.5, reversed: "y" },
    { name: "htk", label: "Mel scale: Slaney's, 0, or that of HTK, 1", min: 0, max: 1, reversed: "y" },
    { name: "place", label: "Band, by its place among the others, in per cent", min: 0, max: 100, page: 10, plays: true },
  ],

  draw(state, data, width) {
    const { n_mels, fmin, fmax, norm, htk, place } = state, chosen = bandAt(state), bands = bandsOf(data, state);
    const at = places(data, state, bands, width), { X, hertz, plot } = at, { edges, levels, empty } = bands;
    const bin = data.grid.sr / data.grid.n_fft, centre = round(edges[chosen + 1]), none = empty.includes(chosen);
    const bins = Array.from({ length: data.grid.n_bins }, (_, k) => k).filter((k) => weightOf(chosen, k * bin, edges) > 0).length;
    const text = `${n_mels} bands, ${empty.length} of them empty`;
    const ticks = hertzTicks(data.high, 0.5 * plot);
    return {
      height: BOTTOM + 30, says: text,
      marks: binMarks(data, bands, chosen, at) + barMarks(bands, n_mels, chosen, at)
        + ticks.map((f) => word(X(f), FLOOR + 36, f ? frequencyLabel(f) : "0 Hz", "sd-small", f ? "middle" : "start")).join("")
        + railMarks(at, width) + line(X(fmin), TOP, X(fmin), FLOOR, "sd-guide") + line(X(fmax), TOP, X(fmax), FLOOR, "sd-guide"),
      grips: {
        fmin: { x: X(fmin), y: FLOOR + 10, text: `${round(fmin)} hertz, ${text}`, move: ({ x }) => hertz(x) },
        fmax: { x: X(fmax), y: FLOOR + 10, text: `${round(fmax)} hertz, ${text}`, move: ({ x }) => hertz(x) },
        n_mels: { x: X(edges[n_mels]), y: at.tip(n_mels - 1), text, move: ({ x }) => Math.max(1, at.count(hertz(x))) },
        norm: { x: at.rail, y: at.norm(norm), text: `${round(norm, 1)} of the way from height one to area one`, move: ({ y }) => (y - TOP) / BINS },
        htk: { x: at.rail, y: at.scale(htk), text: `${htk ? "that of HTK" : "Slaney's"}, ${text}`, move: ({ y }) => (y - SLANEY) / (HTK - SLANEY) },
        place: { x: LEFT + plot * place / 100, y: BOTTOM + 10, text: `band ${chosen + 1} of ${n_mels} at ${centre} hertz, ${none ? "empty" : `${round(levels[chosen], 1)} decibels`}`,
          move: ({ x }) => (x - LEFT) / plot * 100 },
      },
      surfaces: {
        bins: { x: LEFT, y: TOP, width: plot, height: BINS, brings: { place: ({ x }) => placeAt(hertz(x), bands, n_mels) } },
        place: { x: LEFT, y: BARS_TOP, width: plot, height: BARS },
        norm: { x: at.rail - 24, y: TOP - 30, width: SIDE, height: BINS + 60 },
        htk: { x: at.rail - 24, y: SLANEY - 30, width: SIDE, height: HTK - SLANEY + 60 },
      },
      numbers: [
        { name: "bands", label: "bands", text: `${n_mels}` },
        { name: "empty", label: "empty (pale)", text: `${empty.length}` },
        { name: "centre", label: `band ${chosen + 1} at`, text: `${centre} Hz` },
        { name: "bins", label: "its bins", text: `${bins}` },
        { name: "level", label: "its level", text: none ? "none: silence" : `${signed(Math.max(-200, levels[chosen]).toFixed(1))} dB` },
      ],
    };
  },

  heard(state, { grid, size }) {
    const { edges } = bandsOf({ grid, size }, state), chosen = bandAt(state), bin = grid.sr / grid.n_fft;
    const amplitude = (f) => weightOf(chosen, f, edges) * size[Math.min(grid.n_bins - 1, Math.round(f / bin))];
    return loopLater(`${edges[chosen]} ${edges[chosen + 2]}`, () => loopOf(NOISE, grid.sr, amplitude));
  },
};
