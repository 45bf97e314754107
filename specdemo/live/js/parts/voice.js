/** What a figure sounds like while its handles move: a tone that follows, or a loop. */

import { CROSSFADE, Output, fade } from "./output.js";

// All figures are as loud as each other: the RMS of what is played, and the highest peak.
const RMS = 0.08, PEAK = 0.7;
// The rates in Hz that every browser plays.
const LOWEST_PLAYED = 8000, HIGHEST_PLAYED = 96000;
// Seconds in which a tone has come most of the way to another frequency.
const GLIDE = 0.015;

/** The factor that brings samples to the common level. */
export function gainOf(x) {
  let sum = 0, peak = 0;
  for (let t = 0; t < x.length; t++) {
    sum += x[t] * x[t];
    peak = Math.max(peak, Math.abs(x[t]));
  }
  return peak ? Math.min(RMS / Math.sqrt(sum / x.length), PEAK / peak) : 0;
}

/** A source of a sound over and over. A rate that not every browser takes is brought near by octaves. */
function looped(context, { x, sr }) {
  let rate = sr;
  while (rate < LOWEST_PLAYED) rate *= 2;
  while (rate > HIGHEST_PLAYED) rate /= 2;
  const buffer = new AudioBuffer({ length: x.length, sampleRate: rate });
  buffer.copyToChannel(x, 0);
  return new AudioBufferSourceNode(context, { buffer, loop: true, playbackRate: sr / rate });
}

/**
 * A loop that is made when it is to sound, and not at every move of a handle.
 * @param {string} key @param {() => Sound} make @returns {Heard}
 */
export function loopLater(key, make) {
  let made;
  return { key, get sound() { return made ??= make(); } };
}

/** One voice, which other sounds of the page silence. */
export class Voice {
  /**
   * @param {HTMLElement} figure
   * @param {() => void} onStop when it falls silent
   */
  constructor(figure, onStop) {
    this.figure = figure;
    this.onStop = onStop;
    this.output = new Output(() => this.stop());
    /** @type {{source: AudioScheduledSourceNode, gain: GainNode, when: number, heard: Heard}|null} */
    this.node = null;
    this.turn = 0;
    this.onOther = (/** @type {CustomEvent} */ { detail }) => detail !== figure && this.stop();
    document.addEventListener("sd-play", this.onOther);
  }

  /** Begin to sound. @param {Heard} heard */
  async start(heard) {
    const turn = ++this.turn;
    document.dispatchEvent(new CustomEvent("sd-play", { detail: this.figure }));
    await this.output.ready();
    if (turn === this.turn) this.change(heard);
  }

  /** Sound otherwise, if it sounds. @param {Heard} heard */
  follow(heard) {
    const { node } = this;
    if (!node) return;
    if (heard.hertz && node.heard.hertz) {
      const { frequency } = /** @type {OscillatorNode} */ (node.source);
      frequency.setTargetAtTime(heard.hertz, this.output.context.currentTime, GLIDE);
    } else if (heard.key !== node.heard.key) this.change(heard);
  }

  change(heard) {
    this.fadeOut();
    const { context } = this.output, gain = new GainNode(context, { gain: 0 });
    const source = heard.hertz ? new OscillatorNode(context, { frequency: heard.hertz })
      : looped(context, heard.sound);
    source.connect(gain).connect(context.destination);
    source.start();
    fade(gain, heard.hertz ? Math.SQRT2 * RMS : gainOf(heard.sound.x));
    this.node = { source, gain, when: context.currentTime, heard };
  }

  /** Seconds since it began to sound, as they are heard. */
  get passed() {
    const { context } = this.output;
    return this.node ? Math.max(0, context.currentTime - (context.outputLatency || 0) - this.node.when) : 0;
  }

  fadeOut() {
    if (!this.node) return;
    const { source, gain } = this.node;
    fade(gain, 0);
    source.stop(this.output.context.currentTime + CROSSFADE);
    this.node = null;
  }

  stop() {
    this.turn++;
    this.fadeOut();
    this.onStop();
  }

  close() {
    document.removeEventListener("sd-play", this.onOther);
    this.stop();
    this.output.close();
  }
}
