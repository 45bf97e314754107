/** The numbers of arrays out of their bytes. */

/**
 * @typedef {Object} StoredArray
 * @property {string} name of the array in its file
 * @property {string} dtype in words
 * @property {number[]} shape
 * @property {string} [problem] why it is no mel spectrogram, as the end of a sentence
 * @property {() => Promise<Values>} read its values, the last axis quickest
 */

/** A sentence for the reader, and the line of Python that helps. */
export class Refusal extends Error {
  /** @param {string} sentence @param {string} [code] */
  constructor(sentence, code) {
    super(sentence);
    this.code = code;
  }
}

// Values of the largest array that is read: half a gigabyte of them.
const MOST_VALUES = 2 ** 27;

/** How kinds of numbers are read, and what comes of them. */
const READERS = {
  f2: {
    bytes: 2, into: Float32Array, at: (view, i, little) => fromHalf(view.getUint16(i, little)),
  },
  bf2: {
    bytes: 2, into: Float32Array, at: (view, i, little) => fromBrain(view.getUint16(i, little)),
  },
  f4: { bytes: 4, into: Float32Array, at: (view, i, little) => view.getFloat32(i, little) },
  f8: { bytes: 8, into: Float64Array, at: (view, i, little) => view.getFloat64(i, little) },
};

/** A half precision number from its bits. */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

const BITS = new DataView(new ArrayBuffer(4));

/** A bfloat16 from its bits: the upper half of a float32. */
function fromBrain(bits) {
  BITS.setUint32(0, bits << 16);
  return BITS.getFloat32(0);
}

export function sizeOf(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * The values of an array in a blob, that of its bytes alone.
 * @param {Blob} blob @param {"f2"|"bf2"|"f4"|"f8"} kind @param {number[]} shape
 * @param {{isLittle?: boolean, isFortran?: boolean}} [layout]
 * @returns {Promise<Values>}
 */
export async function readValues(blob, kind, shape, { isLittle = true, isFortran = false } = {}) {
  const { bytes, into, at } = READERS[kind], n = sizeOf(shape);
  if (n > MOST_VALUES)
    throw new Refusal(`The array is too large: it has ${n} values, and ${MOST_VALUES} are taken.`);
  const buffer = await blob.slice(0, n * bytes).arrayBuffer();
  if (buffer.byteLength < n * bytes) {
    throw new Refusal(`The file is cut short: its array of ${n} values needs ${n * bytes} bytes, `
      + `and ${buffer.byteLength} are there. Copy it anew.`);
  }
  const view = new DataView(buffer), values = new into(n);
  for (let i = 0; i < n; i++) values[i] = at(view, i * bytes, isLittle);
  return isFortran ? inRows(values, shape) : values;
}

/** Values of which the first axis was the quickest, with the last the quickest. */
function inRows(values, shape) {
  const turned = values.slice(), place = shape.map(() => 0);
  const steps = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  for (let i = 0; i < values.length; i++) {
    turned[i] = values[place.reduce((sum, at, axis) => sum + at * steps[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis] === shape[axis]; axis--)
      place[axis] = 0;
  }
  return turned;
}
