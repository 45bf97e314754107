/** Controls with a label and a value: switches, selects, ranges, numbers. */

import { make, newId } from "./dom.js";

/**
 * A control is a select with `options`, a range over the stops `values`, or a range with `limits`
 * and a `step`. What a link may set lies within `limits`.
 *
 * @typedef {Object} Control
 * @property {string} label
 * @property {Object<string, string>} [options] the words, and what they are called on the page
 * @property {[number, number]} [limits] lowest and highest value
 * @property {number} [step]
 * @property {(state: Settings) => number[]} [values]
 * @property {(value: number, state: Settings) => string} [text] the value with its unit
 * @property {(state: Settings) => boolean} [needed] whether the value has an effect
 */

/** Radio buttons that look like a switch. */
export function makeSwitch(legend, words, onChoose) {
  const name = newId(), inputs = {};
  const labels = Object.entries(words).map(([value, text]) => {
    inputs[value] = make("input", { type: "radio", name, value, onchange: () => onChoose(value) });
    return make("label", {}, inputs[value], make("span", {}, text));
  });
  const element = make("fieldset", { class: "sd-switch" },
    make("legend", { class: "sd-unseen" }, legend), ...labels);
  return { element, inputs, choose: (word) => { inputs[word].checked = true; } };
}

/**
 * A control with its label and its value.
 * @returns {{element: HTMLElement, update: (state: Settings) => void}}
 */
export function makeControl(name, control, onChange) {
  const id = newId();
  const part = (control.options ? makeSelect : makeRange)(control, id, onChange);
  const element = make("div", { class: "sd-control", "data-name": name },
    make("label", { for: id, title: name }, control.label), ...part.elements);
  const update = (state) => {
    const idle = control.needed ? !control.needed(state) : false;
    part.input.disabled = idle;
    element.classList.toggle("sd-idle", idle);
    part.update(state[name], state);
  };
  return { element, update };
}

function makeSelect({ options }, id, onChange) {
  const choices = Object.entries(options).map(([value, text]) => make("option", { value }, text));
  const input = make("select", { id, onchange: () => onChange(input.value) }, ...choices);
  return { input, elements: [input], update: (value) => { input.value = value; } };
}

function makeRange({ values, limits, step = 1, text }, id, onChange) {
  let stops = null;
  const chosen = () => (stops ? stops[Number(input.value)] : Number(input.value));
  const input = make("input", { type: "range", id, step, oninput: () => onChange(chosen()) });
  const output = make("output", { for: id });
  const update = (value, state) => {
    stops = values?.(state) ?? null;
    [input.min, input.max] = stops ? [0, stops.length - 1] : limits;
    input.value = stops ? nearestStop(stops, value) : value;
    output.textContent = text(value, state);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  return { input, elements: [output, input], update };
}

/** Index of the stop next to a value. */
function nearestStop(stops, value) {
  const far = (stop) => Math.abs(stop - value);
  return stops.reduce((best, stop, i) => (far(stop) < far(stops[best]) ? i : best), 0);
}

/** A number that matters: its name, its value, and a line of small print. */
export function makeNumber(name, title) {
  const value = make("span", { class: "sd-value" }, "\u2013"), detail = make("small");
  const element = make("div", { title }, make("dt", {}, name), make("dd", {}, value, detail));
  const set = (text, small = "") => {
    value.textContent = text;
    detail.textContent = small;
  };
  return { element, set };
}
