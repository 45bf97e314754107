/** Sounds of a page, by their addresses: in a data: URL of a 16-bit WAV, or in a script. */

import { bytesOf, loadScript } from "./scripts.js";

// Bytes of a WAV file before its samples.
const HEADER = 44;

function decoded(sr, bytes, header = 0) {
  const samples = new Int16Array(bytes.buffer, header, (bytes.length - header) >> 1);
  return { sr, x: Float32Array.from(samples, (v) => v / 32768) };
}

/** What the scripts of sounds call, and what they leave: all programs of a page share it. */
export function sharedSounds() {
  const page = (window.specdemo ??= { sounds: {}, loading: {} });
  page.sound ??= (name, sr, base64) => {
    page.sounds[/** @type {HTMLScriptElement} */ (document.currentScript).src] = decoded(sr, bytesOf(base64));
  };
  return page;
}

/**
 * The sound that lies at an address. A script, since a page that was opened from a disk cannot fetch.
 * @param {string} url
 * @returns {Promise<Sound>}
 */
export async function loadSound(url) {
  if (url.startsWith("data:")) {
    const bytes = bytesOf(url.slice(url.indexOf(",") + 1));
    return decoded(new DataView(bytes.buffer).getUint32(24, true), bytes, HEADER);
  }
  const page = sharedSounds(), src = await loadScript(url).catch(() => url);
  if (!page.sounds[src]) throw new Error(`The sound could not be loaded from ${url}.`);
  return page.sounds[src];
}
