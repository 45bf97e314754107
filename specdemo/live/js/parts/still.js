/** The picture of a figure as a text, for paper and for readers without a script. */

import { colorTable } from "./colours.js";
import { mended, seenWith } from "./figure.js";
import { escaped, tag } from "./svg.js";

// Units: about the width of a telephone, on which its words are then as large as in the live figure.
const WIDTH = 360;

/** A picture with a palette as a BMP. @param {Raster} raster @returns {string} its address */
function bitmap({ columns, rows, bytes, colours }) {
  const stride = 4 * Math.ceil(columns / 4), start = 14 + 40 + 4 * 256, file = new Uint8Array(start + stride * rows);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  [[2, file.length], [10, start], [14, 40], [18, columns], [22, rows], [46, 256]].forEach(([at, value]) =>
    view.setUint32(at, value, true));
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  const levels = colorTable();
  for (let i = 0; i < 256; i++) {
    const [r, g, b] = colours?.[i] ?? levels[Math.round(255 * Math.min(1, i / 240))];
    file.set([b, g, r], 54 + 4 * i);
  }
  // Rows from the bottom.
  for (let y = 0; y < rows; y++)
    file.set(bytes.subarray((rows - 1 - y) * columns, (rows - y) * columns), start + y * stride);
  let text = "";
  file.forEach((byte) => { text += String.fromCharCode(byte); });
  return `data:image/bmp;base64,${btoa(text)}`;
}

/**
 * The start state of a kind of figure as SVG, with its handles.
 * @param {FigureKind} kind @param {Sound} sound @param {Record<string, number>} values
 */
export function still(kind, sound, values) {
  const data = kind.prepare(sound, values), state = mended(kind, data, values);
  const { marks, grips, height, raster } = kind.draw(state, data, WIDTH, seenWith({}, state));
  const picture = raster ? tag("image", { x: raster.x, y: raster.y, width: raster.width, height: raster.height,
    href: bitmap(raster), preserveAspectRatio: "none", class: "sd-cells" }) : "";
  const dots = Object.values(grips).map(({ x, y }) => tag("circle", { cx: x, cy: y, r: 7, class: "sd-dot" }));
  return `<svg class="sd-still" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.round(height)}" `
    + `role="img" aria-label="${escaped(kind.title)}">${picture}${marks}${dots.join("")}</svg>`;
}
