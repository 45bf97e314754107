/**
 * The view of the Explorer: what one step of the staircase keeps of a sound, seen and heard.
 *
 * One module for two hosts. anywidget calls `render` with a model that a kernel shares; on a static
 * page `mount` puts the same view into the HTML twin, with a model of its own. Nothing is imported:
 * the mathematics, dsp.js, arrive as text and run in a worker.
 *
 * From top to bottom: settings, sounds, colours, axes and pictures, all pure functions; the worker
 * and the player; parts of the page, the stage, the sources; the view that joins them; its hosts.
 *
 * @typedef {Object<string, number|string>} Settings the traits of the Python class, by their names
 * @typedef {{x: Float32Array, sr: number}} Sound
 * @typedef {{start: number, end: number}} Span in s
 */

// ------------------------------------------------------------------------------------ Settings

/**
 * A control is a select with `options`, a range over the stops `values`, or a range with `limits`
 * and a `step`. What a link may set lies within `limits`.
 *
 * @typedef {Object} Control
 * @property {string} label
 * @property {Object<string, string>} [options] the words, and what they are called on the page
 * @property {[number, number]} [limits] lowest and highest value
 * @property {number} [step]
 * @property {(state: Settings) => number[]} [values]
 * @property {(value: number, state: Settings) => string} [text] the value with its unit
 * @property {(state: Settings) => boolean} [needed] whether the value has an effect
 */

const MINUS = "\u2212", NARROW_SPACE = "\u202f";

const withMel = ({ n_mels }) => n_mels > 0;
const guessed = ({ n_mels, start }) => n_mels > 0 || start !== "original";
const samples = (v, { sr }) => `${v} samples \u00b7 ${Number((1000 * v / sr).toPrecision(2))} ms`;

/** @type {Object<string, Control>} */
const CONTROLS = {
  n_fft: {
    label: "FFT size", limits: [128, 4096], text: samples,
    values: () => [128, 256, 512, 1024, 2048, 4096],
  },
  hop_length: {
    label: "Hop", limits: [32, 1024], text: samples,
    values: () => [32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 896, 1024],
  },
  window: {
    label: "Window",
    options: { hann: "Hann", hamming: "Hamming", blackman: "Blackman", boxcar: "rectangular" },
  },
  threshold_db: {
    label: "Threshold", limits: [-120, 0], step: 1,
    text: (v) => (v <= -120 ? "keeps all" : `${signed(v)} dB`),
  },
  n_mels: {
    label: "Mel bands", limits: [0, 256], text: (v) => (v ? `${v}` : "none"),
    values: ({ step }) => [
      ...(step === "staircase" ? [0] : []),
      8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 256,
    ],
  },
  fmin: {
    label: "From", limits: [0, 4000], text: (v) => `${v} Hz`, needed: withMel,
    values: () => [0, 20, 50, 80, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000],
  },
  fmax: {
    label: "Up to", limits: [0, 96000], text: (v) => `${v} Hz`, needed: withMel,
    values: ({ sr }) => [
      ...[500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7000, 8000, 10000, 12000, 16000]
        .filter((f) => f < sr / 2), sr / 2],
  },
  mel_scale: {
    label: "Mel scale", options: { slaney: "Slaney", htk: "HTK" }, needed: withMel,
  },
  shorten: {
    label: "Shorten time by", limits: [1, 20], needed: withMel,
    text: (v) => (v === 1 ? "nothing" : `${v} times`),
    values: () => [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20],
  },
  n_mfcc: {
    label: "Coefficients", limits: [0, 256], needed: withMel,
    text: (v, { n_mels }) => (v ? `${v} of ${n_mels}` : "no cepstrum"),
    values: ({ step, n_mels }) => [
      ...(step === "staircase" ? [0] : []),
      ...[2, 4, 6, 8, 10, 13, 16, 20, 26, 32, 40, 52, 64, 80, 96, 112, 128, 160, 192, 256]
        .filter((n) => n <= n_mels)],
  },
  start: {
    label: "First phase", needed: ({ n_mels }) => !n_mels,
    options: { original: "the true one", zero: "zero", random: "random", pghi: "PGHI" },
  },
  refine: {
    label: "Refinement", needed: (s) => !s.n_mels && guessed(s),
    options: { griffin_lim: "Griffin\u2013Lim", fast_griffin_lim: "fast Griffin\u2013Lim" },
  },
  n_iter: {
    label: "Iterations", limits: [0, 300], text: (v) => `${v}`, needed: guessed,
    values: () => [0, 1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 100, 150, 200, 300],
  },
  momentum: {
    label: "Momentum", limits: [0, 0.99], step: 0.01, text: (v) => v.toFixed(2),
    needed: (s) => !s.n_mels && guessed(s) && s.refine === "fast_griffin_lim",
  },
  axis: { label: "Frequency axis", options: { linear: "linear", log: "logarithmic", mel: "mel" } },
  colormap: {
    label: "Colours",
    options: { magma: "magma", viridis: "viridis", cividis: "cividis", gray: "grey" },
  },
  range_db: { label: "Range", limits: [20, 120], step: 5, text: (v) => `${v} dB` },
};

const DISPLAY = ["axis", "colormap", "range_db"];
const ANALYSIS = ["n_fft", "hop_length", "window"];
const MEL = ["n_mels", "fmin", "fmax", "mel_scale", "shorten"];

/** The groups of controls of each step, by their headings, and the lower picture at the start. */
const FACES = {
  spectrogram: { show: "kept", groups: { Spectrogram: [...ANALYSIS, "threshold_db"] } },
  inversion: {
    show: "result",
    groups: { Inversion: ["n_fft", "hop_length", "start", "refine", "n_iter"] },
  },
  mel: {
    show: "kept",
    groups: { Mel: ["n_fft", "n_mels", "fmin", "fmax", "mel_scale", "shorten"] },
  },
  mel_inversion: {
    show: "result",
    groups: { "Mel inversion": ["n_mels", "fmax", "mel_scale", "shorten", "n_iter"] },
  },
  mfcc: { show: "kept", groups: { Cepstrum: ["n_mels", "n_mfcc", "n_iter"] } },
  staircase: {
    show: "result",
    groups: {
      Spectrogram: [...ANALYSIS, "threshold_db"], "Mel and cepstrum": [...MEL, "n_mfcc"],
      "Back to sound": ["start", "refine", "n_iter", "momentum"],
    },
  },
};

const SETTINGS = Object.keys(CONTROLS);

/** The settings as they take effect: none goes beyond what the sound and the others allow. */
function effective(settings, sr) {
  const { n_mels, n_mfcc, shorten, fmax } = settings;
  return {
    ...settings,
    fmax: Math.min(fmax || sr / 2, sr / 2),
    n_mfcc: Math.min(n_mfcc, n_mels),
    shorten: n_mels ? shorten : 1,
  };
}

/** The value that a link gives to a setting, or undefined when it cannot have it. */
function parseSetting(name, text) {
  const { options, limits, step } = CONTROLS[name] ?? {};
  if (options) return Object.hasOwn(options, text) ? text : undefined;
  const value = Number(text);
  const fits = limits && text.trim() !== "" && value >= limits[0] && value <= limits[1];
  const whole = step || name === "shorten" || Number.isInteger(value);
  return fits && whole ? value : undefined;
}

/** The part of a link that names a figure and the settings in which it differs from its preset. */
function writeFragment(id, state, preset) {
  const changed = ["clip", ...SETTINGS].filter((name) => state[name] !== preset[name]);
  return `#${id}?${new URLSearchParams(changed.map((name) => [name, state[name]]))}`;
}

/** @returns {{id: string, values: URLSearchParams}|null} */
function readFragment(hash) {
  const [, id, query] = /^#([\w-]+)\?(.*)$/.exec(hash) ?? [];
  return id ? { id, values: new URLSearchParams(query) } : null;
}

/** A number with at most so many decimals, and the minus sign that numbers have in print. */
function round(value, digits = 0) {
  return signed(Number(value.toFixed(digits)));
}

function signed(value) {
  return `${value}`.replace("-", MINUS);
}

function decibels(value, digits = 1) {
  return Number.isFinite(value) ? `${signed(value.toFixed(digits))} dB` : "\u2013";
}

