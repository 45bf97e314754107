/** Where an array comes from: a file and what is chosen of it, or an example. */

import { arraysOf, layersOf, shapeText, tableOf, usable } from "../../js/files/arrays.js";
import { button, make, newId } from "../../js/parts/dom.js";

/** Formats whose arrays are there to try. */
const EXAMPLES = ["hifigan-v1", "whisper-80"];

/** Rows, and columns, that are taken of an array: frames of more than a minute in every format. */
export const MOST_FRAMES = 11000;

/** @typedef {import("../../js/files/arrays.js").StoredArray} StoredArray */
/** @typedef {import("../../js/dsp/formats.js").Table} Table */

export class Intake {
  /**
   * @param {Object} owner
   * @param {(table: Table, array: StoredArray, item: number|null) => void} owner.onTable with the
   *   number of an item of a batch
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
      type: "file", accept: ".npy,.npz,.safetensors", class: "sd-unseen", multiple: true,
      onchange: () => this.open([...this.input.files]),
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

  /** @param {File[]} files */
  async open(files) {
    this.input.value = "";
    if (!files.length) return;
    await this.attempt(async (isNewest) => {
      const arrays = await arraysOfAll(files);
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
    const array = this.arrays[this.array.index], { index, count } = this.item;
    const table = await tableOf(array, index, MOST_FRAMES);
    if (isNewest()) this.onTable(table, array, count > 1 ? index : null);
  }

  /** What comes from elsewhere has no choices. */
  clear() {
    this.turn++;
    this.element.removeAttribute("aria-busy");
    this.arrays = [];
    this.array.list([]);
    this.item.list([]);
  }

  /** Do what may fail, and tell; a newer attempt counts more. */
  async attempt(action) {
    this.since = performance.now();
    const turn = ++this.turn, isNewest = () => turn === this.turn;
    this.element.setAttribute("aria-busy", "true");
    try {
      await action(isNewest);
    } catch (error) {
      if (isNewest()) this.onProblem(error);
    }
    if (isNewest()) this.element.removeAttribute("aria-busy");
  }
}

/** The arrays of files that have some; without any, what is wrong with the first. @param {File[]} files */
async function arraysOfAll(files) {
  const read = async (file) => usable(await arraysOf(file, file.name), file.name);
  const settled = await Promise.allSettled(files.map(read));
  const arrays = settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  if (!arrays.length) throw /** @type {PromiseRejectedResult} */ (settled[0]).reason;
  return arrays;
}

/** A select that is there only when there are several. */
function choice(label, onchange) {
  const id = newId(), select = make("select", { id, onchange });
  const element = make("span", { class: "sd-pick" }, make("label", { for: id }, label), select);
  element.hidden = true;
  return {
    element,
    get index() { return Math.max(0, select.selectedIndex); },
    get count() { return select.length; },
    list(words) {
      select.replaceChildren(...words.map((word) => make("option", {}, word)));
      element.hidden = words.length < 2;
    },
  };
}
