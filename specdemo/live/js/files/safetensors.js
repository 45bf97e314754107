/** Files of safetensors: the length of a header, the header in JSON, and the numbers. */

import { Refusal, readValues } from "./numbers.js";

/** @type {Record<string, "f2"|"bf2"|"f4"|"f8">} */
const KINDS = { F16: "f2", BF16: "bf2", F32: "f4", F64: "f8" };
const NAMES = { F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64" };

// What the format itself allows.
const MOST_HEADER_BYTES = 100e6;

/** Whether a file begins with the length of a header, and the header. @param {Uint8Array} head */
export function isSafetensors(head) {
  return head.length > 8 && head[8] === 0x7b && headerBytes(head) <= MOST_HEADER_BYTES;
}

function headerBytes(head) {
  return Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
}

/**
 * The tensors of a file.
 * @param {Blob} blob @returns {Promise<import("./numbers.js").StoredArray[]>}
 */
export async function describeSafetensors(blob) {
  const length = headerBytes(new Uint8Array(await blob.slice(0, 8).arrayBuffer()));
  const text = await blob.slice(8, 8 + length).text();
  let header;
  try {
    header = JSON.parse(text);
  } catch {
    throw new Refusal("The file begins as one of safetensors, but its header is damaged. Save it "
      + "anew.");
  }
  return Object.entries(header).filter(([name]) => name !== "__metadata__")
    .map(([name, { dtype, shape, data_offsets: [from, to] }]) => ({
      name, shape, dtype: NAMES[dtype] ?? dtype,
      ...(KINDS[dtype] ? {} : { problem: `holds numbers of the kind ${dtype}` }),
      read: () => readValues(blob.slice(8 + length + from, 8 + length + to), KINDS[dtype], shape),
    }));
}
