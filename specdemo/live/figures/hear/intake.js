/** Where an array comes from: a file and what is chosen of it, or an example. */

import { arraysOf, layersOf, shapeText, tableOf, usable } from "../../js/files/arrays.js";
import { button, make, newId } from "../../js/parts/dom.js";

/** Formats whose arrays are there to try. */
const EXAMPLES = ["hifigan-v1", "whisper-80"];

/** @typedef {import("../../js/files/arrays.js").StoredArray} StoredArray */
/** @typedef {import("../../js/dsp/formats.js").Table} Table */

export class Intake {
  /**
   * @param {Object} owner
   * @param {(table: Table, array: StoredArray) => void} owner.onTable
   * @param {(name: string) => void} owner.onExample
   * @param {(error: Error) => void} owner.onProblem
   */
  constructor({ onTable, onExample, onProblem }) {
    this.onTable = onTable;
    this.onExample = onExample;
    this.onProblem = onProblem;
    /** @type {StoredArray[]} */
    this.arrays = [];
    this.turn = 0;
    /** When the reader last asked for an array. */
    this.since = 0;
    this.input = make("input", {
      type: "file", accept: ".npy,.npz,.safetensors", class: "sd-unseen",
      onchange: () => this.open(this.input.files[0]),
    });
    this.examples = make("span", { class: "sd-examples" });
    this.array = choice("Array", () => this.take());
    this.item = choice("Item of the batch", () => this.take());
    this.element = make("div", { class: "sd-source" },
      make("label", { class: "sd-button sd-primary" }, this.input, "Open array"), this.examples,
      this.array.element, this.item.element,
      make("span", { class: "sd-hint" }, "Nothing leaves your browser."));
    this.offer();
  }

  /** The examples, that of a format that is asked for among them. @param {string} [wanted] */
  offer(wanted) {
    const names = wanted && !EXAMPLES.includes(wanted) ? [wanted, ...EXAMPLES] : EXAMPLES;
    this.examples.replaceChildren(...names.map((name) =>
      button([`Example: ${name}`], () => this.onExample(name))));
  }

  /** @param {File} file */
  async open(file) {
    this.input.value = "";
    if (!file) return;
    await this.attempt(async (isNewest) => {
      const arrays = usable(await arraysOf(file, file.name), file.name);
      if (!isNewest()) return;
      this.arrays = arrays;
      this.array.list(arrays.map(({ name, shape }) => `${name} (${shapeText(shape)})`));
      this.listItems();
      await this.read(isNewest);
    });
  }

  listItems() {
    const { batch } = layersOf(this.arrays[this.array.index].shape);
    const n_items = batch.reduce((product, length) => product * length, 1);
    this.item.list(Array.from({ length: n_items }, (_, i) => `${i}`));
    this.listed = this.array.index;
  }

  /** Take what is chosen now. */
  async take() {
    if (this.listed !== this.array.index) this.listItems();
    await this.attempt((isNewest) => this.read(isNewest));
  }

  async read(isNewest) {
    const array = this.arrays[this.array.index], table = await tableOf(array, this.item.index);
    if (isNewest()) this.onTable(table, array);
  }

  /** What comes from elsewhere has no choices. */
  clear() {
    this.turn++;
    this.arrays = [];
    this.array.list([]);
    this.item.list([]);
  }

  /** Do what may fail, and tell; a newer attempt counts more. */
  async attempt(action) {
    this.since = performance.now();
    const turn = ++this.turn, isNewest = () => turn === this.turn;
    try {
      await action(isNewest);
    } catch (error) {
      if (isNewest()) this.onProblem(error);
    }
  }
}

/** A select that is there only when there are several. */
function choice(label, onchange) {
  const id = newId(), select = make("select", { id, onchange });
  const element = make("span", { class: "sd-pick" }, make("label", { for: id }, label), select);
  element.hidden = true;
  return {
    element,
    get index() { return Math.max(0, select.selectedIndex); },
    list(words) {
      select.replaceChildren(...words.map((word) => make("option", {}, word)));
      element.hidden = words.length < 2;
    },
  };
}
