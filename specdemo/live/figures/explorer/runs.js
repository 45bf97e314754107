/** Runs of the settings: what the worker is asked, and what becomes of its answers. */

import { makeNumber } from "../../js/parts/controls.js";
import { button, make } from "../../js/parts/dom.js";
import { Engine } from "../../js/parts/engine.js";
import { makePicture } from "../../js/parts/picture.js";
import { bufferOf } from "../../js/parts/played.js";
import { peak } from "../../js/parts/sounds.js";
import { decibels, round, thousands } from "../../js/parts/text.js";

// Changes that follow each other within this time are one movement.
const HURRY_MS = 150;

/** Runs of the settings of a view: their pictures, numbers, progress and results. */
export class Runs {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    this.stage = view.stage;
    this.player = view.player;
    this.engine = new Engine(view.model.get("_dsp"),
      (message) => this[`on_${message.kind}`]?.(message));
    this.numbers = {
      kept: makeNumber("numbers kept", "Real numbers that are kept of a second of sound"),
      convergence: makeNumber("spectral convergence",
        "Error of what came back, relative to the size of what was kept; lower is better"),
      distance: makeNumber("log-mel distance",
        "Root mean square difference of 80 log-mel bands of original and result; 0 is best"),
      level: makeNumber("level", "Change of the result, so that both sound equally loud"),
    };
    const elements = Object.values(this.numbers).map(({ element }) => element);
    this.numberList = make("dl", { class: "sd-numbers" }, ...elements);
    this.progress = make("progress", { "aria-label": "Iterations", max: 1 });
    this.progressText = make("span");
    this.work = make("div", { class: "sd-work" }, this.progress, this.progressText,
      button(["Cancel"], () => this.cancel()));
    this.work.hidden = true;
  }

  /**
   * Run the settings. While a slider is being moved, runs end with the pictures: the way back is
   * looked for when it rests.
   * @param {number} at when the run was asked for
   */
  run(at) {
    if (!this.view.sound) return;
    const hurried = at - (this.job?.at ?? -Infinity) < HURRY_MS;
    clearTimeout(this.rest);
    if (hurried) this.rest = setTimeout(() => this.start(at, true), HURRY_MS);
    this.start(at, !hurried);
  }

  start(at, whole) {
    const { state } = this.view;
    this.job = { at, state, whole };
    this.isRunning = true;
    this.view.markState();
    this.numberList.classList.add("sd-stale");
    this.view.say("error", "");
    this.engine.run(state);
  }

  on_original({ levels, n_frames, n_bins }) {
    // Arrives while the worker makes what is kept, and takes effect after that.
    if (!this.job.whole) this.engine.cancel();
    const { n_fft, hop_length, sr } = this.job.state;
    const frequencies = Float64Array.from({ length: n_bins }, (_, k) => k * sr / n_fft);
    const frame_step = hop_length / sr;
    this.grid = { n_frames, n_rows: n_bins, frequencies, frame_step, start_time: 0 };
    this.stage.pictures.original = makePicture({ levels, ...this.grid });
    this.stage.paintUpper();
    if (!this.job.state.n_mels) this.stage.paintLower();
    measure("analysis", this.job.at);
  }

  on_kept(message) {
    const { rows, numbers_per_second, numbers_per_second_wave, empty_bands } = message;
    this.stage.pictures.kept = makePicture(message);
    this.stage.paintLower();
    if (rows !== "bins") measure("mel", this.job.at);
    this.numbers.kept.set(`${thousands(numbers_per_second)} per s`,
      comparison(numbers_per_second, numbers_per_second_wave));
    this.view.say("run", empty_bands
      ? `${empty_bands} of ${this.job.state.n_mels} mel bands hold no bin and stay empty.` : "");
  }

  on_progress({ i, n_iter, convergence_db }) {
    if (this.work.hidden && performance.now() - this.job.at < 150) return;
    this.work.hidden = false;
    this.progress.value = i / n_iter;
    this.progressText.textContent = `iteration ${i} of ${n_iter}`;
    this.numbers.convergence.set(decibels(convergence_db));
  }

  on_result({ x_hat, levels, convergence_db, log_mel_distance_db, gain }) {
    this.result = { x: x_hat, sr: this.view.sound.sr, peak: peak(x_hat) };
    this.stage.sounds.result = this.result;
    this.stage.pictures.result = makePicture({ levels, ...this.grid });
    this.stage.paintLower();
    this.stage.paintWave();
    measure("invert", this.job.at);
    this.numbers.convergence.set(decibels(convergence_db));
    this.numbers.distance.set(decibels(log_mel_distance_db, 2));
    this.numberList.classList.remove("sd-stale");
    this.matchLevels(gain);
    this.view.enableResult(true);
    this.view.share(x_hat);
  }

  on_done() {
    this.work.hidden = true;
    this.isRunning = false;
    this.view.markState();
  }

  on_cancelled() {
    if (!this.job.whole) return;
    this.on_done();
    this.view.say("run", "Cancelled: what comes back is that of the settings before.");
  }

  on_error({ message }) {
    this.on_done();
    this.dropResult();
    this.stage.paint();
    this.view.say("error", message);
  }

  /** The reader has seen enough: nothing is left to do, whatever the worker is at. */
  cancel() {
    clearTimeout(this.rest);
    this.job.whole = true;
    this.engine.cancel();
    this.on_cancelled();
  }

  /** Play the result as loud as the original, and both softer where one of them would clip. */
  matchLevels(gain) {
    const top = Math.max(1, this.view.sound.peak, gain * this.result.peak);
    this.player.setTrack("original", bufferOf(this.view.sound), 1 / top);
    this.player.setTrack("result", bufferOf(this.result), gain / top);
    const gain_db = decibels(20 * Math.log10(gain)), lower_db = decibels(-20 * Math.log10(top));
    this.numbers.level.set(gain > 1 ? `+${gain_db}` : gain_db,
      top > 1.005 ? `to match; both ${lower_db} to avoid clipping` : "to match the original");
  }

  dropResult() {
    this.result = null;
    delete this.stage.sounds.result;
    delete this.stage.pictures.result;
    this.player.removeTrack("result");
    this.view.enableResult(false);
    ["convergence", "distance", "level"].forEach((name) => this.numbers[name].set("\u2013"));
  }
}

/** How much of the numbers of the wave is kept, in words for both much less and much more. */
function comparison(count, wave) {
  const ratio = count / wave;
  const percent = round(100 * ratio, ratio < 0.1 ? 1 : 0);
  return `${ratio < 1 ? `${percent} % of` : `${round(ratio, 1)} \u00d7`} the wave\u2019s`;
}

export function measure(name, start) {
  performance.measure(`specdemo:${name}`, { start, end: performance.now() });
}
