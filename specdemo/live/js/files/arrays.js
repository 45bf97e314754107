/** The arrays of a file that a reader hands over, or a sentence that says how to save one. */

import { HEADER_BYTES, describeNpy, isNpy } from "./npy.js";
import { Refusal } from "./numbers.js";
import { describeSafetensors, isSafetensors } from "./safetensors.js";
import { members, unpack } from "./zip.js";

/** @typedef {import("./numbers.js").StoredArray} StoredArray */

const SAVE = 'np.save("mel.npy", A)';
const SAVE_TENSOR = 'np.save("mel.npy", A.detach().cpu().numpy())';

/**
 * What other files begin with, what they are, and what helps.
 * @type {[RegExp, string, string, string][]}
 */
const STRANGERS = [
  [/^(RIFF....WAVE|RIFX|RF64|FORM|fLaC|OggS|ID3|\xff[\xe2-\xfb]|....ftypM4A|caff|\.snd|#!AMR)/s,
    "is a sound", "This page goes the other way: from a mel spectrogram to sound. To make the "
    + "array that a system would make of it, there is the package:",
    'np.save("mel.npy", sd.mel_format("hifigan-v1").forward(x))'],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|BM|II\*\0|MM\0\*|RIFF....WEBP|....ftypavif|<svg)/s, "is a picture",
    "Its colours have lost the numbers. Save the array that it was drawn from:", SAVE],
  [/^\x89HDF/, "is a file of HDF5", "Save the array as NumPy does:",
    'np.save("mel.npy", h5py.File(path)["mel"][()])'],
  [/^MATLAB/, "is a file of MATLAB", "Save the array as NumPy does:",
    'np.save("mel.npy", scipy.io.loadmat(path)["mel"])'],
  [/^PAR1/, "is a table of Parquet", "Save the array as NumPy does:", SAVE],
  [/^\x80[\x02-\x05]/, "is a pickle, which only Python can read", "Save the array as NumPy does:",
    SAVE_TENSOR],
  [/^[\t\n\r\x20-\x7e]+$/, "is text", "Save the array as NumPy does:",
    'np.save("mel.npy", np.loadtxt(path, delimiter=","))'],
];

/**
 * All arrays of a file.
 * @param {Blob} file @param {string} name
 * @returns {Promise<StoredArray[]>}
 * @throws {Refusal} a sentence for the reader
 */
export async function arraysOf(file, name) {
  const head = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  if (!head.length) throw new Refusal(`${name} is empty: it has no bytes.`);
  if (isNpy(head)) return [describeNpy(name, head, async () => file)];
  if (isZip(head)) return arraysOfArchive(file, name);
  if (isSafetensors(head)) return describeSafetensors(file);
  throw strangerOf(head, name);
}

const isZip = (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] < 8;

async function arraysOfArchive(file, name) {
  const all = await members(file);
  if (all.some((member) => member.name.endsWith("data.pkl"))) throw ofTorch(name);
  const found = [];
  for (const member of all.filter((one) => one.name.endsWith(".npy"))) {
    const start = await (await unpack(file, member, HEADER_BYTES)).arrayBuffer();
    const label = member.name.replace(/\.npy$/, "");
    found.push(describeNpy(label, new Uint8Array(start), () => unpack(file, member)));
  }
  if (!found.length) {
    throw new Refusal(`${name} is an archive without arrays of NumPy. Save the array alone:`, SAVE);
  }
  return found;
}

function ofTorch(name) {
  return new Refusal(`${name} is a file of PyTorch, which only PyTorch can read. Save the tensor `
    + "as NumPy does:", SAVE_TENSOR);
}

function strangerOf(head, name) {
  if (/\.(pt|pth|ckpt|bin)$/i.test(name)) return ofTorch(name);
  // As many bytes as a text has in its first lines, each a character.
  const start = String.fromCharCode(...head.subarray(0, 512));
  const [, what, advice, code] = STRANGERS.find(([begin]) => begin.test(start)) ?? [
    , "is not a file that this page knows", "It takes .npy, .npz and .safetensors. Save the array as "
    + "NumPy does:", SAVE,
  ];
  return new Refusal(`${name} ${what}. ${advice}`, code);
}

/**
 * The arrays that can hold a mel spectrogram, those that are called so first.
 * @param {StoredArray[]} arrays @param {string} name of the file
 * @throws {Refusal} when there is none
 */
export function usable(arrays, name) {
  const found = arrays.filter((array) => !array.problem && hasBands(array.shape));
  if (!found.length) throw nothingIn(arrays, name);
  const isMel = (array) => Number(/mel|spec/i.test(array.name));
  return found.sort((a, b) => isMel(b) - isMel(a));
}

