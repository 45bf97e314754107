/** The formats that an array can be in, one of them chosen; and why it cannot be in the others. */

import { make, newId } from "../../js/parts/dom.js";
import { describeFormat } from "./words.js";

export class Choices {
  /** @param {(name: string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.group = newId();
    /** @type {Record<string, {input: HTMLInputElement, state: HTMLElement}>} */
    this.rows = {};
    this.verdict = make("p", { class: "sd-verdict" });
    this.list = make("div", { class: "sd-formats" });
    this.doubtful = make("div", { class: "sd-formats" });
    this.reasons = make("ul");
    this.more = details("Fits, but unlikely", this.doubtful);
    this.others = details("Why not another?", this.reasons);
    this.element = make("fieldset", { class: "sd-choices" }, make("legend", {}, "What it can be"),
      this.verdict, this.list, this.more, this.others);
    this.element.hidden = true;
  }

  /**
   * @param {string} verdict
   * @param {string[]} names the proposals in their order
   * @param {{name: string, reason: string|null}[]} judged
   * @param {Map<string, any>} facts of every format
   * @param {Record<string, string>} akin for some names the one before that no array tells from it
   */
  show(verdict, names, judged, facts, akin) {
    const fitting = judged.filter((one) => !one.reason && !names.includes(one.name));
    const refused = judged.filter((one) => one.reason);
    this.rows = {};
    this.verdict.textContent = verdict;
    this.list.replaceChildren(...names.map((name) => this.row(facts.get(name))));
    this.doubtful.replaceChildren(...fitting.map(({ name }) => this.row(facts.get(name))));
    this.reasons.replaceChildren(...refused.map(({ name, reason }) =>
      make("li", {}, make("b", {}, name), ` ${reason}.`)));
    for (const [name, first] of Object.entries(akin)) this.tell(name, `sounds as ${first}`);
    this.more.hidden = !fitting.length;
    this.others.hidden = !refused.length;
    this.others.open = this.more.open = !names.length;
    this.element.hidden = false;
  }

  row(fact) {
    const { name, source } = fact;
    const input = /** @type {HTMLInputElement} */ (make("input", {
      type: "radio", name: this.group, value: name, onchange: () => this.onChoose(name),
    }));
    const state = make("span", { class: "sd-state" });
    this.rows[name] = { input, state };
    return make("label", { class: "sd-format", title: source }, input, make("b", {}, name), state,
      make("small", {}, describeFormat(fact)));
  }

  has(name) {
    return name in this.rows;
  }

  choose(name) {
    if (!this.has(name)) return;
    this.rows[name].input.checked = true;
    if (this.doubtful.contains(this.rows[name].input)) this.more.open = true;
  }

  /** Take a choice back. */
  leave(name) {
    if (this.has(name)) this.rows[name].input.checked = false;
  }

  /** Say something beside a format. */
  tell(name, text) {
    if (this.has(name)) this.rows[name].state.textContent = text;
  }
}

function details(words, content) {
  return make("details", {}, make("summary", {}, words), content);
}
