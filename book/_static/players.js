/* Players of the pages: every figure with sounds gets one transport beneath its pictures.
 *
 * The sounds of a figure run in step, one of them audible, so that changing over has no gap and
 * keeps the position. A cursor on each picture follows. The browser's own players are built where
 * no script runs, and where no sound can be had or played: thirty hidden ones take long to build.
 *
 * The sounds come in scripts that hand an encoded sound to `sdEncoded`: a page that was opened from
 * a disk may not fetch a file, but it may load a script. `data-gain` brings one to its level.
 */
(() => {
  "use strict";

  /** Seconds over which a change of sound fades, and within which all sounds of a figure start. */
  const CROSSFADE = 0.01, HEADSTART = 0.03;
  /** Seconds after which a sound output that has not started is taken for none. */
  const PATIENCE = 3;
  /** Seconds that an arrow key moves. */
  const KEY_STEP = 0.25;
  const MOVES = { ArrowLeft: -KEY_STEP, ArrowDown: -KEY_STEP, ArrowRight: KEY_STEP, ArrowUp: KEY_STEP };
  const ICONS = { play: "M4 2.5v11l9-5.5z", pause: "M4 3h3v10H4zM9 3h3v10H9z" };

  /**
   * What a picture shows: times in s at its left and right edge.
   * @typedef {{start: number, end: number}} Span
   */

  /** @param {number} value @param {number} low @param {number} high */
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  /** How far along a picture a time lies, 0 (left) to 1 (right). @param {Span} span */
  const placeOf = (time, { start, end }) => clamp((time - start) / (end - start), 0, 1);

  /** The time under a place of a picture. @param {number} place 0 to 1 @param {Span} span */
  const timeAt = (place, { start, end }) => Math.max(0, start + place * (end - start));

  const clock = (time, duration) => `${time.toFixed(1)} / ${duration.toFixed(1)} s`;
  const spoken = (time, duration) => `${time.toFixed(1)} of ${duration.toFixed(1)} seconds`;

  /** @param {string} base64 @returns {ArrayBuffer} */
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;

  /** An element with attributes, listeners (`onclick`) and children. @returns {HTMLElement} */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  /** @param {"play"|"pause"} name @returns {SVGElement} */
  function icon(name) {
    const [svg, path] = ["svg", "path"].map((tag) =>
      document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  // ---------------------------------------------------------------------------------- Sounds

  /** Encoded sounds that have arrived, and those that are on their way, by address. */
  const arrived = {}, loading = {};
  let context;

  window.sdEncoded = (base64) => {
    arrived[document.currentScript.src] = base64;
  };

  /** What a promise gives, or an error with a sentence for the reader when it is broken. */
  const orTell = (promise, sentence) => promise.catch(() => {
    throw new Error(sentence);
  });

  /** @param {string} url of a script @returns {Promise<AudioBuffer>} */
  function load(url) {
    loading[url] ??= decoded(url).catch((error) => {
      // The next press on Play tries again.
      delete loading[url];
      throw error;
    });
    return loading[url];
  }

  async function decoded(url) {
    await orTell(loadScript(url), "The sound could not be loaded.");
    const decoding = async () => context.decodeAudioData(bytes(arrived[url]));
    return orTell(decoding(), "The sound could not be decoded.");
  }

  function loadScript(src) {
    return new Promise((onload, onerror) => {
      document.head.append(make("script", { src, onload, onerror }));
    });
  }

  /** The output of the page; to start it needs a gesture of the reader, the first time. */
  function output() {
    if (context) return context;
    context = new AudioContext();
    // A telephone call takes the output away, and a sound that goes on unheard is none.
    context.onstatechange = () => {
      if (context.state !== "running") document.dispatchEvent(new CustomEvent("sd-play"));
    };
    return context;
  }

  /** Wait until the output runs: where there is no device, some browsers would wait for ever. */
  async function running() {
    const late = () => new Promise((_, reject) => setTimeout(reject, 1000 * PATIENCE));
    const starting = async () => Promise.race([output().resume(), late()]);
    await orTell(starting(), "This browser has no sound output, or it does not answer.");
  }

  /** Plays the sounds of a figure in step, one of them audible. */
  class Deck {
    /** @param {Sound[]} sounds @param {() => void} onEnd */
    constructor(sounds, onEnd) {
      this.urls = sounds.map(({ url }) => url);
      this.gains = sounds.map(({ gain }) => gain);
      this.onEnd = onEnd;
      this.chosen = 0;
      this.voices = [];
    }

    get playing() {
      return this.voices.length > 0;
    }

    /** Load what is missing, and start the output. */
    async ready() {
      const isRunning = running();
      // Without a context there is nothing to decode with.
      const loads = context ? this.urls.map(load) : [];
      [this.buffers] = await Promise.all([Promise.all(loads), isRunning]);
    }

    /** Start all sounds at once. @param {number} from s */
    start(from) {
      this.stop();
      this.from = from;
      this.when = context.currentTime + HEADSTART;
      this.voices = this.buffers.map((buffer, i) => this.voice(buffer, i));
      const longest = this.buffers.reduce((best, { duration }, i, all) =>
        (duration > all[best].duration ? i : best), 0);
      this.voices[longest].source.onended = () => this.finish();
    }

    voice(buffer, index) {
      const source = new AudioBufferSourceNode(context, { buffer });
      const gain = new GainNode(context, { gain: 0 });
      source.connect(gain).connect(context.destination);
      source.start(this.when, Math.min(this.from, buffer.duration));
      fade(gain, this.levelOf(index), this.when);
      return { source, gain };
    }

    stop() {
      for (const { source, gain } of this.voices) {
        source.onended = null;
        fade(gain, 0);
        source.stop(context.currentTime + CROSSFADE);
      }
      this.voices = [];
    }

    /** Make another sound the audible one. @param {number} index */
    choose(index) {
      this.chosen = index;
      this.voices.forEach(({ gain }, i) => fade(gain, this.levelOf(i)));
    }

    levelOf(index) {
      return index === this.chosen ? this.gains[index] : 0;
    }

    finish() {
      this.voices = [];
      this.onEnd();
    }

    /** Where in the sounds the ear is: the device holds back what it has in store. */
    position() {
      const passed = context.currentTime - (context.outputLatency || 0) - this.when;
      return this.from + Math.max(0, passed);
    }
  }

  /** @param {GainNode} node @param {number} level @param {number} when s, on the context's clock */
  function fade({ gain }, level, when = context.currentTime) {
    gain.cancelScheduledValues(when);
    gain.setValueAtTime(gain.value, when);
    gain.linearRampToValueAtTime(level, when + CROSSFADE);
  }

  // --------------------------------------------------------------------------------- Figures

  /** One sound of a figure: its picture, and the button that bears its name. */
  class Sound {
    /** @param {HTMLElement} element @param {boolean} alone whether it is the figure's only one */
    constructor(element, alone, onChoose) {
      const { start, end, seconds } = element.dataset;
      this.element = element;
      this.span = { start: Number(start), end: Number(end) };
      this.seconds = Number(seconds);
      this.frame = element.querySelector(".sd-frame");
      this.audio = element.querySelector("audio");
      this.name = this.audio.getAttribute("aria-label");
      this.url = new URL(this.audio.dataset.script, document.baseURI).href;
      this.gain = Number(this.audio.dataset.gain);
      this.offerDownload(element.querySelector(".sd-note"));
      if (!alone) this.becomeButton(element.querySelector(".sd-name"), onChoose);
    }

    becomeButton(label, onclick) {
      this.label = label;
      this.button = make("button", { type: "button", class: "sd-name", onclick }, this.name);
      label.replaceWith(this.button);
    }

    offerDownload(note) {
      const href = this.audio.dataset.src.replace(/\.mp3$/, ".flac");
      const what = make("span", { class: "sd-unseen" }, ` of “${this.name}”: download without loss`);
      note.append(make("a", { href, download: "", title: "Download without loss" }, "FLAC", what));
    }

    /** Let the browser's own player play it. */
    becomeNative() {
      this.button?.replaceWith(this.label);
      this.audio.src = this.audio.dataset.src;
      this.audio.controls = true;
    }

    /** @param {boolean} chosen */
    mark(chosen) {
      this.element.classList.toggle("sd-chosen", chosen);
      this.button?.setAttribute("aria-pressed", chosen);
    }

    /** @param {number} time s */
    show(time) {
      this.frame.style.setProperty("--sd-at", placeOf(time, this.span));
    }

    /** The time under a pointer. @param {PointerEvent} event */
    timeUnder({ clientX }) {
      const { left, width } = this.frame.getBoundingClientRect();
      return timeAt(clamp((clientX - left) / width, 0, 1), this.span);
    }
  }

  /** A figure and its transport. */
  class Player {
    /** @param {HTMLElement} figure */
    constructor(figure) {
      const elements = [...figure.querySelectorAll(".sd-sound")];
      this.figure = figure;
      this.turn = null;
      this.sounds = elements.map((element, i) =>
        new Sound(element, elements.length === 1, () => this.hear(i)));
      this.duration = Math.max(...this.sounds.map(({ seconds }) => seconds));
      this.deck = new Deck(this.sounds, () => this.rest(0));
      this.sounds.forEach(({ frame }, i) => this.followPointer(frame, i));
      figure.querySelector(".sd-sounds").after(this.transport());
      figure.classList.add("sd-live");
      document.addEventListener("sd-play", ({ detail }) => detail !== figure && this.pause());
      this.choose(0);
      this.rest(0);
    }

    transport() {
      const max = this.duration;
      this.button = make("button", { type: "button", class: "sd-go", onclick: () => this.toggle() });
      this.slider = make("input", {
        type: "range", class: "sd-seek", min: 0, max, step: "any", "aria-label": "Position",
        oninput: () => this.seek(Number(this.slider.value)),
        onkeydown: (event) => this.onKey(event),
      });
      this.clock = make("span", { class: "sd-clock", "aria-hidden": "true" });
      this.news = make("span", { class: "sd-news", role: "alert" });
      const names = this.sounds.map(({ name }) => name).join(", ");
      return make("div", { class: "sd-deck", role: "group", "aria-label": `Player: ${names}` },
        this.button, this.slider, this.clock, this.news);
    }

    get active() {
      return this.deck.playing || this.turn !== null;
    }

    toggle() {
      if (this.active) this.pause();
      else this.play();
    }

    async play() {
      const turn = this.turn = {};
      document.dispatchEvent(new CustomEvent("sd-play", { detail: this.figure }));
      this.label();
      try {
        await this.deck.ready();
        // Not when it was paused, or sought, before the sounds were there.
        if (turn === this.turn) this.deck.start(this.time);
      } catch (error) {
        // Whoever has paused meanwhile may try again.
        if (turn === this.turn) this.fail(error);
      }
      if (turn === this.turn) this.turn = null;
      this.label();
      this.follow();
    }

    pause() {
      if (this.deck.playing) this.rest(this.deck.position());
      this.turn = null;
      this.deck.stop();
      this.label();
    }

    /** Stand still at a time. @param {number} time s */
    rest(time) {
      this.show(time < this.duration ? time : 0);
      this.label();
    }

    /** @param {number} time s */
    seek(time) {
      this.show(clamp(time, 0, this.duration));
      if (this.deck.playing) this.play();
    }

    /** Make a sound the audible one. @param {number} index */
    choose(index) {
      this.deck.choose(index);
      this.sounds.forEach((sound, i) => sound.mark(i === index));
    }

    /** Choose a sound and make sure that it is heard. @param {number} index */
    hear(index) {
      this.choose(index);
      if (!this.active) this.play();
    }

    follow() {
      if (!this.deck.playing) return;
      this.show(Math.min(this.deck.position(), this.duration));
      requestAnimationFrame(() => this.follow());
    }

    show(time) {
      this.time = time;
      this.sounds.forEach((sound) => sound.show(time));
      this.slider.value = time;
      this.slider.setAttribute("aria-valuetext", spoken(time, this.duration));
      this.clock.textContent = clock(time, this.duration);
    }

    label() {
      this.button.replaceChildren(icon(this.active ? "pause" : "play"));
      this.button.setAttribute("aria-label", this.active ? "Pause" : "Play");
      this.figure.toggleAttribute("data-playing", this.deck.playing);
    }

    /** Say what went wrong, and give the browser's own players back. @param {Error} error */
    fail(error) {
      this.news.textContent = `${error.message} Here are the browser’s own players.`;
      const hadFocus = this.figure.contains(document.activeElement);
      this.figure.classList.remove("sd-live");
      this.sounds.forEach((sound) => sound.becomeNative());
      if (hadFocus) this.sounds[this.deck.chosen].audio.focus();
    }

    onKey(event) {
      const move = MOVES[event.key];
      if (event.key === " ") this.toggle();
      else if (move) this.seek(this.time + move);
      else return;
      event.preventDefault();
    }

    followPointer(frame, index) {
      frame.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        this.choose(index);
        this.seek(this.sounds[index].timeUnder(event));
        frame.setPointerCapture(event.pointerId);
      });
      frame.addEventListener("pointermove", (event) => {
        if (frame.hasPointerCapture(event.pointerId)) this.seek(this.sounds[index].timeUnder(event));
      });
    }
  }

  document.querySelectorAll("figure.sd-listen").forEach((figure) => new Player(figure));
})();
