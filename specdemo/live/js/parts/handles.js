/** Handles that lie in a drawing: sliders for pointer, touch and keyboard. */

const SVG = "http://www.w3.org/2000/svg";

// A finger is wider than the mark that it takes hold of.
const REACH = 22, RADIUS = 8;
// Handles that are no farther from each other lie in one place.
const TOGETHER = 0.5;

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
  // From between two stops, the first step leads to the next of them.
  const sign = Math.sign(move), near = fitted(handle, value), n = sign * (near - value) > 0 ? big - 1 : big;
  const at = stops.indexOf(near) + sign * n;
  return stops[Math.min(stops.length - 1, Math.max(0, at))];
}

/** The handles of one drawing. */
export class Handles {
  /**
   * @param {SVGSVGElement} svg
   * @param {Handle[]} handles
   * @param {Object} figure
   * @param {(handle: Handle) => void} figure.hold what a handle does that is taken hold of
   * @param {(handle: Handle, value: number) => void} figure.move
   * @param {(handle?: Handle) => void} figure.rest when it is let go; without one, when none was moved
   */
  constructor(svg, handles, figure) {
    this.svg = svg;
    this.figure = figure;
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

  /** The handles whose middle is nearest to a place: several where they lie on each other, the uppermost first. */
  nearest({ x, y }) {
    const far = (name) => Math.hypot(this.places[name].x - x, this.places[name].y - y);
    const names = Object.keys(this.grips).reverse(), least = Math.min(...names.map(far));
    return names.filter((name) => far(name) < least + TOGETHER);
  }

  /** What is taken hold of by a press on ground, or on a handle: its reach may lie over another that is nearer. */
  taken(at, name, isSurface) {
    const { of = [name], drags, brings = drags } = isSurface ? this.areas[name] : { of: this.nearest(at) };
    const moves = brings ?? Object.fromEntries(of.map((key) => [key, this.places[key].move]));
    return Object.entries(moves).map(([key, move]) => {
      const handle = this.handles[key], start = { ...at, value: this.valueOf(handle) };
      return { handle, start, to: (moved) => fitted(handle, move(moved, start)) };
    });
  }

  press(event, name, isSurface) {
    if (event.button) return;
    const at = this.point(event), target = event.currentTarget;
    let held = this.taken(at, name, isSurface);
    // A handle that is taken hold of beside its middle does not jump.
    const place = isSurface ? at : this.places[held[0].handle.name], off = { x: at.x - place.x, y: at.y - place.y };
    // A finger on the ground may be about to move the page: it has to go across, or to tap.
    let waits = isSurface && event.pointerType === "touch";
    const begin = () => {
      waits = false;
      held.forEach(({ handle }) => this.figure.hold(handle));
    };
    const follow = (moved) => {
      const { x, y } = this.point(moved), to = { x: x - off.x, y: y - off.y };
      if (waits && Math.abs(x - at.x) < Math.max(RADIUS, Math.abs(y - at.y))) return;
      if (waits) begin();
      if (!isSurface && held.length > 1) {
        const able = this.ableToGo(held, to);
        if (!able) return;
        held = [able];
      }
      held.forEach((one) => this.figure.move(one.handle, one.to(to)));
    };
    const tap = (up) => { begin(); follow(up); };
    const end = () => {
      target.removeEventListener("pointermove", follow);
      target.removeEventListener("pointerup", tap);
      this.svg.classList.remove("sd-held");
      this.figure.rest(waits ? undefined : held[0].handle);
    };
    event.preventDefault();
    this.focus(held[0].handle);
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", follow);
    target.addEventListener("lostpointercapture", end, { once: true });
    this.svg.classList.add("sd-held");
    if (waits) return target.addEventListener("pointerup", tap);
    begin();
    if (isSurface && !this.areas[name].drags) follow(event);
  }

  /** Of handles that lie on each other, the one that can go to a place, which then has the focus. */
  ableToGo(held, to) {
    const able = held.find((one) => one.to(to) !== one.start.value);
    if (able) this.focus(able.handle);
    return able;
  }

  /** @param {Handle} handle */
  focus({ name }) {
    this.grips[name].focus({ preventScroll: true });
  }

  onKey(event, name) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const handle = this.handles[name], value = keyed(handle, this.valueOf(handle), event.key);
    if (value === undefined) return;
    event.preventDefault();
    this.figure.hold(handle);
    this.figure.move(handle, value);
    this.figure.rest(handle);
  }
}
