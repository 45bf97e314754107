/** What plays the sounds: a button and a position. */

import { button, icon, make } from "../../js/parts/dom.js";
import { follow } from "../../js/parts/follow.js";
import { Listening } from "./listening.js";

/** Seconds that an arrow key moves. */
const KEY_STEP = 0.25;
const MOVES = {
  ArrowLeft: -KEY_STEP, ArrowDown: -KEY_STEP, ArrowRight: KEY_STEP, ArrowUp: KEY_STEP,
};

export class Deck {
  /**
   * @param {Object} owner
   * @param {(time: number) => void} owner.onTime the position has moved
   * @param {(error: Error) => void} owner.onProblem
   */
  constructor({ onTime, onProblem }) {
    this.onTime = onTime;
    this.onProblem = onProblem;
    this.listening = new Listening(() => this.show());
    this.playButton = button([], () => this.toggle(), { class: "sd-play" });
    this.position = /** @type {HTMLInputElement} */ (make("input", {
      type: "range", class: "sd-position", min: 0, max: 1, step: "any", "aria-label": "Position",
      oninput: () => this.seek(Number(this.position.value)),
      onkeydown: (event) => this.onKey(event),
    }));
    this.clock = make("span", { class: "sd-hint", "aria-hidden": "true" });
    this.element = make("div", { class: "sd-transport" },
      this.playButton, this.position, this.clock);
    this.show();
  }

  /** @param {boolean} on whether there is something to play */
  enable(on) {
    this.playButton.disabled = this.position.disabled = !on;
    this.show();
  }

  async toggle() {
    if (this.listening.active) return this.listening.pause();
    try {
      await this.listening.play();
      this.stopFollowing?.();
      this.stopFollowing = follow(() => this.listening.player.playing, () => this.showTime());
    } catch (error) {
      this.onProblem(error);
    }
  }

  seek(time) {
    this.listening.seek(time);
    this.showTime();
  }

  onKey(event) {
    const move = MOVES[event.key];
    if (event.key === " ") this.toggle();
    else if (move) this.seek(this.listening.now() + move);
    else return;
    event.preventDefault();
  }

  show() {
    if (!this.playButton) return;
    const on = this.listening.active;
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play");
    this.showTime();
  }

  showTime() {
    const { duration } = this.listening, time = Math.min(this.listening.now(), duration);
    this.position.max = `${duration || 1}`;
    this.position.value = `${time}`;
    const spoken = `${time.toFixed(1)} of ${duration.toFixed(1)} seconds`;
    this.position.setAttribute("aria-valuetext", spoken);
    this.clock.textContent = `${time.toFixed(1)} / ${duration.toFixed(1)} s`;
    this.onTime(time);
  }
}
