/** Elements, icons and buttons. */

let n_ids = 0;

/** An id that no other element of the page has. */
export function newId() {
  return `sd-${++n_ids}`;
}

/** An element with attributes, listeners (`onclick`) and children; text is never read as HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  // JupyterLab takes the keys of what has the focus, unless that forbids it.
  if (element.matches("button, input, select, summary, [tabindex]"))
    element.setAttribute("data-lm-suppress-shortcuts", "");
  element.append(...children);
  return element;
}

const FILLED_ICONS = {
  play: "M4 2.5v11l9-5.5z", pause: "M4 3h3v10H4zM9 3h3v10H9z",
  record: "M8 3a5 5 0 100 10A5 5 0 008 3z", stop: "M4 4h8v8H4z",
};

/** An icon by its name, or by the lines that it is drawn with. */
export function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) =>
    document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.toggle("sd-filled", name in FILLED_ICONS);
  path.setAttribute("d", FILLED_ICONS[name] ?? name);
  svg.append(path);
  return svg;
}

export function button(content, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, ...content);
}

export function iconButton(name, label, onclick) {
  return button([icon(name)], onclick, { class: "sd-icon", "aria-label": label, title: label });
}