function thousands(value) {
  return `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

// -------------------------------------------------------------------------------------- Sounds

const FILE_SR = 22050, FILE_MB = 25, FILE_SECONDS = 60, RECORD_SECONDS = 10;

/**
 * The sound of a file: mono, at 22.05 kHz, at most a minute of it.
 * @param {Blob} file
 * @param {string} label
 * @returns {Promise<Sound & {note: string}>}
 * @throws {Error} whose message is a sentence for the reader
 */
async function decodeFile(file, label) {
  const megabytes = Math.round(file.size / 2 ** 20);
  if (megabytes > FILE_MB)
    throw new Error(`${label} is too large: it has ${megabytes} MB, and ${FILE_MB} are taken.`);
  const decoded = await decode(await file.arrayBuffer()).catch(() => {
    throw new Error(`${label} holds no sound that this browser can read.`);
  });
  const { buffer, sr } = decoded, whole = mixDown(buffer);
  if (!whole.length) throw new Error(`${label} is empty: it has no samples.`);
  if (!whole.every(Number.isFinite))
    throw new Error(`${label} is damaged: some of its samples are not numbers.`);
  const kept = whole.subarray(0, FILE_SECONDS * sr);
  const isBrowsers = !decoded.isExact && file instanceof File;
  return { x: resample(kept, sr, FILE_SR), sr: FILE_SR,
    note: describeFile(label, decoded, kept.length < whole.length, isBrowsers) };
}

/**
 * The samples of a file at its own rate, where that can be had; else as the browser resamples them,
 * each in a way of its own.
 * @param {ArrayBuffer} bytes
 * @returns {Promise<{buffer: AudioBuffer, sr: number, isExact: boolean}>}
 */
async function decode(bytes) {
  const { sr, place } = statedRate(bytes), view = new DataView(bytes);
  // A WAV may have a rate that the browser does not take; with that of the decoder, its samples
  // come as they are.
  if (place) view.setUint32(place, FILE_SR, true);
  let decoder = new OfflineAudioContext(1, 1, FILE_SR), isExact = Boolean(place);
  if (sr && !place) {
    try {
      decoder = new OfflineAudioContext(1, 1, sr);
      isExact = true;
    } catch {
      // A rate that the browser has no context for.
    }
  }
  const buffer = await decoder.decodeAudioData(bytes);
  return { buffer, isExact, sr: isExact ? sr : FILE_SR };
}

/**
 * The sampling rate in the head of a WAV or FLAC file, and where it stands if it can be changed
 * there; nothing for other files.
 * @param {ArrayBuffer} bytes
 * @returns {{sr?: number, place?: number}}
 */
function statedRate(bytes) {
  const view = new DataView(bytes), end = view.byteLength;
  const word = (at) => (at + 4 > end ? "" : String.fromCharCode(...new Uint8Array(bytes, at, 4)));
  // The first block of a FLAC file: the rate has 20 bits.
  if (word(0) === "fLaC" && end > 22) return { sr: view.getUint32(18) >>> 12 };
  if (!["RIFF", "RF64"].includes(word(0)) || word(8) !== "WAVE") return {};
  let at = 12;
  while (at + 8 <= end && word(at) !== "fmt ") {
    const size = view.getUint32(at + 4, true);
    at += 8 + size + size % 2;
  }
  const place = at + 12, sr = place + 4 <= end ? view.getUint32(place, true) : 0;
  return sr ? { sr, place } : {};
}

// The low-pass of `resample`: a sinc in a Blackman window. It is flat to 88 % of the lower Nyquist
// frequency, and from there on 74 dB down.
const LOWPASS_ZEROS = 48, LOWPASS_CUTOFF = 0.94, LOWPASS_STEPS = 512;

/** The low-pass at steps of 1 / LOWPASS_STEPS of the distance between its zeros. */
function lowpassTable() {
  return Float64Array.from({ length: LOWPASS_ZEROS * LOWPASS_STEPS + 2 }, (_, i) => {
    const t = i / LOWPASS_STEPS, phase = Math.PI * Math.min(1, t / LOWPASS_ZEROS);
    const window = 0.42 + 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);
    return window * (t ? Math.sin(Math.PI * t) / (Math.PI * t) : 1);
  });
}

/**
 * A sound at another rate, the same in every browser.
 * @param {Float32Array} x
 * @returns {Float32Array} `ceil(x.length * new_sr / sr)` samples
 */
function resample(x, sr, new_sr) {
  if (sr === new_sr) return x;
  const y = new Float32Array(Math.ceil(x.length * new_sr / sr)), table = lowpassTable();
  const density = LOWPASS_CUTOFF * Math.min(1, new_sr / sr), reach = LOWPASS_ZEROS / density;
  for (let m = 0; m < y.length; m++) {
    const at = m * sr / new_sr, last = Math.min(x.length - 1, Math.floor(at + reach));
    let sum = 0;
    for (let t = Math.max(0, Math.ceil(at - reach)); t <= last; t++) {
      const place = Math.abs(at - t) * density * LOWPASS_STEPS, i = Math.floor(place);
      sum += x[t] * (table[i] + (place - i) * (table[i + 1] - table[i]));
    }
    y[m] = density * sum;
  }
  return y;
}

/** The mean of all channels of an AudioBuffer. */
function mixDown(buffer) {
  const x = new Float32Array(buffer.length), scale = 1 / buffer.numberOfChannels;
  for (let c = 0; c < buffer.numberOfChannels; c++) {
    const channel = buffer.getChannelData(c);
    for (let t = 0; t < x.length; t++) x[t] += scale * channel[t];
  }
  return x;
}

function describeFile(label, { buffer, sr }, cut, isBrowsers) {
  const channels = buffer.numberOfChannels, seconds = round(buffer.length / sr, 1);
  const mixed = channels > 1 ? `, ${channels} channels mixed to one` : "";
  const kept = cut ? ` The first ${FILE_SECONDS} s are kept.` : "";
  const own = isBrowsers ? " Decoded by this browser: in another, the last digits may differ." : "";
  return `${label}: ${seconds} s${mixed}, at ${FILE_SR} Hz.${kept}${own}`;
}

/**
 * Record from the microphone until `stop` is called or time is up.
 * @param {(left: number) => void} onSecond seconds left
 * @returns {Promise<{stop: () => void, done: Promise<Blob>}>}
 */
async function record(onSecond) {
  if (!navigator.mediaDevices || !window.MediaRecorder)
    throw new Error("This page may not use a microphone: browsers allow it on secure pages only.");
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: raw }).catch((error) => {
    throw new Error(error.name === "NotAllowedError"
      ? "The microphone was refused. The browser\u2019s settings for this page can allow it."
      : "No microphone was found.");
  });
  const recorder = new MediaRecorder(stream), parts = [];
  let left = RECORD_SECONDS;
  const clock = setInterval(() => (--left ? onSecond(left) : recorder.stop()), 1000);
  const done = new Promise((resolve) => {
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      clearInterval(clock);
      stream.getTracks().forEach((track) => track.stop());
      resolve(new Blob(parts, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  onSecond(left);
  return { stop: () => recorder.state === "recording" && recorder.stop(), done };
}

function peak(x) {
  let found = 0;
  for (let t = 0; t < x.length; t++) found = Math.max(found, Math.abs(x[t]));
  return found;
}

/** A 16-bit WAV file; a sound that is too loud for it is turned down. */
function wavFile({ x, sr }) {
  const n_bytes = 2 * x.length, scale = 32767 / Math.max(1, peak(x));
  const view = new DataView(new ArrayBuffer(44 + n_bytes));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  const long = (at, value) => view.setUint32(at, value, true);
  text(0, "RIFF"), long(4, 36 + n_bytes), text(8, "WAVEfmt "), long(16, 16);
  // PCM, one channel; two bytes a sample, of 16 bits.
  long(20, 1 | 1 << 16), long(24, sr), long(28, 2 * sr), long(32, 2 | 16 << 16);
  text(36, "data"), long(40, n_bytes);
  for (let t = 0; t < x.length; t++) view.setInt16(44 + 2 * t, Math.round(scale * x[t]), true);
  return new Blob([view], { type: "audio/wav" });
}

// ------------------------------------------------------------------------------------- Colours

// Evenly spaced colours out of matplotlib's tables; between them, straight lines.
const COLORMAPS = {
  magma: "0000040303120a0822130d341d114729115a36106b440f7650127c5d177f691c817621818226818f2a819c2e7fa9337db6367ac33b75cf4070db476ae65164ee5c5ef46a5cf9785dfb8861fd9668fea571feb47bfec287fed194fde0a1fceeb0fcfdbf",
  viridis: "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d2f6b8e2c728e297a8e26828e23898e21908c1f978b1f9f8821a68527ad8131b57b3ebc744dc26c5cc8636ece5882d34d95d840aadc32c0df25d5e21aeae51afde725",
  cividis: "00224e00265500295e002c6600306e0232711135701b386f233c6e2a3f6d30426d35456c3b496c3f4c6c444f6c49536c4d556c52596d555c6d5a5f6e5e636f62656f6669706b6d726e6f737273747777767a7a787e7d788280798784788c8878908b78948e779992779d9576a29975a79d73aba072b0a571b5a86fbaac6dbfb06bc3b369c8b866cebc63d2c060d7c45cddc858e1cc55e7d150ecd44bf1d945f7de3efce235fee838",
  gray: "000000ffffff",
};

/** 256 colours, each as bytes [r, g, b]. */
function colorTable(name) {
  const anchors = COLORMAPS[name].match(/../g).map((byte) => parseInt(byte, 16));
  const last = anchors.length / 3 - 1;
  return Array.from({ length: 256 }, (_, i) => {
    const at = i / 255 * last, left = Math.min(Math.floor(at), last - 1), part = at - left;
    return [0, 1, 2].map((c) =>
      Math.round((1 - part) * anchors[3 * left + c] + part * anchors[3 * left + 3 + c]));
  });
}

// Levels are kept as bytes of half a dB: 0 is LOWEST_DB and whatever lies below.
const LOWEST_DB = -120, STEPS_PER_DB = 2;

function levelByte(level) {
  return Math.floor((level - LOWEST_DB) * STEPS_PER_DB);
}

/**
 * The colour of every level byte, ready for a canvas. Below `threshold_db` it is that of silence.
 * @returns {Uint32Array}
 */
function makePalette(colormap, range_db, threshold_db = LOWEST_DB) {
  const table = colorTable(colormap), palette = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const level = LOWEST_DB + byte / STEPS_PER_DB;
    const bright = level < threshold_db ? 0 : (level + range_db) / range_db;
    const [r, g, b] = table[Math.round(255 * Math.min(1, Math.max(0, bright)))];
    palette[byte] = r | (g << 8) | (b << 16) | (255 << 24);
  }
  return palette;
}

// ---------------------------------------------------------------------------------------- Axes

const MEL_SCALES = {
  htk: { toMel: (f) => Math.log10(1 + f / 700), toHz: (m) => 700 * (10 ** m - 1) },
  slaney: {
    toMel: (f) => (f < 1000 ? f / 1000 : 1 + Math.log(f / 1000) * 27 / 15 / Math.log(6.4)),
    toHz: (m) => (m < 1 ? 1000 * m : 1000 * Math.exp((m - 1) * 15 / 27 * Math.log(6.4))),
  },
};

/**
 * Where frequencies lie on an axis of length 1.
 * @returns {{low: number, high: number, toUnit: Function, toHz: Function}}
 */
function makeScale(axis, sr, mel_scale) {
  const high = sr / 2, low = axis === "log" ? Math.min(50, high / 10) : 0;
  const { toMel, toHz } = axis === "mel" ? MEL_SCALES[mel_scale]
    : axis === "log" ? { toMel: Math.log, toHz: Math.exp } : { toMel: (f) => f, toHz: (u) => u };
  const bottom = toMel(low), span = toMel(high) - bottom;
  return {
    low, high,
    toUnit: (f) => (toMel(Math.max(f, low)) - bottom) / span,
    toHz: (u) => toHz(bottom + u * span),
  };
}

/** The smallest of 1, 2, 5, 10, 20, ... times a power of ten that is at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((n) => n * power >= least * 0.999);
}

/** Frequencies to label on an axis of `height` pixels: round ones, not too near to each other. */
function frequencyTicks(scale, axis, height) {
  const spacing = 26;
  const step = niceStep(spacing / height * scale.high);
  const candidates = axis === "linear"
    ? Array.from({ length: Math.floor(scale.high / step) + 1 }, (_, i) => i * step)
    : [0, 125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000];
  const inside = candidates.filter((f) => f >= scale.low && f <= scale.high);
  // From the top, where the tick matters most, leaving out what would touch the one above.
  return inside.reverse().reduce((ticks, f) => {
    const above = ticks.length ? scale.toUnit(ticks.at(-1)) : 2;
    return (above - scale.toUnit(f)) * height >= spacing - 8 ? [...ticks, f] : ticks;
  }, []);
}

function frequencyLabel(f) {
  return f >= 1000 ? `${round(f / 1000, 2)}k` : `${round(f)}`;
}

/** Times to label on an axis of `width` pixels, in s. */
function timeTicks({ start, end }, width) {
  const step = niceStep((end - start) * 64 / width);
  const first = Math.ceil(start / step - 1e-9), last = Math.floor(end / step + 1e-9);
  const tick = (_, i) => Number(((first + i) * step).toPrecision(6));
  return Array.from({ length: last - first + 1 }, tick);
}

/** A span moved and scaled so that it lies within the sound. @returns {Span} */
function clampSpan(start, length, duration) {
  const size = Math.min(duration, Math.max(length, Math.min(duration, 0.05)));
  const from = Math.min(Math.max(0, start), duration - size);
  return { start: from, end: from + size };
}

// ------------------------------------------------------------------------------------ Pictures

/**
 * Levels over time and frequency; row k of frame m is cell `m * n_rows + k`.
 *
 * @typedef {Object} Picture
 * @property {Float32Array} levels in dB
 * @property {Uint8Array} bytes the same as level bytes
 * @property {number} n_frames
 * @property {number} n_rows
 * @property {Float64Array} edges frequencies between the rows in Hz, n_rows + 1 of them
 * @property {number} step from frame to frame in s
 * @property {number} start centre of the first frame in s
 * @property {{time: number, frequency: number}} loudest cell
 */

/** @returns {Picture} */
function makePicture({ levels, n_frames, n_rows, frequencies, frame_step, start_time }) {
  const step = frame_step, start = start_time, bytes = new Uint8Array(levels.length);
  let loudest = 0;
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.max(0, levelByte(levels[i]));
    if (levels[i] > levels[loudest]) loudest = i;
  }
  return {
    levels, bytes, n_frames, n_rows, edges: rowEdges(frequencies), step, start,
    loudest: {
      time: start + Math.floor(loudest / n_rows) * step, frequency: frequencies[loudest % n_rows],
    },
  };
}

/** Half way between neighbours; the outermost rows reach as far out as in. */
function rowEdges(f) {
  const n = f.length, edges = new Float64Array(n + 1);
  for (let k = 1; k < n; k++) edges[k] = (f[k - 1] + f[k]) / 2;
  edges[0] = n > 1 ? 2 * f[0] - edges[1] : 0;
  edges[n] = n > 1 ? 2 * f[n - 1] - edges[n - 1] : 2 * f[0];
  return edges;
}

/** The row in which a frequency lies: -1 below all of them, n_rows above. */
function rowAt({ edges }, f) {
  let low = 0, high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= f) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function frameAt({ step, start }, t) {
  return Math.floor((t - start) / step + 0.5);
}

/**
 * First and last cell of every pixel. Cells that are smaller than pixels are shared out among them,
 * so that none is lost; where cells are larger, a pixel shows the one in which its centre lies.
 * @param {number} n_pixels
 * @param {(pixel: number) => number} cellAt the cell at a place between 0 and n_pixels
 * @returns {Int32Array} pairs
 */
function pixelCells(n_pixels, cellAt) {
  const pairs = new Int32Array(2 * n_pixels);
  for (let p = 0; p < n_pixels; p++) {
    const first = cellAt(p) + 1, last = cellAt(p + 1);
    pairs.set(first <= last ? [first, last] : [cellAt(p + 0.5), cellAt(p + 0.5)], 2 * p);
  }
  return pairs;
}

/**
 * The loudest level byte under every pixel, a column a row; 0 where the picture has no cells.
 * @param {Picture} picture
 * @returns {Uint8Array} `width * height` bytes
 */
function poolLevels(picture, scale, span, width, height) {
  const { bytes, n_frames, n_rows } = picture;
  const rows = pixelCells(height, (y) => rowAt(picture, scale.toHz(y / height)));
  const time = (x) => span.start + x / width * (span.end - span.start);
  const columns = pixelCells(width, (x) => frameAt(picture, time(x)));
  const pooled = new Uint8Array(width * height), loudest = new Uint8Array(n_rows);
  for (let x = 0; x < width; x++) {
    const first = Math.max(0, columns[2 * x]), last = Math.min(n_frames - 1, columns[2 * x + 1]);
    if (first > last) continue;
    if (x && columns[2 * x] === columns[2 * x - 2] && columns[2 * x + 1] === columns[2 * x - 1]) {
      pooled.copyWithin(x * height, (x - 1) * height, x * height);
      continue;
    }
    maximumOfFrames(bytes, first, last, n_rows, loudest);
    for (let y = 0; y < height; y++) {
      const from = Math.max(0, rows[2 * y]), to = Math.min(n_rows - 1, rows[2 * y + 1]);
      let byte = 0;
      for (let k = from; k <= to; k++) if (loudest[k] > byte) byte = loudest[k];
      pooled[x * height + y] = byte;
    }
  }
  return pooled;
}

function maximumOfFrames(bytes, first, last, n_rows, loudest) {
  loudest.set(bytes.subarray(first * n_rows, (first + 1) * n_rows));
  for (let m = first + 1; m <= last; m++) {
    const from = m * n_rows;
    for (let k = 0; k < n_rows; k++) if (bytes[from + k] > loudest[k]) loudest[k] = bytes[from + k];
  }
}

/** Colour pooled levels into the pixels of a canvas: rows from the top, time to the right. */
function colorPixels(pooled, palette, pixels, width, height) {
  for (let y = 0, at = 0; y < height; y++) {
    const row = height - 1 - y;
    for (let x = 0; x < width; x++, at++) pixels[at] = palette[pooled[x * height + row]];
  }
}

/** The level at a time and a frequency in dB, or undefined beside the picture. */
function levelAt(picture, t, f) {
  const m = frameAt(picture, t), k = rowAt(picture, f);
  const inside = m >= 0 && m < picture.n_frames && k >= 0 && k < picture.n_rows;
  return inside ? picture.levels[m * picture.n_rows + k] : undefined;
}

/** Lowest and highest sample under every pixel, as pairs. */
function waveEnvelope({ x, sr }, span, width) {
  const pairs = new Float32Array(2 * width);
  const sampleAt = (p) => Math.floor((span.start + p / width * (span.end - span.start)) * sr);
  for (let p = 0; p < width; p++) {
    const first = Math.max(0, sampleAt(p));
    const last = Math.min(x.length, Math.max(first + 1, sampleAt(p + 1)));
    let low = Infinity, high = -Infinity;
    for (let t = first; t < last; t++) {
      if (x[t] < low) low = x[t];
      if (x[t] > high) high = x[t];
    }
    if (last > first) pairs.set([low, high], 2 * p);
  }
  return pairs;
}

function drawWave(context, envelope, color, width, height, top) {
  context.clearRect(0, 0, width, height);
  context.fillStyle = color;
  const middle = height / 2, scale = (middle - 1) / (top || 1);
  for (let p = 0; p < width; p++) {
    const low = middle - scale * envelope[2 * p], high = middle - scale * envelope[2 * p + 1];
    context.fillRect(p, high - 0.5, 1, Math.max(1, low - high + 1));
  }
}

// ---------------------------------------------------------------------------------- The worker

/** The other end of `serve` in dsp.js: in a worker or, where a page may have none, on the page. */
class Engine {
  /**
   * @param {string} source the text of dsp.js
   * @param {(message: Object) => void} onMessage called with the messages of the newest run alone
   */
  constructor(source, onMessage) {
    this.onMessage = onMessage;
    this.id = 0;
    this.waiting = [];
    const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    // A page that was opened from a disk may start scripts as workers, but no modules; without its
    // exports, the module is a script.
    this.urls = { module: address(source), script: address(source.replace(/^export /gm, "")) };
    try {
      this.worker = new Worker(this.urls.script);
      this.worker.onerror = () => this.connectHere();
      this.connect(this.worker);
    } catch {
      this.connectHere();
    }
  }

  connect(port) {
    this.port = port;
    port.onmessage = ({ data }) => {
      this.answered = true;
      if (data.id === this.id) this.onMessage(data);
    };
    this.waiting.forEach((message) => port.postMessage(message));
  }

  /** A security policy that forbids workers shows itself as an error before the first answer. */
  async connectHere() {
    if (this.answered || this.isHere) return;
    this.isHere = true;
    const { port1, port2 } = new MessageChannel();
    (await import(this.urls.module)).serve(port2);
    this.connect(port1);
  }

  send(message) {
    // Until there is an answer, nobody may have heard it.
    if (!this.answered) this.waiting.push(message);
    this.port?.postMessage(message);
  }

  setSound({ x, sr }) {
    this.send({ id: ++this.id, kind: "sound", x, sr });
  }

  run(settings) {
    this.send({ id: ++this.id, kind: "run", settings });
  }

  cancel() {
    this.send({ id: this.id, kind: "cancel" });
  }

  close() {
    this.worker?.terminate();
    this.port?.close?.();
    Object.values(this.urls).forEach(URL.revokeObjectURL);
  }
}

// ---------------------------------------------------------------------------------- The player

const CROSSFADE = 0.01, HEADSTART = 0.02;

// Seconds after which a sound output that has not started is taken for none.
const PATIENCE = 3;

// The rates in Hz that every browser plays.
const LOWEST_PLAYED = 8000, HIGHEST_PLAYED = 96000;

/** Plays original and result in step, one of them audible, and changes over without a gap. */
class Player {
  /**
   * @param {() => void} onEnd when the sounds are over
   * @param {() => void} onHalt when the output is taken away, by a telephone call
   */
  constructor(onEnd, onHalt) {
    Object.assign(this, { onEnd, onHalt });
    this.side = "original";
    this.loop = null;
    this.tracks = {};
    this.nodes = {};
  }

  get playing() {
    return Object.keys(this.nodes).length > 0;
  }

  /** Put a sound on a side, also during play. @param {number} level factor of the samples */
  setTrack(side, { x, sr }, level) {
    const old = this.tracks[side], isSame = old?.x === x;
    this.tracks[side] = { x, level, buffer: isSame ? old.buffer : makeBuffer(x, sr) };
    if (!this.playing) return;
    if (isSame) return this.fade(this.nodes[side].gain, this.levelOf(side));
    const when = this.context.currentTime + HEADSTART;
    this.stopNode(side, when);
    this.startNode(side, when, this.position(HEADSTART));
  }

  removeTrack(side) {
    delete this.tracks[side];
    this.stopNode(side);
  }

  /**
   * Wait until the output runs. To start it needs a gesture of the reader, the first time.
   * @throws {Error} whose message is a sentence for the reader
   */
  async ready() {
    // Where there is no device, some browsers would wait for ever.
    const late = () => new Promise((_, reject) => setTimeout(reject, 1000 * PATIENCE));
    const starting = async () => Promise.race([this.output().resume(), late()]);
    await starting().catch(() => {
      throw new Error("This browser has no sound output, or it does not answer.");
    });
  }

  output() {
    if (this.context) return this.context;
    this.context = new AudioContext();
    this.context.onstatechange = () => this.context.state !== "running" && this.onHalt();
    return this.context;
  }

  /**
   * Start the sounds, when the output is ready.
   * @param {number} from where to start, in s
   * @param {Span|null} loop what to repeat
   */
  start(from, loop) {
    this.stop();
    this.loop = loop;
    this.from = from;
    this.when = this.context.currentTime + HEADSTART;
    Object.keys(this.tracks).forEach((side) => this.startNode(side, this.when, from));
  }

  stop() {
    Object.keys(this.nodes).forEach((side) => this.stopNode(side));
  }

  /** Make the other side the audible one. */
  choose(side) {
    this.side = side;
    for (const [name, { gain }] of Object.entries(this.nodes)) this.fade(gain, this.levelOf(name));
  }

  /** Where in the sound playing is, or will be so many seconds from now. */
  position(ahead = 0) {
    const passed = this.context.currentTime + ahead - this.when;
    const at = this.from + Math.max(0, passed);
    if (!this.loop || at < this.loop.end) return at;
    return this.loop.start + (at - this.loop.start) % (this.loop.end - this.loop.start);
  }

  /** The position that is heard now, which is late by what the device keeps in store. */
  heard() {
    return this.position(-(this.context.outputLatency || 0));
  }

  levelOf(side) {
    return side === this.side ? this.tracks[side]?.level ?? 0 : 0;
  }

  startNode(side, when, offset) {
    const loop = this.loop && { loop: true, loopStart: this.loop.start, loopEnd: this.loop.end };
    const { buffer } = this.tracks[side];
    const source = new AudioBufferSourceNode(this.context, { buffer, ...loop });
    const gain = new GainNode(this.context, { gain: 0 });
    source.connect(gain).connect(this.context.destination);
    source.start(when, offset);
    source.onended = () => this.nodes[side]?.source === source && this.finish();
    this.nodes[side] = { source, gain };
    this.fade(gain, this.levelOf(side), when);
  }

  stopNode(side, when = this.context?.currentTime) {
    const node = this.nodes[side];
    if (!node) return;
    delete this.nodes[side];
    this.fade(node.gain, 0, when);
    node.source.stop(when + CROSSFADE);
  }

  fade({ gain }, level, when = this.context.currentTime) {
    gain.cancelScheduledValues(when);
    gain.setValueAtTime(gain.value, when);
    gain.linearRampToValueAtTime(level, when + CROSSFADE);
  }

  finish() {
    this.nodes = {};
    this.onEnd();
  }

  close() {
    if (!this.context) return;
    this.context.onstatechange = null;
    this.context.close();
  }
}

/** The rate at which a sound is played: its own, or a multiple or fraction that browsers take. */
function playedRate(sr) {
  if (sr < LOWEST_PLAYED) return sr * Math.ceil(LOWEST_PLAYED / sr);
  return sr / Math.ceil(sr / HIGHEST_PLAYED);
}

function makeBuffer(x, sr) {
  const sampleRate = playedRate(sr), played = resample(x, sr, sampleRate);
  const buffer = new AudioBuffer({ length: played.length, sampleRate });
  buffer.copyToChannel(played, 0);
  return buffer;
}

// --------------------------------------------------------------------------- Parts of the page

let n_ids = 0;

/** An element with attributes, listeners (`onclick`) and children; text is never read as HTML. */
function make(tag, attributes = {}, ...children) {
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
const LINE_ICONS = {
  left: "M10 3L5 8l5 5", right: "M6 3l5 5-5 5", plus: "M8 3v10M3 8h10", minus: "M3 8h10",
  all: "M2 4v8M14 4v8M4 8h8M6 6L4 8l2 2M10 6l2 2-2 2",
};

function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) =>
    document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.toggle("sd-filled", name in FILLED_ICONS);
  path.setAttribute("d", FILLED_ICONS[name] ?? LINE_ICONS[name]);
  svg.append(path);
  return svg;
}

function button(content, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, ...content);
}

function iconButton(name, label, onclick) {
  return button([icon(name)], onclick, { class: "sd-icon", "aria-label": label, title: label });
}

/** Radio buttons that look like a switch. */
function makeSwitch(legend, words, onChoose) {
  const name = `sd-${++n_ids}`, inputs = {};
  const labels = Object.entries(words).map(([value, text]) => {
    inputs[value] = make("input", { type: "radio", name, value, onchange: () => onChoose(value) });
    return make("label", {}, inputs[value], make("span", {}, text));
  });
  const element = make("fieldset", { class: "sd-switch" },
    make("legend", { class: "sd-unseen" }, legend), ...labels);
  return { element, inputs, choose: (word) => { inputs[word].checked = true; } };
}

/**
 * A control with its label and its value.
 * @returns {{element: HTMLElement, update: (state: Settings) => void}}
 */
function makeControl(name, onChange) {
  const control = CONTROLS[name], id = `sd-${++n_ids}`;
  const part = (control.options ? makeSelect : makeRange)(control, id, onChange);
  const element = make("div", { class: "sd-control", "data-name": name },
    make("label", { for: id, title: name }, control.label), ...part.elements);
  const update = (state) => {
    const idle = control.needed ? !control.needed(state) : false;
    part.input.disabled = idle;
    element.classList.toggle("sd-idle", idle);
    part.update(state[name], state);
  };
  return { element, update };
}

function makeSelect({ options }, id, onChange) {
  const choices = Object.entries(options).map(([value, text]) => make("option", { value }, text));
  const input = make("select", { id, onchange: () => onChange(input.value) }, ...choices);
  return { input, elements: [input], update: (value) => { input.value = value; } };
}

function makeRange({ values, limits, step = 1, text }, id, onChange) {
  let stops = null;
  const chosen = () => (stops ? stops[Number(input.value)] : Number(input.value));
  const input = make("input", { type: "range", id, step, oninput: () => onChange(chosen()) });
  const output = make("output", { for: id });
  const update = (value, state) => {
    stops = values?.(state) ?? null;
    [input.min, input.max] = stops ? [0, stops.length - 1] : limits;
    input.value = stops ? nearestStop(stops, value) : value;
    output.textContent = text(value, state);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  return { input, elements: [output, input], update };
}

/** Index of the stop next to a value. */
function nearestStop(stops, value) {
  const far = (stop) => Math.abs(stop - value);
  return stops.reduce((best, stop, i) => (far(stop) < far(stops[best]) ? i : best), 0);
}

/** A number that matters: its name, its value, and a line of small print. */
function makeNumber(name, title) {
  const value = make("span", { class: "sd-value" }, "\u2013"), detail = make("small");
  const element = make("div", { title }, make("dt", {}, name), make("dd", {}, value, detail));
  const set = (text, small = "") => {
    value.textContent = text;
    detail.textContent = small;
  };
  return { element, set };
}

/** A canvas with labels beside it: a spectrogram, or the waveform. */
function makePanel(name) {
  const canvas = make("canvas", { role: "img", "aria-label": name });
  const ticks = make("div", { class: "sd-ticks", "aria-hidden": "true" });
  const element = make("div", { class: `sd-panel sd-${name}` }, ticks, canvas);
  return { element, canvas, ticks, context: canvas.getContext("2d") };
}

/** A label at a place between 0 and 1. */
function makeTick(place, text) {
  return make("span", { style: `--sd-place: ${100 * place}%` }, text);
}

// ----------------------------------------------------------------------------------- The stage

const SIDE_COLORS = { original: "#3b82c4", result: "#c96f16" };
const KEYS = "Arrow keys move the probe, Shift with left and right the window. Plus, minus and 0 "
  + "zoom. Enter moves the sound to the probe, Space plays it.";

/**
 * The waveform and the two spectrograms over one time axis, with probe and playing position.
 *
 * Its owner sets `label`, `sounds` ({original, result}), `pictures` ({original, kept, result}) and
 * `settings`, and calls `paint`; it is told by `onSeek(time)`, `onPlay()` and `onSpan()`.
 */
class Stage {
  constructor({ onSeek, onPlay, onSpan }) {
    Object.assign(this, { onSeek, onPlay, onSpan });
    Object.assign(this, { label: "", sounds: {}, pictures: {}, side: "original", show: "kept" });
    Object.assign(this, { span: { start: 0, end: 1 }, playhead: 0, probe: null, press: null });
    this.wave = makePanel("wave");
    this.upper = makePanel("original");
    this.lower = makePanel("lower");
    this.times = make("div", { class: "sd-times", "aria-hidden": "true" });
    this.readout = make("output", { class: "sd-readout" });
    const words = { kept: "what is kept", result: "what comes back" };
    this.showSwitch = makeSwitch("Lower picture", words, (word) => this.setShow(word));
    const group = { class: "sd-plots", tabindex: 0, role: "group", "aria-label": KEYS };
    this.element = make("div", group, this.wave.element, this.makeHeading(), this.upper.element,
      make("div", { class: "sd-heading" }, this.showSwitch.element), this.lower.element,
      this.times);
    this.listen();
  }

  makeHeading() {
    this.scaleBar = make("canvas", { width: 256, height: 1 });
    this.scaleText = make("span");
    const scale = make("span", { class: "sd-scale" }, this.scaleText, this.scaleBar, "0 dB");
    const unit = make("span", { class: "sd-axis-unit" }, "Hz");
    return make("div", { class: "sd-heading" }, unit, "original", scale, this.readout);
  }

  listen() {
    const { element } = this;
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.onPress(event));
    element.addEventListener("pointermove", (event) => this.onMove(event));
    element.addEventListener("pointerup", (event) => this.onRelease(event));
    element.addEventListener("pointercancel", () => { this.press = null; });
    element.addEventListener("pointerleave", ({ pointerType }) => {
      // A finger leaves when it is lifted; what it has pointed at stays.
      if (pointerType === "mouse") this.setProbe(null);
    });
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(element);
  }

  get duration() {
    const { original } = this.sounds;
    return original ? original.x.length / original.sr : 1;
  }

  get scale() {
    const { axis, sr, mel_scale } = this.settings;
    return makeScale(axis, sr, mel_scale);
  }

  setShow(word) {
    this.show = word;
    this.showSwitch.choose(word);
    this.paint();
  }

  setSide(side) {
    this.side = side;
    this.paintWave();
  }

  // -- painting

  resize() {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const { canvas } of [this.wave, this.upper, this.lower]) {
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    }
    this.paint();
  }

  paint() {
    this.paintUpper();
    this.paintLower();
    this.paintWave();
    this.labelTimes();
    this.setPlayhead(this.playhead);
  }

  paintUpper() {
    const { colormap, range_db } = this.settings, palette = makePalette(colormap, range_db);
    this.paintPanel(this.upper, this.pictures.original, palette);
    this.paintScale(palette, range_db);
    this.describe(this.upper, "Original", this.pictures.original);
  }

  paintLower() {
    const { pictures, show, settings: { colormap, range_db, threshold_db, n_mels } } = this;
    // Without bands, what is kept is the original without its quiet cells: no need to wait for it.
    const quick = show === "kept" && !n_mels;
    const picture = quick ? pictures.original : pictures[show];
    const palette = makePalette(colormap, range_db, quick ? threshold_db : LOWEST_DB);
    this.paintPanel(this.lower, picture, palette);
    this.lower.element.dataset.show = show;
    this.describe(this.lower, show === "kept" ? "What is kept" : "What comes back", picture);
  }

  paintPanel({ canvas, context, ticks }, picture, palette) {
    const { width, height, clientHeight } = canvas, { scale } = this;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    if (picture) {
      const pooled = poolLevels(picture, scale, this.span, width, height);
      colorPixels(pooled, palette, pixels, width, height);
    } else pixels.fill(palette[0]);
    context.putImageData(image, 0, 0);
    ticks.replaceChildren(...frequencyTicks(scale, this.settings.axis, clientHeight || 1).map((f) =>
      makeTick(1 - scale.toUnit(f), frequencyLabel(f))));
  }

  paintWave() {
    const { canvas: { width, height }, context } = this.wave, { sounds, side } = this;
    const sound = sounds[side] ?? sounds.original;
    this.wave.canvas.setAttribute("aria-label", `Waveform of the ${side}, ${this.label}`);
    if (!sound) return context.clearRect(0, 0, width, height);
    // One scale for both sounds, so that a change of level is seen.
    const top = Math.max(...Object.values(sounds).map(({ peak }) => peak));
    drawWave(context, waveEnvelope(sound, this.span, width), SIDE_COLORS[side], width, height, top);
  }

  paintScale(palette, range_db) {
    const context = this.scaleBar.getContext("2d"), image = context.createImageData(256, 1);
    const levels = Array.from({ length: 256 }, (_, i) => range_db * (i / 255 - 1));
    new Uint32Array(image.data.buffer).set(levels.map((level) => palette[levelByte(level)]));
    context.putImageData(image, 0, 0);
    this.scaleText.textContent = signed(-range_db);
  }

  labelTimes() {
    const { start, end } = this.span;
    this.times.replaceChildren(...timeTicks(this.span, this.times.clientWidth || 1).map((t) =>
      makeTick((t - start) / (end - start), `${t} s`)));
  }

  /** Say in words what a canvas shows. */
  describe({ canvas }, what, picture) {
    const { span: { start, end }, settings: { axis, sr } } = this;
    const parts = picture ? [
      `${what}, ${this.label}: spectrogram of ${picture.n_rows} rows`,
      `${round(start, 2)} to ${round(end, 2)} s, 0 to ${sr / 2} Hz on a ${axis} axis`,
      `loudest at ${round(picture.loudest.time, 2)} s and ${round(picture.loudest.frequency)} Hz`,
    ] : [`${what}: nothing yet`];
    canvas.setAttribute("aria-label", parts.join("; "));
  }

  // -- the window of time

  setSpan(start, length) {
    this.span = clampSpan(start, length, this.duration);
    this.paint();
    if (!this.press) this.onSpan();
  }

  /** Show `factor` times as much time, around a place that stays where it is. */
  zoom(factor, centre = this.probe?.time ?? this.visiblePlayhead) {
    const { start, end } = this.span;
    this.setSpan(centre - factor * (centre - start), factor * (end - start));
  }

  pan(part) {
    const { start, end } = this.span;
    this.setSpan(start + part * (end - start), end - start);
  }

  get visiblePlayhead() {
    const { start, end } = this.span;
    return this.playhead > start && this.playhead < end ? this.playhead : (start + end) / 2;
  }

  /** Move the playing position; with `follow`, turn the page when it leaves the window. */
  setPlayhead(time, follow = false) {
    this.playhead = Math.min(Math.max(0, time), this.duration);
    const { start, end } = this.span, isGone = this.playhead > end && !this.press;
    if (follow && isGone) return this.setSpan(this.playhead, end - start);
    const unit = (this.playhead - start) / (end - start);
    this.element.style.setProperty("--sd-at", unit < 0 || unit > 1 ? -1 : unit);
    this.updateReadout();
  }

  // -- the probe

  setProbe(probe) {
    this.probe = probe;
    this.element.classList.toggle("sd-probing", Boolean(probe));
    this.element.classList.toggle("sd-pitched", probe?.unit !== undefined);
    this.updateReadout();
  }

  updateReadout() {
    const { span: { start, end }, probe } = this;
    if (probe) {
      this.element.style.setProperty("--sd-x", (probe.time - start) / (end - start));
      this.element.style.setProperty("--sd-y", 1 - probe.unit);
    }
    this.readout.textContent = probe ? this.read(probe)
      : `${this.playhead.toFixed(2)} of ${this.duration.toFixed(2)} s`;
  }

  read({ time, unit }) {
    if (unit === undefined) return `${time.toFixed(3)} s`;
    const f = this.scale.toHz(unit), { pictures, show } = this;
    const place = `${time.toFixed(3)} s \u00b7 ${thousands(f)} Hz`;
    const level = (picture) => {
      const found = picture && levelAt(picture, time, f);
      return found <= LOWEST_DB ? "silent" : decibels(found);
    };
    const lower = `${show === "kept" ? "kept" : "back"} ${level(pictures[show])}`;
    return `${place} \u00b7 ${level(pictures.original)}, ${lower}`;
  }

  // -- pointers and keys

  /** Time under a pointer and, over a spectrogram, the place of the frequency on the axis. */
  place({ clientX, clientY }) {
    const { left, width } = this.upper.canvas.getBoundingClientRect(), { start, end } = this.span;
    const time = start + Math.min(1, Math.max(0, (clientX - left) / width)) * (end - start);
    for (const { canvas } of [this.upper, this.lower]) {
      const { top, bottom, height } = canvas.getBoundingClientRect();
      if (clientY >= top && clientY < bottom) return { time, unit: 1 - (clientY - top) / height };
    }
    return { time };
  }

  onWheel(event) {
    const { start, end } = this.span, { clientWidth } = this.upper.canvas;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey) this.zoom(Math.exp(0.01 * event.deltaY), this.place(event).time);
    else if (sideways && end - start < this.duration) this.pan(event.deltaX / clientWidth);
    else return;
    event.preventDefault();
  }

  onPress(event) {
    if (event.button || !event.target.closest(".sd-panel")) return;
    this.press = { x: event.clientX, span: this.span, dragged: false };
  }

  onMove(event) {
    const { press } = this;
    if (!press) return this.setProbe(event.target.closest(".sd-panel") ? this.place(event) : null);
    const moved = event.clientX - press.x, { start, end } = press.span;
    if (!press.dragged && Math.abs(moved) < 4) return;
    if (!press.dragged) this.element.setPointerCapture(event.pointerId);
    press.dragged = true;
    this.setSpan(start - moved / this.upper.canvas.clientWidth * (end - start), end - start);
  }

  onRelease(event) {
    const { press } = this;
    this.press = null;
    if (press?.dragged) return this.onSpan();
    if (!press) return;
    this.setProbe(this.place(event));
    this.onSeek(this.probe.time);
  }

  onKey(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.actionOf(event.key, event.shiftKey);
    if (!action) return;
    event.preventDefault();
    action();
  }

  actionOf(key, shift) {
    const { start, end } = this.span;
    const probe = { unit: 0.1, ...(this.probe ?? { time: this.visiblePlayhead }) };
    const move = (dt, du) => () => this.setProbe({
      time: Math.min(end, Math.max(start, probe.time + dt * (end - start))),
      unit: Math.min(1, Math.max(0, probe.unit + du)),
    });
    return {
      ArrowLeft: shift ? () => this.pan(-0.1) : move(-0.01, 0),
      ArrowRight: shift ? () => this.pan(0.1) : move(0.01, 0),
      ArrowUp: move(0, 0.02), ArrowDown: move(0, -0.02), Home: move(-1, 0), End: move(1, 0),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2),
      0: () => this.setSpan(0, Infinity), " ": () => this.onPlay(),
      Enter: () => this.onSeek(probe.time),
    }[key];
  }
}

// --------------------------------------------------------------------------- The row of sources

/** Where a sound comes from: the clips of the model, a file, the microphone. */
class Sources {
  /**
   * @param {Object} owner
   * @param {(label: string) => void} owner.onChoose a label of the list
   * @param {(label: string, sound: Sound & {note: string}) => void} owner.onSound the reader's
   * @param {(label: string) => void} owner.onWait a sound of the reader's is being decoded
   * @param {(label: string, sentence: string) => void} owner.onProblem
   */
  constructor({ onChoose, onWait, onSound, onProblem }) {
    Object.assign(this, { onWait, onSound, onProblem });
    const id = `sd-${++n_ids}`;
    this.select = make("select", { id, onchange: () => onChoose(this.select.value) });
    this.input = make("input", {
      type: "file", accept: "audio/*,video/*", class: "sd-unseen",
      onchange: () => this.open(this.input.files[0]),
    });
    this.recordButton = button([], () => this.toggleRecording());
    this.showRecording(null);
    this.element = make("div", { class: "sd-source" },
      make("label", { for: id }, "Sound"), this.select,
      make("label", { class: "sd-button" }, this.input, "Open file"), this.recordButton,
      make("span", { class: "sd-hint" }, "Files and recordings stay in your browser."));
  }

  list(labels, chosen) {
    this.select.replaceChildren(...labels.map((label) => make("option", { value: label }, label)));
    this.select.value = chosen;
  }

  /** Take the files that are dropped on an element. */
  listenToDrops(element) {
    const over = (event, on) => {
      event.preventDefault();
      element.classList.toggle("sd-over", on);
    };
    element.addEventListener("dragover", (event) => over(event, true));
    element.addEventListener("dragleave", (event) => over(event, false));
    element.addEventListener("drop", (event) => {
      over(event, false);
      this.open(event.dataTransfer.files[0]);
    });
  }

  async open(file) {
    if (file) await this.take(file.name, async () => file);
    this.input.value = "";
  }

  async toggleRecording() {
    if (this.recording) return this.recording.stop();
    this.recordButton.disabled = true;
    await this.take("recording", async () => {
      this.recording = await record((left) => this.showRecording(left));
      this.recordButton.disabled = false;
      return this.recording.done;
    });
    this.recording = null;
    this.recordButton.disabled = false;
    this.showRecording(null);
  }

  /** Decode the file that is promised and hand it on; or tell what is wrong with it. */
  async take(label, file) {
    try {
      const found = await file();
      this.onWait(label);
      this.onSound(label, await decodeFile(found, label));
    } catch (error) {
      this.onProblem(label, error.message);
    }
  }

  showRecording(left) {
    const on = left !== null;
    this.recordButton.classList.toggle("sd-on", on);
    const text = on ? `Stop (${left} s left)` : "Record";
    this.recordButton.replaceChildren(icon(on ? "stop" : "record"), text);
  }
}

// ------------------------------------------------------------------------------------ The view

// Changes that follow each other within this time are one movement.
const HURRY_MS = 150;

/** One Explorer on a page: the settings live in the model, the mathematics in the worker. */
class View {
  /**
   * @param {Object} model as anywidget has it: get, set, save_changes, on, off, send
   * @param {HTMLElement} el
   * @param {string} [id] of the figure, to which links lead, on a static page
   */
  constructor(model, el, id) {
    Object.assign(this, { model, id, sounds: new Map(), awaited: new Set(), notes: {} });
    this.engine = new Engine(model.get("_dsp"), (message) => this[`on_${message.kind}`]?.(message));
    this.player = new Player(() => this.endPlaying(), () => this.pause());
    this.stage = new Stage({
      onSeek: (time) => this.seek(time),
      onPlay: () => this.togglePlay(),
      onSpan: () => this.loopAnew(),
    });
    this.sources = new Sources({
      onChoose: (label) => this.choose(label),
      onWait: (label) => {
        this.say("link", "");
        this.waitFor(label);
      },
      onSound: (label, sound) => this.useSound(label, sound),
      onProblem: (label, sentence) => this.refuse(label, sentence),
    });
    this.build(el);
    this.listen();
    this.changeStep();
    this.restoreLink();
    this.load(model.get("clip"));
  }

  /** The settings as they take effect, and what else the texts of the controls need. */
  get state() {
    const sr = this.sound?.sr ?? FILE_SR;
    const settings = Object.fromEntries(SETTINGS.map((name) => [name, this.model.get(name)]));
    return { ...effective(settings, sr), sr, step: this.model.get("step") };
  }

  set(values) {
    Object.entries(values).forEach(([name, value]) => this.model.set(name, value));
    this.model.save_changes();
  }

  /** What the reader sets: a link that was copied before leads elsewhere. */
  change(values) {
    this.say("link", "");
    this.set(values);
  }

  // -- building

  build(el) {
    this.groups = make("div", { class: "sd-groups" });
    this.root = make("div", { class: "sd-app" },
      this.sources.element, this.stage.element, this.buildTransport(), this.buildNumbers(),
      this.buildNews(), this.groups, this.buildActions());
    if (this.model.get("caption"))
      this.root.append(make("p", { class: "sd-caption" }, this.model.get("caption")));
    this.sources.listenToDrops(this.root);
    this.root.view = this;
    el.append(this.root);
  }

  buildTransport() {
    const { stage } = this;
    this.playButton = button([], () => this.togglePlay(), { class: "sd-play" });
    this.sideSwitch = makeSwitch("Listen to", { original: "original", result: "result" },
      (side) => this.chooseSide(side));
    this.loop = make("input", { type: "checkbox", onchange: () => this.restart() });
    this.showPlaying();
    return make("div", { class: "sd-transport" }, this.playButton, this.sideSwitch.element,
      make("label", { class: "sd-check" }, this.loop, "loop"),
      make("span", { class: "sd-zoom" },
        iconButton("left", "Earlier", () => stage.pan(-0.5)),
        iconButton("minus", "Zoom out", () => stage.zoom(2)),
        iconButton("plus", "Zoom in", () => stage.zoom(0.5)),
        iconButton("right", "Later", () => stage.pan(0.5)),
        iconButton("all", "Show all", () => stage.setSpan(0, Infinity))));
  }

  buildNumbers() {
    this.numbers = {
      kept: makeNumber("numbers kept", "Real numbers that are kept of a second of sound"),
      convergence: makeNumber("spectral convergence",
        "Error of what came back, relative to the size of what was kept; lower is better"),
      distance: makeNumber("log-mel distance",
        "Root mean square difference of 80 log-mel bands of original and result; 0 is best"),
      level: makeNumber("level", "Change of the result, so that both sound equally loud"),
    };
    const elements = Object.values(this.numbers).map(({ element }) => element);
    return (this.numberList = make("dl", { class: "sd-numbers" }, ...elements));
  }

  buildNews() {
    this.status = make("p", { role: "status", class: "sd-status" });
    this.progress = make("progress", { "aria-label": "Iterations", max: 1 });
    this.progressText = make("span");
    this.work = make("div", { class: "sd-work" }, this.progress, this.progressText,
      button(["Cancel"], () => this.cancel()));
    this.work.hidden = true;
    return make("div", { class: "sd-told" }, this.status, this.work);
  }

  buildActions() {
    this.downloadButton = button(["Download WAV"], () => this.download());
    return make("div", { class: "sd-actions" }, button(["Reset"], () => this.reset()),
      ...(this.id ? [button(["Copy link"], () => this.copyLink())] : []), this.downloadButton);
  }

  /** Show the controls of the step; on a narrow page, those of its first group. */
  changeStep() {
    const { groups, show } = FACES[this.model.get("step")];
    // Before it is on the page, the figure has no width.
    const narrow = (this.root.clientWidth || window.innerWidth) < 560;
    this.controls = {};
    const elements = Object.entries({ ...groups, Display: DISPLAY }).map(([heading, names], i) => {
      const controls = names.map((name) => (
        this.controls[name] = makeControl(name, (value) => this.change({ [name]: value }))));
      const details = make("details", {}, make("summary", {}, heading),
        make("div", { class: "sd-grid" }, ...controls.map(({ element }) => element)));
      details.open = !narrow || i === 0;
      return details;
    });
    this.groups.replaceChildren(...elements);
    this.updateControls();
    this.stage.setShow(show);
  }

  updateControls() {
    this.stage.settings = this.state;
    Object.values(this.controls).forEach((control) => control.update(this.stage.settings));
  }

  // -- changes

  listen() {
    const { model } = this;
    this.listeners = {
      "msg:custom": (content, buffers) => this.receiveSound(content, buffers),
      "change:clip": () => this.load(model.get("clip")),
      "change:clips": () => this.listSounds(),
      "change:step": () => this.changeStep(),
      ...Object.fromEntries(SETTINGS.map((name) => [`change:${name}`, () => this.schedule(name)])),
    };
    Object.entries(this.listeners).forEach(([event, listener]) => model.on(event, listener));
    this.onHash = () => this.restoreLink();
    window.addEventListener("hashchange", this.onHash);
  }

  /** Settings that change together are drawn and run once. */
  schedule(name) {
    this.changes ??= { at: performance.now(), names: new Set() };
    if (!this.changes.names.size) queueMicrotask(() => this.applyChanges());
    this.changes.names.add(name);
  }

  applyChanges() {
    const { at, names } = this.changes;
    this.changes = null;
    this.updateControls();
    this.stage.paint();
    measure("repaint", at);
    if ([...names].some((name) => !DISPLAY.includes(name))) this.run(at);
  }

  // -- sounds

  listSounds() {
    const labels = new Set([...this.model.get("clips"), ...this.sounds.keys()]);
    this.sources.list([...labels], this.stage.label || this.model.get("clip"));
  }

  choose(label) {
    this.change(this.model.get("clips").includes(label) ? { clip: label } : {});
    this.load(label);
  }

  /** Ask the model's host for a sound, unless it is here or asked for. */
  load(label) {
    if (label === this.wanted) return;
    this.wanted = label;
    if (this.sounds.has(label)) return this.useSound(label, this.sounds.get(label));
    this.waitFor(label);
    this.model.send({ kind: "sound", clip: label });
  }

  /** A sound is on its way; what was wrong with another is over. */
  waitFor(label) {
    this.awaited.add(label);
    this.say("error", "");
    this.tellSound();
    this.markState();
  }

  /** Whether the reader has to wait: for a sound, or for a run. */
  markState() {
    this.root.dataset.state = this.awaited.size || this.isRunning ? "busy" : "ready";
  }

  receiveSound({ kind, clip, sr, error }, buffers) {
    if (kind !== "sound") return;
    if (clip !== this.wanted) return this.forget(clip);
    if (error) return this.refuseSound(clip, error);
    const { buffer, byteOffset, byteLength } = buffers[0];
    const x = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    this.useSound(clip, { x, sr });
  }

  /** Stay with the sound that there is. */
  refuseSound(label, sentence) {
    this.wanted = this.stage.label;
    this.listSounds();
    this.refuse(label, sentence);
  }

  refuse(label, sentence) {
    this.forget(label);
    this.say("error", sentence);
  }

  /** Wait no longer for a sound. */
  forget(label) {
    this.awaited.delete(label);
    this.tellSound();
    this.markState();
  }

  tellSound() {
    const [next] = this.awaited;
    this.say("sound", next ? `Waiting for ${next}.` : this.sound ? this.describeSound() : "");
  }

  describeSound() {
    const { x, sr, note } = this.sound;
    const played = playedRate(sr) === sr ? "" : ` Played at ${round(playedRate(sr))} Hz.`;
    return note ?? `${this.stage.label}: ${round(x.length / sr, 1)} s, at ${sr} Hz.${played}`;
  }

  useSound(label, sound) {
    const { stage } = this;
    this.pause();
    this.awaited.delete(label);
    this.job = null;
    this.wanted = label;
    this.sound = { ...sound, peak: peak(sound.x) };
    this.sounds.set(label, sound);
    Object.assign(stage, { label, sounds: { original: this.sound }, pictures: {}, playhead: 0 });
    stage.span = clampSpan(0, Infinity, stage.duration);
    this.tellSound();
    this.say("run", "");
    this.listSounds();
    this.dropResult();
    this.player.setTrack("original", this.sound, 1);
    this.engine.setSound(sound);
    this.updateControls();
    this.stage.paint();
    this.run(performance.now());
  }

  // -- runs, and the messages of the worker

  /**
   * Run the settings. While a slider is being moved, runs end with the pictures: the way back is
   * looked for when it rests.
   * @param {number} at when the run was asked for
   */
  run(at) {
    if (!this.sound) return;
    const hurried = at - (this.job?.at ?? -Infinity) < HURRY_MS;
    clearTimeout(this.rest);
    if (hurried) this.rest = setTimeout(() => this.start(at, true), HURRY_MS);
    this.start(at, !hurried);
  }

  start(at, whole) {
    const { state } = this;
    this.job = { at, state, whole };
    this.isRunning = true;
    this.markState();
    this.numberList.classList.add("sd-stale");
    this.say("error", "");
    this.engine.run(state);
  }

  on_original({ levels, n_frames, n_bins }) {
    // Arrives while the worker makes what is kept, and takes effect after that.
    if (!this.job.whole) this.engine.cancel();
    const { n_fft, hop_length, sr } = this.job.state;
    const frequencies = Float64Array.from({ length: n_bins }, (_, k) => k * sr / n_fft);
    const frame_step = hop_length / sr;
    this.grid = { n_frames, n_rows: n_bins, frequencies, frame_step, start_time: 0 };
    this.stage.pictures.original = makePicture({ levels, ...this.grid });
    this.stage.paintUpper();
    if (!this.job.state.n_mels) this.stage.paintLower();
    measure("analysis", this.job.at);
  }

  on_kept(message) {
    const { rows, numbers_per_second, numbers_per_second_wave, empty_bands } = message;
    this.stage.pictures.kept = makePicture(message);
    this.stage.paintLower();
    if (rows !== "bins") measure("mel", this.job.at);
    this.numbers.kept.set(`${thousands(numbers_per_second)} per s`,
      comparison(numbers_per_second, numbers_per_second_wave));
    this.say("run", empty_bands
      ? `${empty_bands} of ${this.job.state.n_mels} mel bands hold no bin and stay empty.` : "");
  }

  on_progress({ i, n_iter, convergence_db }) {
    if (this.work.hidden && performance.now() - this.job.at < 150) return;
    this.work.hidden = false;
    this.progress.value = i / n_iter;
    this.progressText.textContent = `iteration ${i} of ${n_iter}`;
    this.numbers.convergence.set(decibels(convergence_db));
  }

  on_result({ x_hat, levels, convergence_db, log_mel_distance_db, gain }) {
    this.result = { x: x_hat, sr: this.sound.sr, peak: peak(x_hat) };
    this.stage.sounds.result = this.result;
    this.stage.pictures.result = makePicture({ levels, ...this.grid });
    this.stage.paintLower();
    this.stage.paintWave();
    measure("invert", this.job.at);
    this.numbers.convergence.set(decibels(convergence_db));
    this.numbers.distance.set(decibels(log_mel_distance_db, 2));
    this.numberList.classList.remove("sd-stale");
    this.matchLevels(gain);
    this.enableResult(true);
    this.share(x_hat);
  }

  on_done() {
    this.work.hidden = true;
    this.isRunning = false;
    this.markState();
  }

  on_cancelled() {
    if (!this.job.whole) return;
    this.on_done();
    this.say("run", "Cancelled: what comes back is that of the settings before.");
  }

  on_error({ message }) {
    this.on_done();
    this.dropResult();
    this.stage.paint();
    this.say("error", message);
  }

  /** The reader has seen enough: nothing is left to do, whatever the worker is at. */
  cancel() {
    clearTimeout(this.rest);
    this.job.whole = true;
    this.engine.cancel();
    this.on_cancelled();
  }

  /** Hand the result to the kernel. */
  share(x_hat) {
    this.set({ x_hat: new DataView(x_hat.slice().buffer), sr: this.sound.sr });
  }

  /** Play the result as loud as the original, and both softer where one of them would clip. */
  matchLevels(gain) {
    const top = Math.max(1, this.sound.peak, gain * this.result.peak);
    this.player.setTrack("original", this.sound, 1 / top);
    this.player.setTrack("result", this.result, gain / top);
    const gain_db = decibels(20 * Math.log10(gain)), lower_db = decibels(-20 * Math.log10(top));
    this.numbers.level.set(gain > 1 ? `+${gain_db}` : gain_db,
      top > 1.005 ? `to match; both ${lower_db} to avoid clipping` : "to match the original");
  }

  dropResult() {
    this.result = null;
    delete this.stage.sounds.result;
    delete this.stage.pictures.result;
    this.player.removeTrack("result");
    this.enableResult(false);
    ["convergence", "distance", "level"].forEach((name) => this.numbers[name].set("\u2013"));
  }

  enableResult(on) {
    this.sideSwitch.inputs.result.disabled = !on;
    this.downloadButton.disabled = !on;
    if (!on) this.chooseSide("original");
  }

  /** Replace the sentence about a topic; those about the others stay. */
  say(topic, sentence) {
    this.notes[topic] = sentence;
    const text = Object.values(this.notes).filter(Boolean).join(" ");
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("sd-error", Boolean(this.notes.error || this.notes.output));
  }

  // -- playing

  async play() {
    const turn = this.turn = {};
    this.showPlaying();
    try {
      await this.player.ready();
      // Not when it was paused meanwhile.
      if (turn === this.turn) this.startPlaying();
    } catch (error) {
      if (turn === this.turn) this.say("output", error.message);
    }
    if (turn === this.turn) this.turn = null;
    this.showPlaying();
  }

  startPlaying() {
    const { span, playhead, duration } = this.stage, loop = this.loop.checked ? span : null;
    const { start, end } = loop ?? { start: 0, end: duration };
    const outside = playhead < start || playhead > end - 0.01;
    this.player.start(outside ? start : playhead, loop);
    this.say("output", "");
    this.follow();
  }

  /** Whether the sound is heard, or will be as soon as the output is ready. */
  get active() {
    return this.player.playing || Boolean(this.turn);
  }

  pause() {
    this.turn = null;
    if (this.player.playing) this.stage.setPlayhead(this.player.heard());
    this.player.stop();
    this.showPlaying();
  }

  endPlaying() {
    this.stage.setPlayhead(this.stage.duration);
    this.showPlaying();
  }

  async togglePlay() {
    if (this.active) this.pause();
    else if (this.sound) await this.play();
  }

  /** Go on from where the sound is, as the loop and the window are now. */
  async restart() {
    if (!this.player.playing) return;
    this.stage.setPlayhead(this.player.heard());
    await this.play();
  }

  async loopAnew() {
    if (this.loop.checked) await this.restart();
  }

  async seek(time) {
    this.stage.setPlayhead(time);
    if (this.player.playing) await this.play();
  }

  chooseSide(side) {
    this.sideSwitch.choose(side);
    this.player.choose(side);
    this.stage.setSide(side);
  }

  showPlaying() {
    const on = this.active;
    this.playButton.replaceChildren(icon(on ? "pause" : "play"), on ? "Pause" : "Play");
  }

  /** Let the playing position follow the sound, at a calmer pace for those who ask for it. */
  follow() {
    cancelAnimationFrame(this.frame);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let last = -Infinity;
    const step = (now) => {
      if (!this.player.playing) return;
      if (!calm || now - last > 250) this.stage.setPlayhead(this.player.heard(), true);
      last = now - last > 250 ? now : last;
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  // -- actions

  reset() {
    const { clip, ...preset } = this.model.get("_preset");
    this.change(preset);
    if (this.id && readFragment(location.hash)?.id === this.id)
      history.replaceState(null, "", location.pathname + location.search);
    this.stage.setShow(FACES[this.model.get("step")].show);
    this.stage.setSpan(0, Infinity);
  }

  async copyLink() {
    const { model } = this, preset = model.get("_preset");
    const values = Object.fromEntries(Object.keys(preset).map((name) => [name, model.get(name)]));
    history.replaceState(null, "", writeFragment(this.id, values, preset));
    const copying = navigator.clipboard?.writeText(location.href);
    const copied = await copying?.then(() => true, () => false);
    this.say("link", copied ? "The link is copied." : "The link is in the address bar.");
  }

  /** Take the settings of the address, if it names this figure; what it leaves out is preset. */
  restoreLink() {
    const link = readFragment(location.hash);
    if (!this.id || link?.id !== this.id) return;
    const values = { ...this.model.get("_preset") }, refused = [];
    for (const [name, text] of link.values) {
      const isClip = name === "clip" && this.model.get("clips").includes(text);
      const value = isClip ? text : parseSetting(name, text);
      if (value === undefined) refused.push(`${name} = ${text}`);
      else values[name] = value;
    }
    this.set(values);
    this.say("link", refused.length ? `Left out of the link: ${refused.join(", ")}.` : "");
  }

  download() {
    const url = URL.createObjectURL(wavFile(this.result));
    const name = this.stage.label.replace(/\.\w+$/, "");
    make("a", { href: url, download: `${name}-${this.model.get("step")}.wav` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  close() {
    Object.entries(this.listeners).forEach(([event, listener]) => this.model.off(event, listener));
    window.removeEventListener("hashchange", this.onHash);
    this.stage.resizer.disconnect();
    clearTimeout(this.rest);
    this.sources.recording?.stop();
    this.player.close();
    this.engine.close();
    this.root.remove();
  }
}

/** How much of the numbers of the wave is kept, in words for both much less and much more. */
function comparison(count, wave) {
  const ratio = count / wave;
  const percent = round(100 * ratio, ratio < 0.1 ? 1 : 0);
  return `${ratio < 1 ? `${percent} % of` : `${round(ratio, 1)} \u00d7`} the wave\u2019s`;
}

function measure(name, start) {
  performance.measure(`specdemo:${name}`, { start, end: performance.now() });
}

// ------------------------------------------------------------------------------------- Its hosts

/** A model without a kernel: values, listeners, and sounds by their addresses. */
class StaticModel {
  /** @param {(url: string) => Promise<Sound>} load */
  constructor(values, urls, load) {
    Object.assign(this, { values, urls, load, listeners: {} });
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes() {}

  on(event, listener) {
    (this.listeners[event] ??= []).push(listener);
  }

  off(event, listener) {
    this.listeners[event] = this.listeners[event].filter((other) => other !== listener);
  }

  tell(event, ...values) {
    (this.listeners[event] ?? []).forEach((listener) => listener(...values));
  }

  /** Answer the only message there is, the request of a sound, as Python does. */
  async send({ kind, clip }) {
    try {
      const { x, sr } = await this.load(this.urls[clip]);
      this.tell("msg:custom", { kind, clip, sr }, [new DataView(x.buffer)]);
    } catch (error) {
      this.tell("msg:custom", { kind, clip, error: error.message });
    }
  }
}

/** Put a live figure into the place of its HTML twin. */
export function mount(figure, dsp, load) {
  const preset = JSON.parse(figure.dataset.settings), urls = JSON.parse(figure.dataset.sounds);
  const values = { ...preset, clips: Object.keys(urls), caption: "", _dsp: dsp, _preset: preset };
  const place = make("div"), still = [...figure.querySelectorAll(":scope > :not(figcaption)")];
  still.forEach((element) => element.remove());
  figure.prepend(place);
  try {
    new View(new StaticModel(values, urls, load), place, figure.id);
  } catch (error) {
    place.replaceWith(...still);
    throw error;
  }
}

/** What anywidget calls: show a model in an element, and return how to take it away again. */
function render({ model, el }) {
  const view = new View(model, el);
  return () => view.close();
}

export default { render };
