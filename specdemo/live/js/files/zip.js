/** The members of a ZIP archive, which `numpy.savez` writes, stored or deflated. */

import { Refusal } from "./numbers.js";

/** @typedef {{name: string, method: number, packed: number, at: number}} Member */

const END = 0x06054b50, END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50, MEMBER = 0x02014b50;
const END_BYTES = 22, LOCATOR_BYTES = 20, LONGEST_COMMENT = 2 ** 16, FULL_32 = 2 ** 32 - 1;
const STORED = 0, DEFLATED = 8;

const damaged = () => new Refusal("The archive is damaged or cut short. Save it anew.");

const viewOf = async (blob, from, to) => new DataView(await blob.slice(from, to).arrayBuffer());
/** A number of eight bytes; sizes beyond 2 ** 53 occur in no file. */
const long = (view, at) => Number(view.getBigUint64(at, true));

/** What is in an archive. @param {Blob} blob @returns {Promise<Member[]>} */
export async function members(blob) {
  try {
    const { at, size } = await directory(blob);
    return [...listed(await viewOf(blob, at, at + size))];
  } catch (error) {
    // A place beyond the end of what was read.
    throw error instanceof RangeError ? damaged() : error;
  }
}

/** Where the list of the members stands. */
async function directory(blob) {
  const from = Math.max(0, blob.size - END_BYTES - LONGEST_COMMENT);
  const tail = await viewOf(blob, from, blob.size);
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) throw damaged();
  const size = tail.getUint32(end + 12, true), at = tail.getUint32(end + 16, true);
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR_64) return { at, size };
  const place = long(tail, locator + 8), wide = await viewOf(blob, place, place + 56);
  if (wide.getUint32(0, true) !== END_64) throw damaged();
  return { size: long(wide, 40), at: long(wide, 48) };
}

/** @param {DataView} view @returns {Generator<Member>} */
function* listed(view) {
  for (let i = 0; i + 46 <= view.byteLength;) {
    if (view.getUint32(i, true) !== MEMBER) throw damaged();
    const short = (at) => view.getUint16(i + at, true);
    const name_length = short(28), extra_length = short(30), comment_length = short(32);
    const bytes = new Uint8Array(view.buffer, i + 46, name_length), extra = i + 46 + name_length;
    const unpacked = view.getUint32(i + 24, true);
    let packed = view.getUint32(i + 20, true), at = view.getUint32(i + 42, true);
    for (let e = extra; e + 4 <= extra + extra_length; e += 4 + view.getUint16(e + 2, true)) {
      if (view.getUint16(e, true) !== 1) continue;
      // Of the numbers that do not fit into four bytes, in this order.
      let wide = e + 4 + (unpacked === FULL_32 ? 8 : 0);
      if (packed === FULL_32) [packed, wide] = [long(view, wide), wide + 8];
      if (at === FULL_32) at = long(view, wide);
    }
    yield { name: new TextDecoder().decode(bytes), method: short(10), packed, at };
    i = extra + extra_length + comment_length;
  }
}

/**
 * The bytes of a member, at least the first `enough` of them.
 * @param {Blob} blob @param {Member} member
 */
export async function unpack(blob, { name, method, packed, at }, enough = Infinity) {
  const head = await viewOf(blob, at, at + 30);
  if (head.byteLength < 30) throw damaged();
  const start = at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const part = blob.slice(start, start + packed);
  if (method === STORED) return part.slice(0, Math.min(enough, part.size));
  if (method !== DEFLATED)
    throw new Refusal(`${name} is packed in a way that is not known here. Save it by np.savez.`);
  if (!globalThis.DecompressionStream) {
    throw new Refusal("This browser cannot unpack compressed files. Save the array as it is.",
      'np.save("mel.npy", A)');
  }
  return new Blob(await inflated(part, enough));
}

async function inflated(part, enough) {
  const reader = part.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const chunks = [];
  let size = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      chunks.push(step.value);
      size += step.value.length;
      if (size >= enough) break;
    }
  } catch {
    throw damaged();
  }
  if (size >= enough) reader.cancel();
  return chunks;
}
