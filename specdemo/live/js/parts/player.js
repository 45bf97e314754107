/** Sounds in step, one of them audible. */

import { resample } from "./sounds.js";

const CROSSFADE = 0.01, HEADSTART = 0.02;

// Seconds after which a sound output that has not started is taken for none.
const PATIENCE = 3;

// The rates in Hz that every browser plays.
export const LOWEST_PLAYED = 8000;
export const HIGHEST_PLAYED = 96000;

/** Plays original and result in step, one of them audible, and changes over without a gap. */
export class Player {
  /**
   * @param {() => void} onEnd when the sounds are over
   * @param {() => void} onHalt when the output is taken away, by a telephone call
   */
  constructor(onEnd, onHalt) {
    Object.assign(this, { onEnd, onHalt });
    this.side = "original";
    this.loop = null;
    this.tracks = {};
    this.nodes = {};
  }

  get playing() {
    return Object.keys(this.nodes).length > 0;
  }

  /** Put a sound on a side, also during play. @param {number} level factor of the samples */
  setTrack(side, { x, sr }, level) {
    const old = this.tracks[side], isSame = old?.x === x;
    this.tracks[side] = { x, level, buffer: isSame ? old.buffer : makeBuffer(x, sr) };
    if (!this.playing) return;
    if (isSame) return this.fade(this.nodes[side].gain, this.levelOf(side));
    const when = this.context.currentTime + HEADSTART;
    this.stopNode(side, when);
    this.startNode(side, when, this.position(HEADSTART));
  }

  removeTrack(side) {
    delete this.tracks[side];
    this.stopNode(side);
  }

  /**
   * Wait until the output runs. To start it needs a gesture of the reader, the first time.
   * @throws {Error} whose message is a sentence for the reader
   */
  async ready() {
    // Where there is no device, some browsers would wait for ever.
    const late = () => new Promise((_, reject) => setTimeout(reject, 1000 * PATIENCE));
    const starting = async () => Promise.race([this.output().resume(), late()]);
    await starting().catch(() => {
      throw new Error("This browser has no sound output, or it does not answer.");
    });
  }

  output() {
    if (this.context) return this.context;
    this.context = new AudioContext();
    this.context.onstatechange = () => this.context.state !== "running" && this.onHalt();
    return this.context;
  }

  /**
   * Start the sounds, when the output is ready.
   * @param {number} from where to start, in s
   * @param {Span|null} loop what to repeat
   */
  start(from, loop) {
    this.stop();
    this.loop = loop;
    this.from = from;
    this.when = this.context.currentTime + HEADSTART;
    Object.keys(this.tracks).forEach((side) => this.startNode(side, this.when, from));
  }

  stop() {
    Object.keys(this.nodes).forEach((side) => this.stopNode(side));
  }

  /** Make the other side the audible one. */
  choose(side) {
    this.side = side;
    for (const [name, { gain }] of Object.entries(this.nodes)) this.fade(gain, this.levelOf(name));
  }

  /** Where in the sound playing is, or will be so many seconds from now. */
  position(ahead = 0) {
    const passed = this.context.currentTime + ahead - this.when;
    const at = this.from + Math.max(0, passed);
    if (!this.loop || at < this.loop.end) return at;
    return this.loop.start + (at - this.loop.start) % (this.loop.end - this.loop.start);
  }

  /** The position that is heard now, which is late by what the device keeps in store. */
  heard() {
    return this.position(-(this.context.outputLatency || 0));
  }

  levelOf(side) {
    return side === this.side ? this.tracks[side]?.level ?? 0 : 0;
  }

  startNode(side, when, offset) {
    const loop = this.loop && { loop: true, loopStart: this.loop.start, loopEnd: this.loop.end };
    const { buffer } = this.tracks[side];
    const source = new AudioBufferSourceNode(this.context, { buffer, ...loop });
    const gain = new GainNode(this.context, { gain: 0 });
    source.connect(gain).connect(this.context.destination);
    source.start(when, offset);
    source.onended = () => this.nodes[side]?.source === source && this.finish();
    this.nodes[side] = { source, gain };
    this.fade(gain, this.levelOf(side), when);
  }

  stopNode(side, when = this.context?.currentTime) {
    const node = this.nodes[side];
    if (!node) return;
    delete this.nodes[side];
    this.fade(node.gain, 0, when);
    node.source.stop(when + CROSSFADE);
  }

  fade({ gain }, level, when = this.context.currentTime) {
    gain.cancelScheduledValues(when);
    gain.setValueAtTime(gain.value, when);
    gain.linearRampToValueAtTime(level, when + CROSSFADE);
  }

  finish() {
    this.nodes = {};
    this.onEnd();
  }

  close() {
    if (!this.context) return;
    this.context.onstatechange = null;
    this.context.close();
  }
}

/** The rate at which a sound is played: its own, or a multiple or fraction that browsers take. */
export function playedRate(sr) {
  if (sr < LOWEST_PLAYED) return sr * Math.ceil(LOWEST_PLAYED / sr);
  return sr / Math.ceil(sr / HIGHEST_PLAYED);
}

function makeBuffer(x, sr) {
  const sampleRate = playedRate(sr), played = resample(x, sr, sampleRate);
  const buffer = new AudioBuffer({ length: played.length, sampleRate });
  buffer.copyToChannel(played, 0);
  return buffer;
}
