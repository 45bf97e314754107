/** Types that modules share; `tsc` alone reads them. */

type Values = Float32Array | Float64Array;

/** Samples in [-1, 1] and their rate in Hz. */
interface Sound {
  x: Float32Array;
  sr: number;
  note?: string;
  peak?: number;
  /** What a figure brings beside its sound, as JSON. */
  model?: string;
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
type Bank = ReturnType<typeof import("./dsp/melbank.js").melBank>;

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

/** The values of a figure, by the names of their traits. */
type State = Record<string, number>;

/** How far each value has been. */
type Seen = Record<string, { low: number; high: number }>;

/** What a figure's drawing can be taken hold of by: a slider. */
interface Handle {
  name: string;
  label: string;
  /** The value that it sets, when that is not of its own name. */
  key?: string;
  min?: number;
  max?: number;
  step?: number;
  /** What PageUp and PageDown move by. */
  page?: number;
  /** The values that it can have, rising, where these are not steps from `min` to `max`. */
  stops?: number[];
  /** Whether it is an angle in degrees. */
  turns?: boolean;
  /** The axis along which its mark goes back when the value grows: the arrow keys point there. */
  reversed?: "x" | "y";
  /** Whether its value goes along with the sound, as `walked` says, until it is taken hold of. */
  walks?: boolean;
  /** Whether the figure begins to sound when it is taken hold of. */
  plays?: boolean;
  value?: (state: State, data: any) => number;
}

type Point = { x: number; y: number };
type Move = (to: Point, from: Point & { value: number }) => number;

/** Cells of a spectrogram, from the top row; bytes from 1 (softest) to 240, 0 where there is none. */
interface Raster {
  columns: number;
  rows: number;
  bytes: Uint8Array;
  /** The red, green and blue of every byte, where these are no levels. */
  colours?: number[][];
  key: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A state of a figure as it is seen; places are in the units of the width that was asked for. */
interface Drawing {
  height: number;
  /** SVG. */
  marks: string;
  /** The state in a sentence. */
  says: string;
  raster?: Raster;
  grips: Record<string, Point & { text: string; move: Move }>;
  /**
   * Ground that can be pressed: the handle of its name comes there, or those that it is `of`. Ground that `brings`
   * some handles moves each in its own way; that which `drags` them does so as far as the pointer goes.
   */
  surfaces?: Record<string, { x: number; y: number; width: number; height: number;
    of?: string[]; brings?: Record<string, Move>; drags?: Record<string, Move> }>;
  numbers: { name: string; label: string; text: string }[];
}

/** A tone, or a sound to be repeated; `key` says whether it is another one. */
type Heard = { key: string; hertz?: number; sound?: Sound };

/** A kind of figure: a file in `figures/`. All its functions are pure, but for what `data` keeps. */
interface FigureKind {
  name: string;
  title: string;
  /** The words of the button that lets it be heard. */
  hear?: string;
  prepare(sound: Sound, values: State): any;
  start(data: any): State;
  handles(data: any): Handle[];
  /** `passed`: seconds for which it has sounded, if it does. */
  draw(state: State, data: any, width: number, seen: Seen, passed?: number): Drawing;
  changed?(state: State, key: string, value: number, data: any): State;
  heard?(state: State, data: any): Heard;
  /** The state `passed` seconds after the sound has begun. */
  walked?(state: State, data: any, passed: number): State;
  /** Whether it is drawn anew all the while that it sounds. */
  hasHead?: boolean;
  action?: { label: string; apply(state: State, data: any): State };
}

/** What the scripts of figures share on a page. */
interface Figures {
  kinds: Record<string, ($shared: unknown) => Record<string, FigureKind>>;
  near?: IntersectionObserver;
  start?: () => void;
}

/** The modules that `specdemo.live.join.library` shares. */
declare const $shared: unknown;

interface Window {
  specdemo: Page;
  sdFigures: Figures;
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
