/** The worker: runs that arrive as messages, newest first. */

import { explore } from "./explore.js";
import { demand } from "./limits.js";

/**
 * Answer the messages of a port: "sound" brings a sound, "run" explores it, "cancel" ends a run,
 * and so does a newer one. Every run ends with "done", "error" or "cancelled".
 * @param {Port} port
 */
export function serve(port) {
  let sound = null, cache = {}, waiting = null, current = null;
  const handlers = {
    sound({ x, sr }) { sound = { x, sr }; },
    run({ id, settings }) {
      for (const older of [waiting, current]) if (older) handlers.cancel(older);
      waiting = { id, settings };
      if (!current) work();
    },
    cancel({ id }) {
      if (current?.id === id) current.isCancelled = true;
      if (waiting?.id !== id) return;
      waiting = null;
      port.postMessage({ id, kind: "cancelled" });
    },
  };
  port.onmessage = ({ data }) => handlers[data.kind]?.(data);

  async function work() {
    const { port1, port2 } = new MessageChannel();
    const otherMessages = () => new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
    while (waiting) {
      [current, waiting] = [waiting, null];
      await perform(current, otherMessages);
    }
    current = null;
    port1.close();
  }

  async function perform(run, otherMessages) {
    const post = (message) => port.postMessage({ id: run.id, ...message }, buffersOf(message));
    try {
      demand(sound, "There is no sound yet.");
      for (const message of explore(sound, run.settings, cache)) {
        post(message);
        await otherMessages();
        if (run.isCancelled) return post({ kind: "cancelled" });
      }
      post({ kind: "done" });
    } catch (error) {
      post({ kind: "error", message: error.message });
    }
  }
}

/** The arrays of a message, which are handed over instead of copied. */
function buffersOf(message) {
  return Object.values(message).filter(ArrayBuffer.isView).map((values) => values.buffer);
}

const { DedicatedWorkerGlobalScope: Scope } = globalThis;
if (Scope && globalThis instanceof Scope) serve(/** @type {Port} */ (/** @type {unknown} */ (globalThis)));
