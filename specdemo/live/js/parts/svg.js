/** SVG as text: a drawing is a pure function of numbers, the same on a page and in Node. */

const ESCAPED = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };

/** Text that may stand between tags and between quotes. */
export function escaped(text) {
  return `${text}`.replace(/[&<"]/g, (c) => ESCAPED[c]);
}

/** A place in a drawing, to a tenth of a pixel. */
export function tenth(value) {
  return Math.round(value * 10) / 10;
}

/**
 * An element as text.
 * @param {string} name
 * @param {Record<string, string|number>} attributes numbers are places
 * @param {string} [content] elements; text has to be escaped
 */
export function tag(name, attributes, content = "") {
  const written = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${typeof value === "number" ? tenth(value) : escaped(value)}"`);
  return `<${name}${written.join("")}>${content}</${name}>`;
}

/** A word; `kind` is its class. */
export function word(x, y, text, kind = "sd-small", anchor = "start") {
  return tag("text", { x, y, class: kind, "text-anchor": anchor }, escaped(text));
}

export function rect(x, y, width, height, kind) {
  return tag("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), class: kind });
}

export function line(x1, y1, x2, y2, kind) {
  return tag("path", { d: `M${tenth(x1)} ${tenth(y1)}L${tenth(x2)} ${tenth(y2)}`, class: kind });
}

/** A path through points. @param {number} n @param {(i: number) => [number, number]} point */
export function through(n, point) {
  let d = "";
  for (let i = 0; i < n; i++) {
    const [x, y] = point(i);
    d += `${i ? "L" : "M"}${tenth(x)} ${tenth(y)}`;
  }
  return d;
}

/** A curve through points. */
export function curve(n, point, kind) {
  return tag("path", { d: through(n, point), class: kind });
}

/** The ground between a curve and the height `base`. */
export function area(n, point, base, kind) {
  if (!n) return "";
  const [first] = point(0), [last] = point(n - 1);
  const d = `M${tenth(first)} ${tenth(base)}L${through(n, point).slice(1)}L${tenth(last)} ${tenth(base)}Z`;
  return tag("path", { d, class: kind });
}

/** An arrow from a point to another. */
export function arrow(x1, y1, x2, y2, kind) {
  const length = Math.hypot(x2 - x1, y2 - y1), size = Math.min(9, length / 2);
  if (length < 0.5) return "";
  const u = (x2 - x1) / length, v = (y2 - y1) / length, x = x2 - size * u, y = y2 - size * v;
  const side = 0.5 * size;
  const corner = (i) => [x2, x - side * v, x + side * v][i], other = (i) => [y2, y + side * u, y - side * u][i];
  const head = through(3, (i) => [corner(i), other(i)]);
  return line(x1, y1, x, y, kind) + tag("path", { d: `${head}Z`, class: `${kind} sd-head` });
}

/** The elements that a drawing stands for, parsed as XML: nothing in it can be anything but SVG. */
export function elementsOf(marks) {
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${marks}</svg>`;
  return new DOMParser().parseFromString(text, "image/svg+xml").documentElement.childNodes;
}
