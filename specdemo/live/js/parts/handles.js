/** Handles that lie in a drawing: sliders for pointer, touch and keyboard. */

import { make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

// A finger is wider than the mark that it takes hold of.
const REACH = 22, RADIUS = 8;

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, `${value}`));
  return element;
}

/**
 * A value that a handle can have: within its limits, on one of its stops or steps.
 * @param {Partial<Handle>} handle @param {number} value
 */
export function fitted({ min, max, step = 1, stops, turns }, value) {
  if (stops) return stops.reduce((best, stop) =>
    (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(best / value)) ? stop : best));
  const isRound = turns && Math.abs(value) > 180;
  const wrapped = isRound ? value - 360 * Math.ceil((value - 180) / 360) : value;
  const stepped = Math.round(Math.min(max, Math.max(min, wrapped)) / step) * step;
  return Number(Math.min(max, Math.max(min, stepped)).toFixed(6));
}

/**
 * The value to which a key moves a handle, or undefined for keys that are none of its.
 * @param {Partial<Handle>} handle @param {number} value @param {string} key
 */
export function keyed(handle, value, key) {
  const { min, max, step = 1, page = 10 * step, stops, reversed } = handle;
  const right = reversed === "x" ? -step : step, up = reversed === "y" ? -step : step;
  const moves = {
    ArrowRight: right, ArrowUp: up, ArrowLeft: -right, ArrowDown: -up,
    PageUp: page, PageDown: -page, Home: -Infinity, End: Infinity,
  };
  const move = moves[key];
  if (move === undefined) return undefined;
  if (!stops) return Number.isFinite(move) ? fitted(handle, value + move) : move < 0 ? min : max;
  const big = key.startsWith("Page") ? 4 : Number.isFinite(move) ? 1 : stops.length;
  const at = stops.indexOf(fitted(handle, value)) + Math.sign(move) * big;
  return stops[Math.min(stops.length - 1, Math.max(0, at))];
}

/** The handles of one drawing. */
export class Handles {
  /**
   * @param {SVGSVGElement} svg
   * @param {Handle[]} handles
   * @param {(handle: Handle, value: number) => void} onMove
   * @param {() => void} onRest when a handle is let go
   */
  constructor(svg, handles, onMove, onRest) {
    this.svg = svg;
    this.onMove = onMove;
    this.onRest = onRest;
    /** @type {Record<string, Handle>} */
    this.handles = Object.fromEntries(handles.map((handle) => [handle.name, handle]));
    this.surfaces = {};
    this.grips = {};
    for (const handle of handles) this.grips[handle.name] = this.makeGrip(handle);
  }

  /** Ground lies below the grips. */
  makeSurface(name) {
    const surface = shape("rect", { class: "sd-surface", "data-surface": name });
    surface.addEventListener("pointerdown", (event) => this.press(event, name, true));
    Object.values(this.grips)[0].before(surface);
    return surface;
  }

  /** @param {Handle} handle */
  makeGrip({ name, label, min, max, stops }) {
    const grip = shape("g", {
      role: "slider", tabindex: 0, "aria-label": label, "data-handle": name, class: "sd-grip",
      "aria-valuemin": stops ? stops[0] : min, "aria-valuemax": stops ? stops.at(-1) : max,
      "data-lm-suppress-shortcuts": "",
    });
    grip.append(shape("circle", { r: REACH, class: "sd-reach" }),
      shape("circle", { r: RADIUS + 4, class: "sd-ring" }), shape("circle", { r: RADIUS }));
    grip.addEventListener("pointerdown", (event) => this.press(event, name, false));
    // Else the browser, which heeds no `touch-action` within SVG, scrolls and takes the finger away.
    grip.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    grip.addEventListener("keydown", (event) => this.onKey(event, name));
    this.svg.append(grip);
    return grip;
  }

  /** Place the handles as a drawing says. @param {Drawing} drawing */
  update({ grips, surfaces = {} }, valueOf) {
    this.places = grips;
    this.areas = surfaces;
    for (const [name, grip] of Object.entries(this.grips)) {
      const { x, y, text } = grips[name], value = valueOf(this.handles[name]);
      grip.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      grip.setAttribute("aria-valuenow", `${Number(value.toFixed(4))}`);
      grip.setAttribute("aria-valuetext", text);
    }
    for (const [name, area] of Object.entries(surfaces)) {
      this.surfaces[name] ??= this.makeSurface(name);
      for (const key of ["x", "y", "width", "height"])
        this.surfaces[name].setAttribute(key, `${area[key]}`);
    }
    this.valueOf = valueOf;
  }

  /** Where the pointer is, in the units of the drawing. */
  point({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect(), { width, height } = this.svg.viewBox.baseVal;
    return { x: (clientX - box.left) / box.width * width, y: (clientY - box.top) / box.height * height };
  }

  /** Take hold of a handle, or of ground. */
  press(event, name, isSurface) {
    if (event.button) return;
    const at = this.point(event), { of = [name], drags } = isSurface ? this.areas[name] : {}, place = this.places[name];
    const moves = drags ?? Object.fromEntries(of.map((key) => [key, this.places[key].move]));
    const held = Object.entries(moves).map(([key, move]) => {
      const handle = this.handles[key], start = { ...at, value: this.valueOf(handle) };
      return { handle, to: (moved) => fitted(handle, move(moved, start)) };
    });
    // A handle that is taken hold of beside its middle does not jump.
    const off = isSurface ? { x: 0, y: 0 } : { x: at.x - place.x, y: at.y - place.y };
    const target = event.currentTarget;
    // A finger on the ground may be about to move the page: it has to go across, or to tap.
    let waits = isSurface && event.pointerType === "touch";
    const follow = (moved) => {
      const { x, y } = this.point(moved), to = { x: x - off.x, y: y - off.y };
      if (waits && Math.abs(x - at.x) < Math.max(RADIUS, Math.abs(y - at.y))) return;
      waits = false;
      held.forEach((one) => this.onMove(one.handle, one.to(to)));
    };
    const tap = (up) => {
      waits = false;
      follow(up);
    };
    const end = () => {
      target.removeEventListener("pointermove", follow);
      target.removeEventListener("pointerup", tap);
      this.svg.classList.remove("sd-held");
      this.onRest();
    };
    event.preventDefault();
    this.grips[held[0].handle.name].focus({ preventScroll: true });
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", follow);
    target.addEventListener("lostpointercapture", end, { once: true });
    this.svg.classList.add("sd-held");
    if (waits) target.addEventListener("pointerup", tap);
    else if (isSurface && !drags) follow(event);
  }

  onKey(event, name) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const handle = this.handles[name], value = keyed(handle, this.valueOf(handle), event.key);
    if (value === undefined) return;
    event.preventDefault();
    this.onMove(handle, value);
    this.onRest();
  }
}

/** A button of a figure. */
export function act(text, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, text);
}
