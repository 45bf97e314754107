/** Colours of levels. */

// Evenly spaced colours out of matplotlib's tables; between them, straight lines.
export const COLORMAPS = {
  magma: "0000040303120a0822130d341d114729115a36106b440f7650127c5d177f691c817621818226818f2a819c2e7fa9337db6367ac33b75cf4070db476ae65164ee5c5ef46a5cf9785dfb8861fd9668fea571feb47bfec287fed194fde0a1fceeb0fcfdbf",
  viridis: "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d2f6b8e2c728e297a8e26828e23898e21908c1f978b1f9f8821a68527ad8131b57b3ebc744dc26c5cc8636ece5882d34d95d840aadc32c0df25d5e21aeae51afde725",
  cividis: "00224e00265500295e002c6600306e0232711135701b386f233c6e2a3f6d30426d35456c3b496c3f4c6c444f6c49536c4d556c52596d555c6d5a5f6e5e636f62656f6669706b6d726e6f737273747777767a7a787e7d788280798784788c8878908b78948e779992779d9576a29975a79d73aba072b0a571b5a86fbaac6dbfb06bc3b369c8b866cebc63d2c060d7c45cddc858e1cc55e7d150ecd44bf1d945f7de3efce235fee838",
  gray: "000000ffffff",
};

/** 256 colours, each as bytes [r, g, b]. */
export function colorTable(name) {
  const anchors = COLORMAPS[name].match(/../g).map((byte) => parseInt(byte, 16));
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
export function makePalette(colormap, range_db, threshold_db = LOWEST_DB) {
  const table = colorTable(colormap), palette = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const level = LOWEST_DB + byte / STEPS_PER_DB;
    const bright = level < threshold_db ? 0 : (level + range_db) / range_db;
    const [r, g, b] = table[Math.round(255 * Math.min(1, Math.max(0, bright)))];
    palette[byte] = r | (g << 8) | (b << 16) | (255 << 24);
  }
  return palette;
}
