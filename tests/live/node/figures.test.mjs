// Tests of all figures to take hold of: their handles, their drawings, and what they share.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import test from "node:test";

import { mended, seenWith } from "../../../specdemo/live/js/parts/figure.js";
import { fitted, keyed } from "../../../specdemo/live/js/parts/handles.js";
import { still } from "../../../specdemo/live/js/parts/still.js";
import { gainOf, loopLater } from "../../../specdemo/live/js/parts/voice.js";
import { near, sound, started } from "./figures.mjs";

const FOLDER = new URL("../../../specdemo/live/figures/", import.meta.url);
const NAMES = readdirSync(FOLDER).filter((file) => file.endsWith(".js") && file !== "mount.js").map((file) => basename(file, ".js"));
const KINDS = await Promise.all(NAMES.map(async (name) => (await import(new URL(`${name}.js`, FOLDER).href))[name]));

test("every key leads to a value that the handle can have, and its ends are reached", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
  for (const kind of KINDS) {
    const { data } = started(kind);
    for (const handle of kind.handles(data)) {
      const low = handle.stops?.[0] ?? handle.min, high = handle.stops?.at(-1) ?? handle.max;
      const some = handle.stops?.[1] ?? fitted(handle, handle.min + 3 * (handle.step ?? 1)), what = `${kind.name}: ${handle.name}`;
      assert.equal(keyed(handle, some, "Home"), low, what);
      assert.equal(keyed(handle, some, "End"), high, what);
      for (const [axis, more, less] of [["x", "ArrowRight", "ArrowLeft"], ["y", "ArrowUp", "ArrowDown"]]) {
        const [rise, fall] = handle.reversed === axis ? [less, more] : [more, less];
        assert.ok(keyed(handle, low, rise) > low && keyed(handle, high, fall) < high, what);
      }
      for (const key of keys)
        for (const value of [low, some, high]) {
          const moved = keyed(handle, value, key);
          assert.equal(fitted(handle, moved), moved, `${what}: ${key} from ${value}`);
        }
      assert.equal(keyed(handle, some, "a"), undefined);
    }
  }
});

test("an arrow key moves a grip to where it points", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), seen = seenWith({}, state);
    // What turns goes round, and comes back.
    for (const handle of kind.handles(data).filter(({ turns }) => !turns)) {
      const key = handle.key ?? handle.name, what = `${kind.name}: ${handle.name}`;
      const at = (value) => {
        const moved = kind.changed?.(state, key, value, data) ?? { ...state, [key]: value };
        return kind.draw(moved, data, 500, seen).grips[handle.name];
      };
      const before = at(state[key]), after = (arrow) => at(keyed(handle, state[key], arrow));
      const right = after("ArrowRight").x - before.x, up = before.y - after("ArrowUp").y;
      assert.ok(Math.max(right, up) >= Math.max(0, -right, -up) - 1e-9, `${what} goes ${right} right, ${up} up`);
    }
  }
});

test("from between two stops a key leads to the next of them", () => {
  const handle = { stops: [1, 2, 4, 8, 16, 32, 64] };
  for (const [value, key, expected] of [[5, "ArrowRight", 8], [5, "ArrowLeft", 4], [7, "ArrowRight", 8], [7, "ArrowLeft", 4],
    [4, "ArrowRight", 8], [4, "ArrowLeft", 2], [5, "PageUp", 64], [0.5, "ArrowRight", 1], [99, "ArrowLeft", 64], [0.5, "ArrowLeft", 1], [5, "End", 64]])
    assert.equal(keyed(handle, /** @type {number} */ (value), /** @type {string} */ (key)), expected, `${key} from ${value}`);
});

test("an angle goes on where it has gone round", () => {
  const handle = { min: -180, max: 180, step: 5, turns: true };
  for (const [value, expected] of [[185, -175], [-185, 175], [540, 180], [362, 0], [91, 90]])
    assert.equal(fitted(handle, value), expected);
});

