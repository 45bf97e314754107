/** Sounds in step, one of them audible: changing over has no gap and keeps the position. */

import { CROSSFADE, Output, fade } from "./output.js";

// Seconds within which all sounds start.
const HEADSTART = 0.03;

/** Plays the sounds of a figure by their names. */
export class Player {
  /**
   * @param {string} side the sound that is audible
   * @param {() => void} onEnd when the sounds are over
   * @param {Output} output
   */
  constructor(side, onEnd, output) {
    this.side = side;
    this.onEnd = onEnd;
    this.output = output;
    /** @type {Span|null} */
    this.loop = null;
    this.from = 0;
    this.when = 0;
    /** @type {Object<string, {buffer: AudioBuffer, factor: number}>} */
    this.tracks = {};
    /** @type {Object<string, {source: AudioBufferSourceNode, gain: GainNode}>} */
    this.nodes = {};
  }

  get context() {
    return this.output.context;
  }

  get playing() {
    return Object.keys(this.nodes).length > 0;
  }

  /**
   * Put a sound on a side, also during play.
   * @param {string} side
   * @param {AudioBuffer} buffer
   * @param {number} factor of the samples
   */
  setTrack(side, buffer, factor) {
    const isSame = this.tracks[side]?.buffer === buffer;
    this.tracks[side] = { buffer, factor };
    if (!this.playing) return;
    if (isSame && this.nodes[side]) return fade(this.nodes[side].gain, this.factorOf(side));
    const when = this.context.currentTime + HEADSTART;
    this.stopNode(side, when);
    this.startNode(side, when, this.position(HEADSTART));
  }

  /** @param {string} side */
  removeTrack(side) {
    delete this.tracks[side];
    this.stopNode(side);
  }

  ready() {
    return this.output.ready();
  }

  /**
   * Start the sounds, when the output is ready.
   * @param {number} from where to start, in s
   * @param {Span|null} [loop] what to repeat
   */
  start(from, loop = null) {
    this.stop();
    this.loop = loop;
    this.from = from;
    this.when = this.context.currentTime + HEADSTART;
    Object.keys(this.tracks).forEach((side) => this.startNode(side, this.when, from));
  }

  stop() {
    Object.keys(this.nodes).forEach((side) => this.stopNode(side));
  }

  /**
   * Make another sound the audible one.
   * @param {string} side
   */
  choose(side) {
    this.side = side;
    for (const [name, { gain }] of Object.entries(this.nodes)) fade(gain, this.factorOf(name));
  }

  /** Where in the sounds playing is, or will be `ahead` seconds from now. */
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

  /** @param {string} side */
  factorOf(side) {
    return side === this.side ? this.tracks[side]?.factor ?? 0 : 0;
  }

  /** @param {string} side @param {number} when @param {number} offset */
  startNode(side, when, offset) {
    const loop = this.loop && { loop: true, loopStart: this.loop.start, loopEnd: this.loop.end };
    const { buffer } = this.tracks[side];
    const source = new AudioBufferSourceNode(this.context, { buffer, ...loop });
    const gain = new GainNode(this.context, { gain: 0 });
    source.connect(gain).connect(this.context.destination);
    source.start(when, Math.min(offset, buffer.duration));
    source.onended = () => this.nodes[side]?.source === source && this.finish(side);
    this.nodes[side] = { source, gain };
    fade(gain, this.factorOf(side), when);
  }

  /** @param {string} side @param {number} [when] */
  stopNode(side, when = this.context?.currentTime) {
    const node = this.nodes[side];
    if (!node) return;
    delete this.nodes[side];
    fade(node.gain, 0, when);
    node.source.stop(when + CROSSFADE);
  }

  /**
   * A sound has come to its end; with the last of them, playing has.
   * @param {string} side
   */
  finish(side) {
    delete this.nodes[side];
    if (!this.playing) this.onEnd();
  }

  close() {
    this.output.close();
  }
}
