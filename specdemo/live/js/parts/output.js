/** The sound output of a figure, or of all players of a page. */

// Seconds after which an output that has not started is taken for none.
const PATIENCE = 3;

// Seconds over which a change of loudness fades.
export const CROSSFADE = 0.01;

/** An output that is made when it is first wanted. */
export class Output {
  /** @param {() => void} onHalt when the output is taken away, by a telephone call */
  constructor(onHalt) {
    this.onHalt = onHalt;
    /** @type {AudioContext|undefined} */
    this.context = undefined;
  }

  open() {
    if (this.context) return this.context;
    const context = this.context = new AudioContext();
    context.onstatechange = () => context.state !== "running" && this.onHalt();
    return context;
  }

  /**
   * Wait until the output runs. To start it needs a gesture of the reader, the first time.
   * @throws {Error} whose message is a sentence for the reader
   */
  async ready() {
    // Where there is no device, some browsers would wait for ever.
    const late = () => new Promise((_, reject) => setTimeout(reject, 1000 * PATIENCE));
    const starting = async () => Promise.race([this.open().resume(), late()]);
    await starting().catch(() => {
      throw new Error("This browser has no sound output, or it does not answer.");
    });
  }

  close() {
    if (!this.context) return;
    this.context.onstatechange = null;
    this.context.close();
  }
}

/**
 * Let the loudness change without a click.
 * @param {GainNode} node
 * @param {number} factor of the samples, from then on
 * @param {number} [when] s, on the clock of the output
 */
export function fade({ gain, context }, factor, when = context.currentTime) {
  gain.cancelScheduledValues(when);
  gain.setValueAtTime(gain.value, when);
  gain.linearRampToValueAtTime(factor, when + CROSSFADE);
}
