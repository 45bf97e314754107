/** Sounds of a page, by their addresses: in a data: URL of a WAV of 16 bits, or in a script. */

import { bytesOf, loadScript } from "./scripts.js";

const HEADER = 44;

function decoded(sr, bytes, header) {
  const samples = new Int16Array(bytes.buffer, header, (bytes.length - header) >> 1);
  return { sr, x: Float32Array.from(samples, (v) => v / 32768) };
}

/** What the scripts of sounds call, and what they leave: also the Explorer's, which has it, too. */
function sharedSounds() {
  const page = (window.specdemo ??= { sounds: {}, loading: {} });
  page.sound ??= (name, sr, base64) => {
    page.sounds[/** @type {HTMLScriptElement} */ (document.currentScript).src] = decoded(sr, bytesOf(base64), 0);
  };
  return page;
}

/**
 * The sound that lies at an address.
 * @param {string} url
 * @returns {Promise<Sound>}
 */
export async function soundAt(url) {
  if (url.startsWith("data:")) {
    const bytes = bytesOf(url.slice(url.indexOf(",") + 1));
    return decoded(new DataView(bytes.buffer).getUint32(24, true), bytes, HEADER);
  }
  const page = sharedSounds(), src = await loadScript(url);
  if (!page.sounds[src]) throw new Error(`The sound could not be loaded from ${url}.`);
  return page.sounds[src];
}
