/** Where figures live: on a page, or in the output of a notebook. */

import { make } from "./dom.js";
import { Figure } from "./figure.js";
import { loadSound } from "./clips.js";

/** Put a figure into the place of its picture. @param {FigureKind} kind @param {HTMLElement} root */
export async function mount(kind, root) {
  const { settings, samples, model } = root.dataset, sound = { ...await loadSound(samples), model };
  const still = root.querySelector(".sd-still");
  const figure = new Figure(kind, root, { sound, values: JSON.parse(settings), isLinked: true });
  still?.remove();
  return figure;
}

/** What anywidget calls for a kind of figure: show it, and return how to take it away again. */
export function render(kind, { model, el }) {
  const { names, caption, ...given } = model.get("_given");
  const bytes = model.get("_samples"), root = make("figure", { class: "sd-figure", "data-figure": kind.name });
  root.append(make("figcaption", {}, caption));
  el.append(root);
  const x = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const values = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  let isOwn = false;
  const figure = new Figure(kind, root, { sound: { x, ...given }, values: values(), onChange: (state) => {
    isOwn = true;
    Object.entries(state).forEach(([name, value]) => model.set(name, value));
    model.save_changes();
    isOwn = false;
  } });
  const follow = () => isOwn || figure.adopt(values());
  names.forEach((name) => model.on(`change:${name}`, follow));
  return () => {
    names.forEach((name) => model.off(`change:${name}`, follow));
    figure.close();
  };
}
