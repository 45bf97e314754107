/** The page *Hear your mel spectrogram*: mounts itself where the page has a place for it. */

import { View } from "./view.js";
import { make } from "../../js/parts/dom.js";

const sources = HEAR;

/** @param {HTMLElement} figure */
function mount(figure) {
  const sounds = JSON.parse(figure.dataset.sounds), place = make("div");
  figure.replaceChildren(place);
  new View(place, sources.worker, sounds);
}

document.head.append(make("style", {}, sources.css));
/** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.sd-hear-place"))
  .forEach(mount);
