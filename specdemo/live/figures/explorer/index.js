/** The hosts of the Explorer. */

import { View } from "./view.js";
import { make } from "../../js/parts/dom.js";

/** A model without a kernel: values, listeners, and sounds by their addresses. */
class StaticModel {
  /**
   * @param {Record<string, unknown>} values
   * @param {Record<string, string>} urls addresses of the sounds
   * @param {(url: string) => Promise<Sound>} load
   */
  constructor(values, urls, load) {
    this.values = values;
    this.urls = urls;
    this.load = load;
    /** @type {Record<string, ((...values: unknown[]) => void)[]>} */
    this.listeners = {};
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes() {}

  on(event, listener) {
    (this.listeners[event] ??= []).push(listener);
  }

  off(event, listener) {
    this.listeners[event] = this.listeners[event].filter((other) => other !== listener);
  }

  tell(event, ...values) {
    (this.listeners[event] ?? []).forEach((listener) => listener(...values));
  }

  /** Answer the only message there is, the request of a sound, as Python does. */
  async send({ kind, clip }) {
    try {
      const { x, sr } = await this.load(this.urls[clip]);
      this.tell("msg:custom", { kind, clip, sr }, [new DataView(x.buffer)]);
    } catch (error) {
      this.tell("msg:custom", { kind, clip, error: error.message });
    }
  }
}

/** Put a live figure into the place of its HTML twin. */
export function mount(figure, dsp, load) {
  const preset = JSON.parse(figure.dataset.settings), urls = JSON.parse(figure.dataset.sounds);
  const values = { ...preset, clips: Object.keys(urls), caption: "", _dsp: dsp, _preset: preset };
  const place = make("div"), still = [...figure.querySelectorAll(":scope > :not(figcaption)")];
  still.forEach((element) => element.remove());
  figure.prepend(place);
  try {
    new View(new StaticModel(values, urls, load), place, figure.id);
  } catch (error) {
    place.replaceWith(...still);
    throw error;
  }
}

/** What anywidget calls: show a model in an element, and return how to take it away again. */
function render({ model, el }) {
  const view = new View(model, el);
  return () => view.close();
}

export default { render };