function nothingIn(arrays, name) {
  const [{ problem, shape }] = arrays;
  if (arrays.length > 1) {
    const words = arrays.map((a) => `${a.name} (${a.dtype}, ${shapeText(a.shape)})`).join(", ");
    return new Refusal(`${name} has no array of fractions with two axes: ${words}.`);
  }
  if (problem?.includes("whole")) {
    return new Refusal(`${name} ${problem}, as a picture or a sound does. If they are the values `
      + "of a mel spectrogram, save them as fractions:", 'np.save("mel.npy", A.astype(np.float32))');
  }
  if (problem?.includes("complex")) {
    return new Refusal(`${name} ${problem}: a transform with its phases, which comes back exactly:`,
      "y = stft.inverse(A)");
  }
  if (problem) {
    return new Refusal(`${name} ${problem}; this page takes float16, float32 and float64:`,
      'np.save("mel.npy", np.asarray(A, np.float32))');
  }
  if (shape.includes(0)) return new Refusal(`${name} is empty: its shape is ${shapeText(shape)}.`);
  return new Refusal(`${name} has ${whatHas(shape)}. A mel spectrogram has bands and frames.`);
}

function whatHas(shape) {
  if (!shape.length) return "no axes: it is a number";
  if (shape.length === 1) return `the shape ${shapeText(shape)}, one axis: a sound has that`;
  const n_channels = Math.min(...shape.slice(-2));
  return `the shape ${shapeText(shape)}, as a sound of ${n_channels > 1 ? "two channels" : "one channel"}`;
}

// A sound has at most as many channels, and at least as many samples.
const MOST_CHANNELS = 2, FEWEST_SAMPLES = 1000;

/** Whether an array has two axes that can be bands and frames, and not channels and samples. */
function hasBands(shape) {
  const layers = layersOf(shape);
  if (!layers) return false;
  const { rows, columns } = layers;
  return Math.min(rows, columns) > MOST_CHANNELS || Math.max(rows, columns) < FEWEST_SAMPLES;
}

/**
 * The rows and columns of an array, and what lies before them: a batch, of which one item is taken.
 * Axes of length one count for nothing. Null when there are no two axes, or nothing in them.
 * @param {number[]} shape
 * @returns {{rows: number, columns: number, batch: number[]}|null}
 */
export function layersOf(shape) {
  const kept = [...shape];
  while (kept.length > 2 && kept[0] === 1) kept.shift();
  while (kept.length > 2 && kept.at(-1) === 1) kept.pop();
  if (kept.length < 2 || kept.includes(0)) return null;
  const [rows, columns] = kept.slice(-2), batch = kept.slice(0, -2).filter((length) => length > 1);
  return { rows, columns, batch };
}

export function shapeText(shape) {
  return shape.length ? shape.join(" \u00d7 ") : "none, a single number";
}

/**
 * An item of the batch of an array as a table, its values checked.
 * @param {StoredArray} array @param {number} item
 * @param {number} [most] rows, and columns, that are taken
 * @returns {Promise<import("../dsp/formats.js").Table & {isCut: boolean}>}
 */
export async function tableOf(array, item, most = Infinity) {
  const layers = layersOf(array.shape), all = await array.read();
  const rows = Math.min(layers.rows, most), columns = Math.min(layers.columns, most);
  const size = rows * columns, isCut = size < layers.rows * layers.columns;
  const values = new all.constructor(size);
  for (let r = 0; r < rows; r++) {
    const from = (item * layers.rows + r) * layers.columns;
    values.set(all.subarray(from, from + columns), r * columns);
  }
  let bad = 0, below = 0;
  for (const v of values) {
    if (!Number.isFinite(v)) bad++;
    if (v === -Infinity) below++;
  }
  const some = `${bad} of the ${size} values of ${array.name}`;
  if (bad && bad === below) {
    throw new Refusal(`${some} ${bad > 1 ? "are" : "is"} the logarithm of zero (-inf). Put the floor of the `
      + "system in its place, for HiFi-GAN the logarithm of 1e-5:", "np.maximum(A, np.log(1e-5))");
  }
  if (bad) {
    throw new Refusal(`${some} ${bad > 1 ? "are" : "is"} no number (NaN) or without end (inf): nothing can be `
      + "made of that.");
  }
  if (values.every((v) => v === values[0])) {
    throw new Refusal(`All values of ${array.name} are ${values[0]}: there is nothing in it to hear.`);
  }
  return { shape: [rows, columns], values, isCut };
}
