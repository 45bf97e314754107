// What tests that compare with Python share: the vectors that golden.py wrote, and how near is equal.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const { SPECDEMO_GOLDEN: folder } = process.env;
const cases = folder ? JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) : [];
export const held = { skip: folder ? false : "SPECDEMO_GOLDEN names no folder of golden vectors" };

/** The cases of a kind, their arrays read. */
export function* golden(kind) {
  for (const { settings, arrays, ...found } of cases.filter((one) => one.kind === kind)) {
    yield { ...found, settings, ...read(arrays) };
  }
}

function read(arrays) {
  return Object.fromEntries(Object.entries(arrays).map(([name, entry]) => {
    if (entry.re) return [name, read(entry)];
    const bytes = readFileSync(join(folder, entry.file));
    const Kind = { float32: Float32Array, float64: Float64Array }[entry.dtype];
    return [name, new Kind(new Uint8Array(bytes).buffer)];
  }));
}

export const precise = (x) => (x instanceof Float64Array ? 1e-10 : 1e-6);

/** Same kind, same length, and nowhere further apart than `tolerance` times the largest value. */
export function agree(actual, expected, what, tolerance = precise(expected)) {
  assert.equal(actual.constructor, expected.constructor, `${what}: kind of array`);
  assert.equal(actual.length, expected.length, `${what}: length`);
  const size = largest(expected);
  let worst = 0, at = 0;
  for (let i = 0; i < actual.length; i++) {
    const apart = Math.abs(actual[i] - expected[i]);
    if (!(apart <= worst)) [worst, at] = [apart, i];
  }
  assert.ok(worst <= tolerance * size,
    `${what}: ${actual[at]} instead of ${expected[at]} at ${at}, of at most ${size}`);
}

export function near(actual, expected, tolerance, what) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

export const largest = (values) => values.reduce((found, v) => Math.max(found, Math.abs(v)), 0);
export const name = (settings) => JSON.stringify(settings);
/** Run a generator to its end: what it yielded, and what it returned. */
export function finish(steps) {
  const yielded = [];
  for (;;) {
    const { done, value } = steps.next();
    if (done) return { yielded, result: value };
    yielded.push(value);
  }
}

/** Noise of the least effort, the same at every run. */
export function noise(length, seed = 1) {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (1103515245 * state + 12345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  });
}
