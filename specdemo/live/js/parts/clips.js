/** Sounds that scripts bring. */

import { loadScript } from "./scripts.js";

/**
 * The sound that a script hands to the page.
 * @param {string} url
 * @returns {Promise<Sound>}
 */
export async function loadSound(url) {
  const src = await loadScript(url).catch(() => url);
  if (!window.specdemo.sounds[src]) throw new Error(`The sound could not be loaded from ${url}.`);
  return window.specdemo.sounds[src];
}
