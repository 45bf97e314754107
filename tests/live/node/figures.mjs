// What tests of figures share: golden vectors (SPECDEMO_GOLDEN names the folder that golden.py wrote), and a sound.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { mended } from "../../../specdemo/live/js/parts/figure.js";

const { SPECDEMO_GOLDEN: folder } = process.env;
export const held = { skip: folder ? false : "SPECDEMO_GOLDEN names no folder of golden vectors" };
export const RADIANS = Math.PI / 180;

export const numbers = ({ file }) => new Float64Array(new Uint8Array(readFileSync(join(folder, file))).buffer);

export function cases(kind) {
  const found = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")).filter((one) => one.kind === kind);
  assert.ok(found.length, `no cases of ${kind}`);
  return found;
}

export function near(actual, expected, tolerance, what) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

// What a figure brings beside its sound.
const model = readFileSync(new URL("../../../specdemo/live/figures/speak.json", import.meta.url), "utf8");

/** A hum with a click, which every figure can show. */
export function sound(sr = 8000, seconds = 0.8) {
  const x = Float32Array.from({ length: sr * seconds }, (_, n) => 0.4 * Math.sin(2 * Math.PI * 300 * n / sr));
  x[x.length >> 1] = 0.9;
  return { x, sr, model };
}

export const started = (kind, given = sound()) => {
  const data = kind.prepare({ model, ...given }, { hertz: Math.min(300, given.sr / 4) });
  return { data, state: mended(kind, data, {}) };
};
