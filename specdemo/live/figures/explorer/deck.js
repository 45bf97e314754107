/** What plays the sounds of the Explorer: a button, a switch and a loop, beside the zoom. */

import { makeSwitch } from "../../js/parts/controls.js";
import { button, icon, iconButton, make } from "../../js/parts/dom.js";
import { follow } from "../../js/parts/follow.js";
import { Output } from "../../js/parts/output.js";
import { Player } from "../../js/parts/player.js";

const LINES = {
  left: "M10 3L5 8l5 5", right: "M6 3l5 5-5 5", plus: "M8 3v10M3 8h10", minus: "M3 8h10",
  all: "M2 4v8M14 4v8M4 8h8M6 6L4 8l2 2M10 6l2 2-2 2",
};

/** What plays the original and the result, in step; its owner sets the tracks of `player`. */
export class Deck {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {(sentence: string) => void} onOutput what is wrong with the output, or nothing
   */
  constructor(stage, onOutput) {
    this.stage = stage;
    this.onOutput = onOutput;
    this.player = new Player(
      "original", () => this.endPlaying(), new Output(() => this.pause()));
    this.playButton = button([], () => this.togglePlay(), { class: "sd-play" });
    this.sideSwitch = makeSwitch("Listen to", { original: "original", result: "result" },
      (side) => this.chooseSide(side));
    this.loop = make("input", { type: "checkbox", onchange: () => this.restart() });
    this.showPlaying();
    this.element = make("div", { class: "sd-transport" }, this.playButton, this.sideSwitch.element,
      make("label", { class: "sd-check" }, this.loop, "loop"),
      make("span", { class: "sd-zoom" },
        iconButton(LINES.left, "Earlier", () => stage.pan(-0.5)),
        iconButton(LINES.minus, "Zoom out", () => stage.zoom(2)),
        iconButton(LINES.plus, "Zoom in", () => stage.zoom(0.5)),
        iconButton(LINES.right, "Later", () => stage.pan(0.5)),
        iconButton(LINES.all, "Show all", () => stage.setSpan(0, Infinity))));
  }

  async play() {
    const turn = this.turn = {};
    this.showPlaying();
    try {
      await this.player.ready();
      // Not when it was paused meanwhile.
      if (turn === this.turn) this.startPlaying();
    } catch (error) {
      if (turn === this.turn) this.onOutput(error.message);
    }
    if (turn === this.turn) this.turn = null;
    this.showPlaying();
  }

  startPlaying() {
    const { span, playhead, duration } = this.stage, loop = this.loop.checked ? span : null;
    const { start, end } = loop ?? { start: 0, end: duration };
    const outside = playhead < start || playhead > end - 0.01;
    this.player.start(outside ? start : playhead, loop);
    this.onOutput("");
    this.follow();
  }

  /** Whether the sound is heard, or will be as soon as the output is ready. */
  get active() {
    return this.player.playing || Boolean(this.turn);
  }

  pause() {
    this.turn = null;
    if (this.player.playing) this.stage.setPlayhead(this.player.heard());
    this.player.stop();
    this.showPlaying();
  }

  endPlaying() {
    this.stage.setPlayhead(this.stage.duration);
    this.showPlaying();
  }

  async togglePlay() {
    if (this.active) this.pause();
    else if (this.stage.sounds.original) await this.play();
  }

  /** Go on from where the sound is, as the loop and the window are now. */
  async restart() {
    if (!this.player.playing) return;
    this.stage.setPlayhead(this.player.heard());
    await this.play();
  }

  async loopAnew() {
    if (this.loop.checked) await this.restart();
  }

  async seek(time) {
    this.stage.setPlayhead(time);
    if (this.player.playing) await this.play();
  }

  chooseSide(side) {
    this.sideSwitch.choose(side);
    this.player.choose(side);
    this.stage.setSide(side);
  }

  showPlaying() {
    const on = this.active;
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play");
  }

  /** Let the playing position follow the sound. */
  follow() {
    this.stopFollowing?.();
    this.stopFollowing = follow(() => this.player.playing,
      () => this.stage.setPlayhead(this.player.heard(), true));
  }
}
