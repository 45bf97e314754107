// The worker: runs, cancelled runs, and the joined script that serves.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import vm from "node:vm";
import { MessageChannel } from "node:worker_threads";

import * as dsp from "../dsp.mjs";
import { folder, held } from "../golden.mjs";
import { SR, base, kinds, sound } from "../sounds.mjs";

/** The other end of a port that is served, and what arrives there. */
function connect(context) {
  const { port1, port2 } = new MessageChannel();
  const received = [], waiting = [];
  dsp.serve(port1);
  port2.on("message", (message) => {
    received.push(message);
    for (const one of waiting.splice(0)) one();
  });
  context.after(() => port2.close());
  return {
    received,
    send: (message) => port2.postMessage(message),
    /** Wait until a message that has arrived, or will, is as wanted. */
    async until(isWanted) {
      while (!received.some(isWanted)) await new Promise((resolve) => waiting.push(resolve));
      return received.find(isWanted);
    },
  };
}

const ends = ["done", "error", "cancelled"];
const isEnd = (id) => (message) => message.id === id && ends.includes(message.kind);
const of = (received, id) => received.filter((message) => message.id === id);
const many = { ...base, start: "random", n_iter: 5000 };

test("a run sends the messages of explore with its number, then done", async (context) => {
  const { send, received, until } = connect(context);
  const settings = { ...base, start: "pghi" };
  send({ id: 1, kind: "input", input: sound });
  send({ id: 7, kind: "run", settings });
  await until(isEnd(7));
  const expected = [...dsp.explore(sound, settings)].map((message) => ({ ...message, id: 7 }));
  assert.deepEqual(received, [...expected, { id: 7, kind: "done" }]);
});

test("a newer run ends the one before", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  await until(({ id, kind }) => id === 1 && kind === "progress");
  send({ id: 2, kind: "run", settings: base });
  await until(isEnd(2));
  assert.equal(of(received, 1).at(-1).kind, "cancelled");
  assert.equal(of(received, 1).filter(({ kind }) => ends.includes(kind)).length, 1);
  assert.deepEqual(kinds(of(received, 2)), ["original", "kept", "result", "done"]);
  assert.ok(received.indexOf(of(received, 1).at(-1)) < received.indexOf(of(received, 2)[0]));
});

test("of many runs at once the last is done, and every other cancelled", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  for (const id of [1, 2, 3, 4]) send({ id, kind: "run", settings: many });
  send({ id: 5, kind: "run", settings: { ...many, n_iter: 2 } });
  await until(isEnd(5));
  for (const id of [1, 2, 3, 4]) {
    const found = kinds(of(received, id));
    assert.equal(found.at(-1), "cancelled");
    assert.ok(!found.includes("progress"));
  }
  assert.equal(received.at(-1).kind, "done");
});

test("a run can be cancelled, and the next one works", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  await until(({ kind }) => kind === "progress");
  send({ id: 9, kind: "cancel" });
  send({ id: 1, kind: "cancel" });
  await until(isEnd(1));
  assert.equal(of(received, 1).at(-1).kind, "cancelled");
  assert.deepEqual(of(received, 9), []);
  send({ id: 2, kind: "run", settings: base });
  assert.equal((await until(isEnd(2))).kind, "done");
});

test("a run that has not begun can be cancelled", async (context) => {
  const { send, received, until } = connect(context);
  send({ kind: "input", input: sound });
  send({ id: 1, kind: "run", settings: many });
  send({ id: 2, kind: "run", settings: many });
  send({ id: 2, kind: "cancel" });
  await until(isEnd(2));
  await until(isEnd(1));
  assert.deepEqual(kinds(of(received, 2)), ["cancelled"]);
  send({ id: 3, kind: "run", settings: base });
  assert.equal((await until(isEnd(3))).kind, "done");
});

test("what goes wrong is said, and the next run works", async (context) => {
  const { send, received, until } = connect(context);
  send({ id: 1, kind: "run", settings: base });
  assert.match((await until(isEnd(1))).message, /no sound/);
  send({ kind: "input", input: sound });
  send({ id: 2, kind: "run", settings: { ...base, hop_length: 256 } });
  const { kind, message } = await until(isEnd(2));
  assert.equal(kind, "error");
  assert.match(message, /hop_length/);
  send({ id: 3, kind: "unheard of" });
  send({ id: 4, kind: "run", settings: base });
  assert.equal((await until(isEnd(4))).kind, "done");
  assert.deepEqual(of(received, 3), []);
});

test("a new sound is heard in the next run", async (context) => {
  const { send, received, until } = connect(context);
  for (const [id, length] of [[1, 6000], [2, 2000], [3, 6000]]) {
    send({ kind: "input", input: { x: sound.x.slice(0, length), sr: SR } });
    send({ id, kind: "run", settings: base });
    await until(isEnd(id));
    assert.equal(of(received, id).at(-2).x_hat.length, length);
  }
});

/** What a worker has that Node has not: to the module, the object `scope` is that of a worker. */
function makeWorkerScope(scope) {
  const received = [];
  let finished;
  const isDone = new Promise((resolve) => { finished = resolve; });
  const postMessage = (message) => {
    received.push(message);
    if (message.kind === "done") finished();
  };
  class DedicatedWorkerGlobalScope {
    static [Symbol.hasInstance]() {
      return true;
    }
  }
  Object.assign(scope, { DedicatedWorkerGlobalScope, postMessage });
  const ask = async () => {
    scope.onmessage({ data: { kind: "input", input: sound } });
    scope.onmessage({ data: { id: 1, kind: "run", settings: base } });
    await isDone;
    return kinds(received);
  };
  return { ask };
}

test("in a worker the module serves by itself", async () => {
  const { onmessage, postMessage } = globalThis;
  try {
    const { ask } = makeWorkerScope(globalThis);
    await import("../../../../specdemo/live/js/dsp/worker.js?in-a-worker");
    assert.deepEqual(await ask(), ["original", "kept", "result", "done"]);
  } finally {
    delete globalThis.DedicatedWorkerGlobalScope;
    Object.assign(globalThis, { onmessage, postMessage });
  }
});

test("joined and without its exports it is a script, and that serves, too", held, async () => {
  const context = vm.createContext({ MessageChannel, Float32Array, ArrayBuffer });
  const { ask } = makeWorkerScope(context);
  vm.runInContext(readFileSync(join(folder, "worker.js"), "utf8").replace(/^export /gm, ""), context);
  assert.deepEqual(await ask(), ["original", "kept", "result", "done"]);
});
