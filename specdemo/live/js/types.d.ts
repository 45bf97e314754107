/** Types that modules share; `tsc` alone reads them. */

type Values = Float32Array | Float64Array;

/** Samples in [-1, 1] and their rate in Hz. */
interface Sound {
  x: Float32Array;
  sr: number;
  note?: string;
  peak?: number;
}

/** In s. */
interface Span {
  start: number;
  end: number;
}

/** The traits of the Python class, by their names, and what else the texts of the controls need. */
interface Settings {
  n_fft: number;
  hop_length: number;
  window: string;
  threshold_db: number;
  n_mels: number;
  fmin: number;
  fmax: number;
  mel_scale: string;
  shorten: number;
  n_mfcc: number;
  start: string;
  refine: string;
  n_iter: number;
  momentum: number;
  axis: string;
  colormap: string;
  range_db: number;
  sr: number;
  step: string;
}

/** A window by its name: periodic, or with "symmetric" behind it. */
type WindowName = string | string[];

/** The spectrum of one frame. */
interface Row {
  re: Float64Array;
  im: Float64Array;
}

interface Transform {
  re: Values;
  im: Values;
  n_frames: number;
  n_bins: number;
}

/** The time-frequency grid with the plan and the work space of its transforms. */
type Grid = ReturnType<typeof import("./dsp/stft.js").makeGrid>;
type Bank = ReturnType<typeof import("./dsp/mel.js").melBank>;

/** What was kept of a sound: rows of values over time, and what the way back aims at. */
interface Kept {
  rows: string;
  values: Values;
  n_rows: number;
  /** Amplitude of 0 dB. */
  ref: number;
  bank?: Bank;
  target: Values;
  /** Numbers that were kept. */
  count: number;
  frequencies: Float64Array;
}

/** The first step, and what of it other settings can use again. */
interface Analysis {
  grid: Grid;
  S: Values;
  ref: number;
  levels: Values;
}

/** The settings of the mathematics. */
type Steps = typeof import("./dsp/explore.js").DEFAULTS;

type Control = import("./parts/controls.js").Control;
type Picture = import("./parts/picture.js").Picture;

/** What anywidget hands over, or `StaticModel` in its place. */
interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: (...values: any[]) => void): void;
  off(event: string, listener: (...values: any[]) => void): void;
  send(content: { kind: string; clip: string }): void;
}

/** What the scripts of a page share. */
interface Page {
  sounds: Record<string, Sound | Promise<Sound>>;
  loading: Record<string, Promise<Sound>>;
  sound?: (name: string, sr: number, base64: string) => void;
  load?: (url: string) => Promise<Sound>;
  view?: Promise<typeof import("../figures/explorer/index.js")>;
  near?: IntersectionObserver;
  style?: HTMLStyleElement;
}

interface Window {
  specdemo: Page;
  sdEncoded: (base64: string) => void;
}

/** Filled in by `specdemo.live.twin`. */
declare const SOURCES: { view: string; dsp: string; css: string };
declare const HEAR: { worker: string; css: string };

// What an array is made anew by, in its own precision.
interface Float32Array<TArrayBuffer extends ArrayBufferLike> {
  constructor: { new (from: number | ArrayLike<number>): Float32Array<ArrayBuffer> };
}
interface Float64Array<TArrayBuffer extends ArrayBufferLike> {
  constructor: { new (from: number | ArrayLike<number>): Float64Array<ArrayBuffer> };
}

/** In a worker alone. */
declare var DedicatedWorkerGlobalScope: (new () => Window) | undefined;

/** Something that receives messages and answers them. */
interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close?(): void;
}
