/** Colours of levels. */

// Evenly spaced colours out of one of matplotlib's tables; between them, straight lines.
export const MAGMA = "0000040303120a0822130d341d114729115a36106b440f7650127c5d177f691c817621818226818f2a819c2e7fa9337db6367ac33b75cf4070db476ae65164ee5c5ef46a5cf9785dfb8861fd9668fea571feb47bfec287fed194fde0a1fceeb0fcfdbf";

/** 256 colours, each as bytes [r, g, b]. @param {string} [colors] evenly spaced, in hexadecimal */
export function colorTable(colors = MAGMA) {
  const anchors = colors.match(/../g).map((byte) => parseInt(byte, 16));
  const last = anchors.length / 3 - 1;
  return Array.from({ length: 256 }, (_, i) => {
    const at = i / 255 * last, left = Math.min(Math.floor(at), last - 1), part = at - left;
    return [0, 1, 2].map((c) =>
      Math.round((1 - part) * anchors[3 * left + c] + part * anchors[3 * left + 3 + c]));
  });
}

// Levels are kept as bytes of half a dB: 0 is LOWEST_DB and whatever lies below.
export const LOWEST_DB = -120;
const STEPS_PER_DB = 2;

export function levelByte(level) {
  return Math.floor((level - LOWEST_DB) * STEPS_PER_DB);
}

/**
 * The colour of every level byte, ready for a canvas. Below `threshold_db` it is that of silence.
 * @returns {Uint32Array}
 */
export function makePalette(colors, range_db, threshold_db = LOWEST_DB) {
  const table = colorTable(colors), palette = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const level = LOWEST_DB + byte / STEPS_PER_DB;
    const bright = level < threshold_db ? 0 : (level + range_db) / range_db;
    const [r, g, b] = table[Math.round(255 * Math.min(1, Math.max(0, bright)))];
    palette[byte] = r | (g << 8) | (b << 16) | (255 << 24);
  }
  return palette;
}
