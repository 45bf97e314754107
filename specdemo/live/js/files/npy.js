/** The files of `numpy.save`, by the documentation of `numpy.lib.format`. */

import { Refusal, readValues } from "./numbers.js";

const MAGIC = "\x93NUMPY";

// Bytes in which a header is looked for; NumPy's own has 128.
export const HEADER_BYTES = 2 ** 16;

// What stands for whole numbers and the like, in words.
const OTHER_KINDS = {
  i: "whole numbers", u: "whole numbers", b: "truth values", c: "complex numbers",
  O: "Python objects", U: "texts", S: "texts", V: "records", m: "times", M: "times",
};

/** Whether a file begins as one of `numpy.save`. @param {Uint8Array} head */
export function isNpy(head) {
  return String.fromCharCode(...head.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * What the header of an array says, and how to read its values.
 * @param {string} name @param {Uint8Array} head the first bytes of the file
 * @param {() => Promise<Blob>} whole the file
 * @returns {import("./numbers.js").StoredArray}
 */
export function describeNpy(name, head, whole) {
  const { text, end } = headerOf(head), descr = /'descr': *'([^']*)'/.exec(text)?.[1];
  const shape = /'shape': *\(([^)]*)\)/.exec(text)?.[1].match(/\d+/g)?.map(Number) ?? [];
  const isFortran = /'fortran_order': *True/.test(text);
  const [, order, kind] = /^([<>|=])(.*)$/.exec(descr ?? "") ?? [];
  if (!["f2", "f4", "f8"].includes(kind)) return unusable(name, kind ?? "V", shape);
  return {
    name, shape, dtype: `float${8 * Number(kind[1])}`,
    read: async () => readValues(
      (await whole()).slice(end), /** @type {"f2"|"f4"|"f8"} */ (kind), shape,
      { isLittle: order !== ">", isFortran }),
  };
}

/** The dictionary of a header, as text, and where the values begin. */
function headerOf(head) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength), version = head[6];
  const wide = version > 1, start = wide ? 12 : 10;
  const length = head.length < start ? 0 : wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (!length || version > 3 || start + length > head.length)
    throw new Refusal("The file begins as one of NumPy, but its header is damaged. Save it anew.");
  return {
    text: new TextDecoder().decode(head.subarray(start, start + length)), end: start + length,
  };
}

function unusable(name, kind, shape) {
  const words = kind === "V2" ? "two-byte numbers that NumPy has no name for, perhaps bfloat16"
    : kind === "f16" || kind === "f12" ? "long doubles" : OTHER_KINDS[kind[0]] ?? "unknown numbers";
  return {
    name, shape, dtype: words, problem: `holds ${words}`,
    read: () => { throw new Refusal(`The array ${name} holds ${words}.`); },
  };
}