test("every state of a figure has a drawing in numbers, with a place for each of its handles", () => {
  const odd = [{ x: new Float32Array(800), sr: 8000 }, { x: new Float32Array(3).fill(0.1), sr: 1 }, sound(20, 100)];
  for (const given of [sound(), sound(8000, 0.05), sound(44100), ...odd]) {
    for (const kind of KINDS) {
      const { data, state } = started(kind, given);
      for (const handle of kind.handles(data)) {
        for (const key of ["Home", "End", "ArrowRight"]) {
          const name = handle.key ?? handle.name, value = keyed(handle, state[name], key);
          const moved = kind.changed?.(state, name, value, data) ?? { ...state, [name]: value };
          const drawing = kind.draw(moved, data, 360, seenWith(seenWith({}, state), moved));
          assert.doesNotMatch(drawing.marks + JSON.stringify(drawing.numbers), /NaN|Infinity|undefined/, `${kind.name} ${name} ${key}`);
          for (const { name: each } of kind.handles(data)) {
            assert.ok(drawing.grips[each], `${kind.name}: the drawing has no grip ${each}`);
            const { x, y, text } = drawing.grips[each];
            assert.ok(x >= 0 && x <= 372 && y >= 0 && y <= drawing.height && text, `${kind.name}: ${each} at ${x}, ${y}`);
          }
        }
      }
    }
  }
});

test("a grip that is moved to where it is keeps its value, and one that follows the pointer arrives", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), { grips } = kind.draw(state, data, 700, seenWith({}, state));
    for (const handle of kind.handles(data)) {
      const { x, y, move } = grips[handle.name], value = state[handle.key ?? handle.name];
      const found = fitted(handle, move({ x, y }, { x, y, value }));
      const most = handle.name === "time" ? state.hop_length / data.sr : handle.step ?? 1;
      near(found, value, handle.stops ? 0 : most, `${kind.name}: ${handle.name}`);
    }
  }
});

test("values from outside, whatever they are, become a state that the handles could have led to", () => {
  for (const kind of KINDS) {
    // Of thirteen cosines, some stand for all.
    const { data } = started(kind), handles = kind.handles(data).slice(0, 6), keyOf = ({ key, name }) => key ?? name;
    const ends = ({ min, max, stops }) => [stops?.[0] ?? min, stops?.at(-1) ?? max];
    for (const [i, one] of handles.entries())
      for (const other of handles.slice(i + 1))
        for (const [first, second] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
          const values = { [keyOf(one)]: ends(one)[first], [keyOf(other)]: ends(other)[second] };
          const state = mended(kind, data, mended(kind, data, values)), what = `${kind.name} ${JSON.stringify(values)}`;
          assert.deepEqual(mended(kind, data, state), state, what);
          const { surfaces = {}, marks } = kind.draw(state, data, 360, seenWith({}, state));
          for (const [name, { width, height }] of Object.entries(surfaces)) assert.ok(width >= 0 && height >= 0, `${what}: ${name}`);
          assert.doesNotMatch(marks, /NaN|Infinity|undefined/, what);
        }
  }
});

test("a drawing depends on nothing but its state", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), seen = seenWith({}, state);
    const before = kind.draw(state, data, 500, seen).marks;
    for (const handle of kind.handles(data)) {
      const name = handle.key ?? handle.name;
      kind.draw({ ...state, [name]: keyed(handle, state[name], "ArrowRight") }, data, 500, seen);
    }
    assert.equal(kind.draw(state, data, 500, seen).marks, before, kind.name);
  }
});

test("a loop is made once, and not before it is to sound", () => {
  let n_made = 0;
  const heard = loopLater("a", () => ({ x: new Float32Array(++n_made), sr: 8000 }));
  assert.equal(n_made, 0);
  assert.equal(heard.sound, heard.sound);
  assert.equal(n_made, 1);
});

test("loops are as loud as each other", () => {
  for (const scale of [0.001, 1, 300]) {
    const x = Float32Array.from({ length: 960 }, (_, n) => scale * Math.sin(2 * Math.PI * n / 32));
    near(gainOf(x) * scale / Math.SQRT2, 0.08, 1e-6, "RMS");
  }
  assert.equal(gainOf(new Float32Array(9)), 0);
});

test("the picture is the drawing of the start, with its handles and no words of a script", () => {
  for (const kind of KINDS) {
    const { data, state } = started(kind), picture = still(kind, sound(), { hertz: 300 });
    assert.match(picture, /^<svg class="sd-still"[^]*<\/svg>$/);
    assert.equal(picture.match(/sd-dot/g).length, kind.handles(data).length);
    assert.ok(picture.includes(kind.draw(state, data, 360, seenWith({}, state)).marks), kind.name);
  }
});
