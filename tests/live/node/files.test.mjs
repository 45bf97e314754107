// Tests of the files that arrays come in: as NumPy writes them, and what is said of others.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { arraysOf, layersOf, tableOf, usable } from "../../../specdemo/live/js/files/arrays.js";
import { Refusal, fromHalf } from "../../../specdemo/live/js/files/numbers.js";
import { folder, golden, held } from "./golden.mjs";

const fileOf = (name) => new Blob([readFileSync(join(folder, name))]);
const bytes = (text) => new Blob([Uint8Array.from(text, (c) => c.charCodeAt(0))]);

/** A file of `numpy.save` by its parts. */
function npy(header, data = new Uint8Array(0), version = 1) {
  const text = `${header}\n`, length = new Uint8Array(version > 1 ? 4 : 2);
  length.set([text.length % 256, text.length >> 8]);
  return new Blob([bytes("\x93NUMPY"), Uint8Array.of(version, 0), length, text, data]);
}

const headerOf = (descr, shape, isFortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${isFortran}, 'shape': (${shape}), }`;

async function refusalOf(blob, name) {
  try {
    await tableOf(usable(await arraysOf(blob, name), name)[0], 0);
  } catch (error) {
    assert.ok(error instanceof Refusal, `${name}: ${error.stack}`);
    return error;
  }
  return assert.fail(`${name} was not refused`);
}

test("every kind of number, order and version of NumPy is read, and every kind of archive", held, async () => {
  let count = 0;
  for (const { settings: { name, key, shape }, values } of golden("file")) {
    const array = (await arraysOf(fileOf(name), name)).find((one) => one.name === key);
    assert.deepEqual(array.shape, shape, name);
    assert.deepEqual(Array.from(await array.read()), Array.from(values), name);
    count++;
  }
  assert.ok(count >= 20);
});

test("of an archive the arrays that can be one are offered, a mel spectrogram first", held, async () => {
  for (const name of ["stored.npz", "deflated.npz"]) {
    const found = usable(await arraysOf(fileOf(name), name), name);
    assert.deepEqual(found.map((array) => array.name), ["mel", "other"]);
  }
  const [tensor, ...others] = usable(await arraysOf(fileOf("F16.safetensors"), "a"), "a");
  assert.equal(tensor.dtype, "float16");
  assert.deepEqual(others, []);
});

test("an item of a batch is a table of its own", held, async () => {
  const [array] = await arraysOf(fileOf("batch.npy"), "batch.npy"), all = await array.read();
  for (const item of [0, 1]) {
    const { shape, values } = await tableOf(array, item);
    assert.deepEqual(shape, [3, 4]);
    assert.deepEqual(values, all.slice(12 * item, 12 * item + 12));
  }
});

test("axes of length one count for nothing, and others are a batch", () => {
  for (const [shape, rows, columns, batch] of [
    [[80, 9], 80, 9, []], [[1, 80, 9], 80, 9, []], [[1, 1, 80, 9], 80, 9, []],
    [[80, 9, 1], 80, 9, []], [[2, 80, 9], 80, 9, [2]], [[2, 1, 80, 9], 80, 9, [2]],
    [[1, 3, 2, 80, 9], 80, 9, [3, 2]], [[1, 80, 1], 80, 1, []],
  ]) assert.deepEqual(layersOf(shape), { rows, columns, batch }, `${shape}`);
  for (const shape of [[], [80], [80, 0], [0, 3, 4]]) assert.equal(layersOf(shape), null, `${shape}`);
});

test("half precision numbers are what their bits say", () => {
  for (const [bits, value] of [
    [0x3c00, 1], [0xc000, -2], [0x7bff, 65504], [0x0001, 2 ** -24], [0x0400, 2 ** -14],
    [0x7c00, Infinity], [0xfc00, -Infinity], [0x3555, 0.333251953125],
  ]) assert.equal(fromHalf(bits), value);
  assert.ok(Number.isNaN(fromHalf(0x7e00)));
  assert.ok(Object.is(fromHalf(0x8000), -0));
});

test("what is no array is refused with the line of Python that helps", async () => {
  for (const [name, blob, sentence, code] of [
    ["a.wav", bytes("RIFF\0\0\0\0WAVEfmt "), /is a sound/, /forward\(x\)/],
    ["a.flac", bytes("fLaC\0\0\0\x22"), /is a sound/, /forward/],
    ["a.mp3", bytes("\xff\xfb\x90\0"), /is a sound/, /forward/],
    ["a.png", bytes("\x89PNG\r\n\x1a\n"), /is a picture/, /np\.save/],
    ["a.jpg", bytes("\xff\xd8\xff\xe0"), /is a picture/, /np\.save/],
    ["a.webp", bytes("RIFF\0\0\0\0WEBPVP8 "), /is a picture/, /np\.save/],
    ["a.csv", bytes("0.1,0.2\n0.3,0.4\n"), /is text/, /loadtxt/],
    ["a.pt", bytes("\x80\x02\x8a\nl\xfc"), /PyTorch/, /detach\(\)\.cpu\(\)\.numpy\(\)/],
    ["a.pkl", bytes("\x80\x04\x95\0"), /pickle/, /np\.save/],
    ["a.h5", bytes("\x89HDF\r\n\x1a\n"), /HDF5/, /h5py/],
    ["a.mat", bytes("MATLAB 5.0 MAT-file, \0\x01"), /MATLAB/, /loadmat/],
    ["a.xyz", bytes("\0\x01\x02\x03\0\0\0\0\0\0"), /not a file that this page knows/, /np\.save/],
    ["a.npy", new Blob([]), /empty/, undefined],
  ]) {
    const found = await refusalOf(blob, name);
    assert.match(found.message, sentence, name);
    assert.ok(found.message.startsWith(name), found.message);
    if (code) assert.match(found.code, code, name);
  }
});

test("a file of PyTorch is known by what is in it", async () => {
  const found = await refusalOf(zipOf("archive/data.pkl", "\x80\x02"), "mel.npz");
  assert.match(found.message, /PyTorch/);
  assert.match((await refusalOf(zipOf("readme.txt", "hello"), "mel.npz")).message, /without arrays/);
});

/** An archive with one member that is stored. */
function zipOf(name, content) {
  const number = (value, length) => String.fromCharCode(...Array.from({ length }, (_, i) => (value >> 8 * i) & 255));
  const sizes = number(0, 4) + number(content.length, 4) + number(content.length, 4) + number(name.length, 2);
  const local = `PK\x03\x04${number(20, 2)}${number(0, 8)}${sizes}${number(0, 2)}${name}${content}`;
  const central = `PK\x01\x02${number(20, 4)}${number(0, 8)}${sizes}${number(0, 16)}${name}`;
  const end = `PK\x05\x06${number(0, 4)}${number(1, 2)}${number(1, 2)}${number(central.length, 4)}`;
  return bytes(`${local}${central}${end}${number(local.length, 4)}${number(0, 2)}`);
}

test("arrays that cannot be one are refused by what they are", async () => {
  const data = new Uint8Array(8 * 6);
  for (const [header, sentence] of [
    [headerOf("<i2", "2, 3"), /whole numbers.*fractions/s],
    [headerOf("|u1", "2, 3"), /whole numbers/],
    [headerOf("<c8", "2, 3"), /complex numbers/],
    [headerOf("|O", "2, 3"), /Python objects/],
    [headerOf("|V2", "2, 3"), /bfloat16/],
    [headerOf("<f16", "1, 3"), /long doubles/],
    [headerOf("<f4", "6,"), /one axis/],
    [headerOf("<f4", ""), /no axes/],
    [headerOf("<f4", "2, 0"), /empty/],
    [headerOf("<f8", "20, 3"), /cut short/],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }", /records/],
  ]) {
    const { message } = await refusalOf(npy(header, data), "mel.npy");
    assert.match(message, sentence, header);
  }
  const whole = await refusalOf(npy(headerOf("<i2", "2, 3"), data), "mel.npy");
  assert.match(whole.code, /astype/);
});

test("an array of one value is said to hold nothing", async () => {
  const data = new Uint8Array(Float32Array.of(2, 2, 2, 2).buffer);
  assert.match((await refusalOf(npy(headerOf("<f4", "2, 2"), data), "mel.npy")).message, /nothing in it/);
});

test("values that are no numbers are counted", async () => {
  const data = new Uint8Array(Float32Array.of(1, NaN, 2, Infinity, 3, 4).buffer);
  const { message } = await refusalOf(npy(headerOf("<f4", "2, 3"), data), "mel.npy");
  assert.match(message, /^2 of the 6 values/);
});

test("logarithms of zero and transforms are told from the rest, each with its way out", async () => {
  const silent = new Uint8Array(Float32Array.of(1, -Infinity, 2, -Infinity, 3, 4).buffer);
  const logs = await refusalOf(npy(headerOf("<f4", "2, 3"), silent), "mel.npy");
  assert.match(logs.message, /^2 of the 6 values of mel.npy are the logarithm of zero/);
  assert.match(logs.code, /np.maximum/);
  const complex = await refusalOf(npy(headerOf("<c8", "2, 3"), new Uint8Array(48)), "mel.npy");
  assert.match(complex.code, /stft.inverse/);
  const number = await refusalOf(npy(headerOf("<f4", ""), new Uint8Array(4)), "mel.npy");
  assert.match(number.message, /no axes/);
});

test("damaged files are said to be so", held, async () => {
  const whole = new Uint8Array(await fileOf("deflated.npz").arrayBuffer());
  const cut = [new Blob([whole.slice(0, 200)])];
  const bad = whole.map((v, i) => (i > 60 && i < whole.length - 300 ? v ^ 0x5a : v));
  for (const blob of [...cut, new Blob([bad])]) {
    assert.match((await refusalOf(blob, "mel.npz")).message, /damaged|cut short/);
  }
  const npyHead = new Uint8Array(await fileOf("Cf4.npy").arrayBuffer()).slice(0, 40);
  assert.match((await refusalOf(new Blob([npyHead]), "mel.npy")).message, /damaged/);
  const tensors = new Uint8Array(await fileOf("F32.safetensors").arrayBuffer());
  tensors[20] = 0;
  assert.match((await refusalOf(new Blob([tensors]), "mel.safetensors")).message, /damaged/);
});
