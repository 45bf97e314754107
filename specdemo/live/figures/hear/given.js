/** What an array has lost and a reader may know: statistics of its bands, or its largest value. */

import { arraysOf, tableOf, usable } from "../../js/files/arrays.js";
import { Refusal } from "../../js/files/numbers.js";
import { button, make, newId } from "../../js/parts/dom.js";

/** @typedef {{mean?: number[], std?: number[], peak?: number, isStandIn?: boolean}} Given */

export class GivenBack {
  /**
   * @param {Object} owner
   * @param {(given: Given) => void} owner.onGiven
   * @param {(error: Error) => void} owner.onProblem
   */
  constructor({ onGiven, onProblem }) {
    this.onGiven = onGiven;
    this.onProblem = onProblem;
    this.n_mels = 0;
    /** The format that is asked about. */
    this.format = "";
    this.turn = 0;
    this.mean = field("Means of the bands");
    this.std = field("Deviations of the bands");
    this.peak = field("Largest value before it was subtracted, in dB");
    this.input = make("input", {
      type: "file", accept: ".npy,.npz,.safetensors", class: "sd-unseen",
      onchange: () => this.open(this.input.files[0]),
    });
    this.file = make("label", { class: "sd-button" }, this.input, "Open statistics");
    this.use = button(["Use these"], () => this.attempt(() => this.read()));
    this.element = make("fieldset", { class: "sd-given" },
      make("legend", {}, "What was taken away"), this.mean.element, this.std.element, this.peak.element,
      make("div", { class: "sd-actions" }, this.use, this.file));
    this.element.hidden = true;
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.type === "text")
        this.use.click();
    });
  }

  /** @param {{name: string, needs: string, n_mels: number}} fact @param {Given} [given] */
  show({ name, needs, n_mels }, given) {
    const isStatistics = needs === "statistics";
    // What is still being read was meant for another format.
    if (name !== this.format) this.leave();
    this.format = name;
    this.n_mels = n_mels;
    this.element.hidden = !needs;
    this.mean.element.hidden = this.std.element.hidden = this.file.hidden = !isStatistics;
    this.peak.element.hidden = isStatistics;
    this.mean.input.value = written(given?.mean);
    this.std.input.value = written(given?.std);
    this.peak.input.value = `${given?.peak ?? ""}`;
  }

  read() {
    if (!this.peak.element.hidden) {
      const [peak] = numbersOf(this.peak, 1);
      return this.onGiven({ peak });
    }
    this.hand(numbersOf(this.mean, this.n_mels), numbersOf(this.std, this.n_mels));
  }

  hand(mean, std) {
    if (!std.every((v) => v > 0))
      throw new Refusal("Deviations must be above 0: one of them is not.");
    this.onGiven({ mean, std });
  }

  /** Two arrays that are called so, or one with two rows or columns. @param {File} file */
  open(file) {
    this.input.value = "";
    if (!file) return;
    return this.attempt(async (isNewest) => {
      const pair = await statisticsOf(file, this.n_mels);
      if (isNewest()) this.hand(...pair);
    });
  }

  /** Do what may fail, and tell; a newer attempt counts more. */
  async attempt(action) {
    const turn = ++this.turn, isNewest = () => turn === this.turn;
    this.element.setAttribute("aria-busy", "true");
    try {
      await action(isNewest);
    } catch (error) {
      if (isNewest()) this.onProblem(error);
    }
    if (isNewest()) this.leave();
  }

  /** Forget what is being read. */
  leave() {
    this.turn++;
    this.element.removeAttribute("aria-busy");
  }
}

/** @param {File} file @returns {Promise<[number[], number[]]>} */
async function statisticsOf(file, n_mels) {
  const arrays = await arraysOf(file, file.name);
  const named = (word) => arrays.find(({ name, problem }) => !problem && word.test(name));
  const mean = named(/mean/i), std = named(/std|dev|scale/i);
  const read = async (array) => Array.from(await array.read());
  const pair = mean && std ? [await read(mean), await read(std)] : await rowsOf(arrays, file.name);
  for (const values of pair) {
    if (values.length !== n_mels || !values.every(Number.isFinite)) {
      throw new Refusal(`${file.name} must hold ${n_mels} means and as many deviations: as arrays `
        + "called mean and std, or as the two rows of one:",
      'np.save("statistics.npy", np.stack([mean, std]))');
    }
  }
  return /** @type {[number[], number[]]} */ (pair);
}

async function rowsOf(arrays, name) {
  const { shape: [rows, columns], values } = await tableOf(usable(arrays, name)[0], 0);
  const isRows = rows === 2, length = isRows ? columns : rows;
  const at = isRows ? (i, row) => row * columns + i : (i, row) => i * columns + row;
  return [0, 1].map((row) => Array.from({ length }, (_, i) => values[at(i, row)]));
}

/** Numbers as they were typed: one for all bands, or one for each. */
function numbersOf({ input, label }, count) {
  const numbers = input.value.split(/[\s,;[\]()]+/).filter(Boolean).map(Number);
  if (!numbers.every(Number.isFinite) || ![1, count].includes(numbers.length)) {
    const wanted = count > 1 ? `one number, or ${count} of them` : "one number";
    throw new Refusal(`${label} must be ${wanted}; there are ${numbers.length}`
      + `${numbers.every(Number.isFinite) ? "" : ", not all of them numbers"}.`);
  }
  return numbers.length === count ? numbers : Array(count).fill(numbers[0]);
}

function written(numbers) {
  return (numbers ?? []).map((v) => Number(v.toPrecision(5))).join(" ");
}

function field(label) {
  const id = newId(), made = make("input", { id, type: "text", autocomplete: "off" });
  const input = /** @type {HTMLInputElement} */ (made);
  const element = make("div", { class: "sd-field" }, make("label", { for: id }, label), input);
  return { label, input, element };
}
