/** Where a sound comes from: the clips, a file, the microphone. */

import { button, icon, make, newId } from "./dom.js";
import { decodeFile, record } from "./sounds.js";

/** Where a sound comes from: the clips of the model, a file, the microphone. */
export class Sources {
  /**
   * @param {Object} owner
   * @param {(label: string) => void} owner.onChoose a label of the list
   * @param {(label: string, sound: (Sound & {note: string})|null) => void} owner.onSound the reader's; null when
   *   another was chosen meanwhile
   * @param {(label: string) => void} owner.onWait a sound of the reader's is being decoded
   * @param {(label: string, sentence: string) => void} owner.onProblem
   */
  constructor({ onChoose, onWait, onSound, onProblem }) {
    /** Grows with every sound that the reader asks for. */
    this.turn = 0;
    this.onWait = onWait;
    this.onSound = onSound;
    this.onProblem = onProblem;
    const id = newId();
    this.select = make("select", { id, onchange: () => onChoose(this.select.value) });
    this.input = make("input", {
      type: "file", accept: "audio/*,video/*", class: "sd-unseen",
      onchange: () => this.open(this.input.files[0]),
    });
    this.recordButton = button([], () => this.toggleRecording());
    this.showRecording(null);
    this.element = make("div", { class: "sd-source" },
      make("label", { for: id }, "Sound"), this.select,
      make("label", { class: "sd-button" }, this.input, "Open file"), this.recordButton,
      make("span", { class: "sd-hint" }, "Files and recordings stay in your browser."));
  }

  list(labels, chosen) {
    this.select.replaceChildren(...labels.map((label) => make("option", { value: label }, label)));
    this.select.value = chosen;
  }

  async open(file) {
    if (file) await this.take(file.name, async () => file);
    this.input.value = "";
  }

  async toggleRecording() {
    if (this.recording) return this.recording.stop();
    this.recordButton.disabled = true;
    await this.take("recording", async () => {
      this.recording = await record((left) => this.showRecording(left));
      this.recordButton.disabled = false;
      return this.recording.done;
    });
    this.recording = null;
    this.recordButton.disabled = false;
    this.showRecording(null);
  }

  /** Decode the file that is promised and hand it on; or tell what is wrong with it. */
  async take(label, file) {
    try {
      const found = await file(), turn = ++this.turn;
      this.onWait(label);
      const sound = await decodeFile(found, label);
      this.onSound(label, turn === this.turn ? sound : null);
    } catch (error) {
      this.onProblem(label, error.message);
    }
  }

  showRecording(left) {
    const on = left !== null;
    this.recordButton.classList.toggle("sd-on", on);
    const text = on ? `Stop (${left} s left)` : "Record";
    this.recordButton.replaceChildren(icon(on ? "stop" : "record"), text);
  }
}
