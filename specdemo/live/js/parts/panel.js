/** Canvases with labels beside them. */

import { make } from "./dom.js";

/** A canvas with labels beside it: a spectrogram, or the waveform. */
export function makePanel(name) {
  const canvas = make("canvas", { role: "img", "aria-label": name });
  const ticks = make("div", { class: "sd-ticks", "aria-hidden": "true" });
  const element = make("div", { class: `sd-panel sd-${name}` }, ticks, canvas);
  return { element, canvas, ticks, context: canvas.getContext("2d") };
}

/** A label at a place between 0 and 1. */
export function makeTick(place, text) {
  return make("span", { style: `--sd-place: ${100 * place}%` }, text);
}

/** Give canvases as many pixels as they have on the screen. */
export function fitCanvases(canvases) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  for (const canvas of canvases) {
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  }
}
