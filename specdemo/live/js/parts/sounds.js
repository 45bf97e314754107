/** Sounds of the reader: files, the microphone, WAV files to keep. */

import { round } from "./text.js";

// The rate in Hz of the reader's sounds.
export const FILE_SR = 22050;
// The largest file that is taken in MB, and what is kept of it and of the microphone in s.
const FILE_MB = 25;
export const FILE_SECONDS = 60;
const RECORD_SECONDS = 10;

/**
 * The sound of a file: mono, at 22.05 kHz, at most a minute of it.
 * @param {Blob} file
 * @param {string} label
 * @returns {Promise<Sound & {note: string}>}
 * @throws {Error} whose message is a sentence for the reader
 */
export async function decodeFile(file, label) {
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
export function resample(x, sr, new_sr) {
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
export async function record(onSecond) {
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

export function peak(x) {
  let found = 0;
  for (let t = 0; t < x.length; t++) found = Math.max(found, Math.abs(x[t]));
  return found;
}

/** A 16-bit WAV file; a sound that is too loud for it is turned down. */
export function wavFile({ x, sr }) {
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
