/** Runs that arrive as messages, newest first. */

import { demand } from "./limits.js";

/**
 * Answer the messages of a port: "input" brings what runs work on, "run" starts one, "cancel" ends
 * one, and so does a newer one. A run posts what `work` yields, and ends with "done", "error" or
 * "cancelled".
 * @param {Port} port
 * @param {(input: any, settings: any, cache: object) => Iterable<object>} work
 * @param {string} missing the sentence of a run without input
 */
export function serveRuns(port, work, missing) {
  const cache = {};
  let input = null, waiting = null, current = null;
  const handlers = {
    input(message) { input = message.input; },
    run({ id, settings }) {
      for (const older of [waiting, current]) if (older) handlers.cancel(older);
      waiting = { id, settings };
      if (!current) workOn();
    },
    cancel({ id }) {
      if (current?.id === id) current.isCancelled = true;
      if (waiting?.id !== id) return;
      waiting = null;
      port.postMessage({ id, kind: "cancelled" });
    },
  };
  port.onmessage = ({ data }) => handlers[data.kind]?.(data);

  function begun({ settings }) {
    demand(input, missing);
    return work(input, settings, cache);
  }

  async function workOn() {
    const { port1, port2 } = new MessageChannel();
    const otherMessages = () => new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
    while (waiting) {
      [current, waiting] = [waiting, null];
      await perform(current, begun, port, otherMessages);
    }
    current = null;
    port1.close();
  }
}

/** Post what a run yields, and how it ends; between two messages, others are heard. */
async function perform(run, begun, port, otherMessages) {
  const post = (message) => port.postMessage({ id: run.id, ...message }, buffersOf(message));
  try {
    for (const message of begun(run)) {
      post(message);
      await otherMessages();
      if (run.isCancelled) return post({ kind: "cancelled" });
    }
    post({ kind: "done" });
  } catch (error) {
    post({ kind: "error", message: error.message });
  }
}

/** The arrays of a message, which are handed over instead of copied. */
function buffersOf(message) {
  return Object.values(message).filter(ArrayBuffer.isView).map((values) => values.buffer);
}

/** Whether this is a worker, and the port that it has then. */
export function ownPort() {
  const { DedicatedWorkerGlobalScope: Scope } = globalThis;
  return Scope && globalThis instanceof Scope
    ? /** @type {Port} */ (/** @type {unknown} */ (globalThis)) : null;
}
