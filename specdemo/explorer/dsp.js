/**
 * The mathematics of the Explorer: the Python package once more, for a browser.
 *
 * A plain ES module that imports nothing and runs in a worker, on a page and in Node. Without the
 * word `export` at the start of lines it is a classic script: a page that was opened from a disk
 * gets no other worker from a blob.
 *
 * Names and methods are those of `specdemo`, to which tests hold every function; reasons and papers
 * are told there. Spectrograms are flat arrays, a frame a row: `S[m * n_bins + k]`. What comes out
 * has the precision of what goes in; between the two all is double. Inputs are never changed.
 *
 * @typedef {Float32Array|Float64Array} Values
 * @typedef {{re: Float64Array, im: Float64Array}} Row the spectrum of one frame
 * @typedef {{re: Values, im: Values, n_frames: number, n_bins: number}} Transform
 * @typedef {ReturnType<typeof makeGrid>} Grid
 * @typedef {ReturnType<typeof melBank>} Bank
 */

const TWO_PI = 2 * Math.PI;

// The smallest number that has all its digits.
const SMALLEST = 2 ** -1022;

// ---------------------------------------------------------------- The discrete Fourier transform

/**
 * A plan to transform `n` complex values: write them to `z`, real and imaginary parts in turn, call
 * `transform`, and read `z`, which may be another array than before.
 * @param {number} n
 */
export function makeFft(n) {
  return (n & (n - 1)) === 0 ? stockham(n) : bluestein(n);
}

/** `exp(-2 pi i k / n)` for k from 0 to n - 1. */
function circle(n) {
  return Float64Array.from({ length: 2 * n }, (_, i) => {
    const angle = TWO_PI * (i >> 1) / n;
    return i % 2 ? -Math.sin(angle) : Math.cos(angle);
  });
}

/** Stockham's transform of a power of two: it sorts by itself, from one array to another. */
function stockham(n) {
  const w = circle(n), plan = { z: new Float64Array(2 * n), transform };
  let spare = new Float64Array(2 * n);

  function transform() {
    for (let stride = 2; stride < 2 * n; stride *= stride < n ? 4 : 2) {
      const pass = stride < n ? passOf4 : passOf2;
      pass(plan.z, spare, w, stride);
      [plan.z, spare] = [spare, plan.z];
    }
  }
  return plan;
}

/** The last pass, when the factors of 4 leave a 2. */
function passOf2(x, y) {
  const half = x.length >> 1;
  for (let a = 0, b = half; a < half; a++, b++) {
    y[a] = x[a] + x[b];
    y[b] = x[a] - x[b];
  }
}

function passOf4(x, y, w, stride) {
  const quarter = x.length >> 2;
  for (let first = 0; first < quarter; first += stride) {
    const w1r = w[first], w1i = w[first + 1];
    const w2r = w[2 * first], w2i = w[2 * first + 1];
    const w3r = w[3 * first], w3i = w[3 * first + 1];
    for (let a = first, to = 4 * first; a < first + stride; a += 2, to += 2) {
      const b = a + quarter, c = b + quarter, d = c + quarter;
      const ar = x[a], ai = x[a + 1], br = x[b], bi = x[b + 1];
      const cr = x[c], ci = x[c + 1], dr = x[d], di = x[d + 1];
      const evenR = ar + cr, evenI = ai + ci, riseR = ar - cr, riseI = ai - ci;
      const oddR = br + dr, oddI = bi + di, sideR = br - dr, sideI = bi - di;
      const r1 = riseR + sideI, i1 = riseI - sideR;
      const r2 = evenR - oddR, i2 = evenI - oddI;
      const r3 = riseR - sideI, i3 = riseI + sideR;
      const to1 = to + stride, to2 = to1 + stride, to3 = to2 + stride;
      y[to] = evenR + oddR;
      y[to + 1] = evenI + oddI;
      y[to1] = w1r * r1 - w1i * i1;
      y[to1 + 1] = w1r * i1 + w1i * r1;
      y[to2] = w2r * r2 - w2i * i2;
      y[to2 + 1] = w2r * i2 + w2i * r2;
      y[to3] = w3r * r3 - w3i * i3;
      y[to3 + 1] = w3r * i3 + w3i * r3;
    }
  }
}

/** Bluestein's transform of any size: a convolution with a chirp, by powers of two. */
function bluestein(n) {
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1)), inner = makeFft(size), turn = circle(2 * n);
  // Step k turns the chirp by k * k half steps of the transform; after 2 n of these it is back.
  const chirp = turn.slice(0, 2 * n).map((_, i) => turn[2 * ((i >> 1) ** 2 % (2 * n)) + i % 2]);
  for (let k = 0; k < n; k++) {
    for (const i of [2 * k, 2 * ((size - k) % size)]) {
      inner.z[i] = chirp[2 * k];
      inner.z[i + 1] = -chirp[2 * k + 1];
    }
  }
  inner.transform();
  const filter = inner.z.map((v) => v / size);
  const plan = { z: new Float64Array(2 * n), transform };

  function transform() {
    inner.z.fill(0);
    multiplyComplex(plan.z, chirp, inner.z);
    inner.transform();
    multiplyComplex(inner.z, filter, inner.z);
    exchange(inner.z);
    inner.transform();
    exchange(inner.z);
    multiplyComplex(inner.z, chirp, plan.z);
  }
  return plan;
}

/** The products of complex numbers, as many as `b` has. */
function multiplyComplex(a, b, y) {
  for (let i = 0; i < b.length; i += 2) {
    const re = a[i] * b[i] - a[i + 1] * b[i + 1];
    y[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
    y[i] = re;
  }
}

/** Exchange real and imaginary parts: before and after a transform, that makes it the inverse. */
function exchange(z) {
  for (let i = 0; i < z.length; i += 2) {
    const re = z[i];
    z[i] = z[i + 1];
    z[i + 1] = re;
  }
}

// -------------------------------------------------------------- The short-time Fourier transform

// The least sum of squared windows, relative to the largest, that can be divided by.
const NOLA_TOLERANCE = 1e-10;

// The least sum of squared windows, relative to the largest, that an estimate is divided by.
const ESTIMATE_FLOOR = 0.01;

/** Sums of cosines: the mean, and what the first and the second harmonic take away and add. */
const WINDOWS = {
  hann: [0.5, 0.5, 0],
  hamming: [0.54, 0.46, 0],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1, 0, 0],
};

/**
 * The time-frequency grid, its frames centred, with the plan and the work space of its transforms.
 * @param {{sr: number, n_fft: number, hop_length: number, window?: string}} settings
 */
export function makeGrid({ sr, n_fft, hop_length, window = "hann" }) {
  const n_bins = Math.floor(n_fft / 2) + 1;
  const row = () => ({ re: new Float64Array(n_bins), im: new Float64Array(n_bins) });
  return {
    sr, n_fft, hop_length, n_bins,
    window: makeWindow(window, n_fft),
    padding: Math.floor(n_fft / 2),
    fft: makeFft(n_fft),
    rows: [row(), row()],
  };
}

function makeWindow(name, n_fft) {
  const [mean, first, second] = WINDOWS[name];
  return Float64Array.from({ length: n_fft }, (_, t) => {
    const angle = TWO_PI * t / n_fft;
    return mean - first * Math.cos(angle) + second * Math.cos(2 * angle);
  });
}

/** Whether every sample is seen by a window that is not zero there. @param {Grid} grid */
export function isInvertible({ window, n_fft, hop_length }) {
  if (hop_length > n_fft) return false;
  const total = new Float64Array(hop_length);
  for (let t = 0; t < n_fft; t++) total[t % hop_length] += window[t] ** 2;
  return least(total) > NOLA_TOLERANCE * largest(total);
}

/** Number of frames of a signal of `n_samples`. */
export function nFrames(n_samples, { n_fft, hop_length, padding }) {
  return 1 + Math.floor((n_samples + 2 * padding - n_fft) / hop_length);
}

/** Samples under all frames, padding included. */
function span(n_frames, { n_fft, hop_length }) {
  return (n_frames - 1) * hop_length + n_fft;
}

/** Samples of the signal up to the end of the last frame. */
function reach(n_frames, grid) {
  return span(n_frames, grid) - grid.padding;
}

/** Samples of the shortest signal that has so many frames. */
function shortest(n_frames, grid) {
  return Math.max(1, reach(n_frames, grid) - grid.padding);
}

/** Samples of the longest signal that has so many frames and lies in their reach. */
function longest(n_frames, grid) {
  const end = reach(n_frames, grid);
  return Math.max(1, Math.min(end, end - grid.padding + grid.hop_length - 1));
}

/**
 * The spectra of the frames of a signal.
 * @param {Values} x @param {Grid} grid @returns {Transform}
 */
export function forward(x, grid) {
  const n_frames = nFrames(x.length, grid), { n_bins } = grid;
  const re = new x.constructor(n_frames * n_bins), im = new x.constructor(n_frames * n_bins);
  analyse(pad(x, n_frames, grid), n_frames, grid, (row, m) => {
    re.set(row.re, m * n_bins);
    im.set(row.im, m * n_bins);
  });
  return { re, im, n_frames, n_bins };
}

/** The magnitudes of a transform. @param {Transform} X @returns {Values} */
export function magnitude({ re, im }) {
  return re.map((r, i) => Math.sqrt(r * r + im[i] * im[i]));
}

/** `magnitude(forward(x, grid))` without the memory for the transform. */
export function magnitudes(x, grid) {
  const n_frames = nFrames(x.length, grid), { n_bins } = grid;
  const S = new x.constructor(n_frames * n_bins), size = new Float64Array(n_bins);
  analyse(pad(x, n_frames, grid), n_frames, grid, (row, m) => {
    measure(row, size);
    S.set(size, m * n_bins);
  });
  return S;
}

/**
 * The signal whose transform is nearest to `X` in the least-squares sense.
 * @param {Transform} X @param {Grid} grid @param {number} [length] samples; default: the shortest
 */
export function inverse({ re, im, n_frames, n_bins }, grid, length = shortest(n_frames, grid)) {
  const y = new Float64Array(span(n_frames, grid));
  synthesise(y, n_frames, grid, (row, m) => {
    row.re.set(re.subarray(m * n_bins, (m + 1) * n_bins));
    row.im.set(im.subarray(m * n_bins, (m + 1) * n_bins));
  });
  multiply(y, oneOver(windowSum(n_frames, grid), grid));
  return new re.constructor(y.subarray(grid.padding, grid.padding + length));
}

/** The signal with zeros before and behind it, as long as the frames need. */
function pad(x, n_frames, grid) {
  const y = new Float64Array(Math.max(span(n_frames, grid), grid.padding + x.length));
  y.set(x, grid.padding);
  return y;
}

/** The sum of squared windows, padding included. */
function windowSum(n_frames, grid) {
  const { window, n_fft, hop_length } = grid;
  const total = new Float64Array(span(n_frames, grid));
  for (let m = 0; m < n_frames; m++)
    for (let t = 0; t < n_fft; t++) total[m * hop_length + t] += window[t] * window[t];
  return total;
}

/** One over a sum of squared windows; zero where that is a rounding error. */
function oneOver(total, { window }) {
  const nothing = (2 ** -52 * largest(window)) ** 2;
  return total.map((sum) => (sum > nothing ? 1 / sum : 0));
}

/** One over a sum of squared windows, for estimates: none is divided by next to nothing. */
function oneOverEnough(total) {
  const floor = ESTIMATE_FLOOR * largest(total);
  return total.map((sum) => 1 / Math.max(sum, floor));
}

/**
 * Transform the frames of a padded signal and show each to `visit`. With `sum`, transform the row
 * that `visit` leaves back and overlap-add it there.
 * @param {Float64Array} y @param {number} n_frames @param {Grid} grid
 * @param {(row: Row, m: number) => void} visit @param {Float64Array} [sum]
 */
function analyse(y, n_frames, grid, visit, sum) {
  for (let m = 0; m < n_frames; m += 2) {
    const isPair = m + 1 < n_frames;
    cutPair(y, m, isPair, grid);
    grid.fft.transform();
    separate(grid);
    visit(grid.rows[0], m);
    if (isPair) visit(grid.rows[1], m + 1);
    if (sum) addPair(sum, m, isPair, grid);
  }
}

/** Overlap-add the frames whose spectra `fill(row, m)` writes. */
function synthesise(sum, n_frames, grid, fill) {
  for (let m = 0; m < n_frames; m += 2) {
    const isPair = m + 1 < n_frames;
    fill(grid.rows[0], m);
    if (isPair) fill(grid.rows[1], m + 1);
    addPair(sum, m, isPair, grid);
  }
}

/** Two windowed frames as real and imaginary parts of one: half the work, whatever the size. */
function cutPair(y, m, isPair, { fft: { z }, window, n_fft, hop_length }) {
  const first = m * hop_length, second = first + hop_length;
  for (let t = 0; t < n_fft; t++) {
    z[2 * t] = y[first + t] * window[t];
    z[2 * t + 1] = isPair ? y[second + t] * window[t] : 0;
  }
}

/** Tell the spectra of two real frames apart: one is Hermitian, and i times the other is not. */
function separate({ fft: { z }, rows: [a, b], n_fft, n_bins }) {
  const ar = a.re, ai = a.im, br = b.re, bi = b.im;
  ar[0] = z[0];
  br[0] = z[1];
  ai[0] = bi[0] = 0;
  for (let k = 1, i = 2, j = 2 * n_fft - 2; k < n_bins; k++, i += 2, j -= 2) {
    const re = z[i], im = z[i + 1], mirrorR = z[j], mirrorI = z[j + 1];
    ar[k] = 0.5 * (re + mirrorR);
    ai[k] = 0.5 * (im - mirrorI);
    br[k] = 0.5 * (im + mirrorI);
    bi[k] = 0.5 * (mirrorR - re);
  }
}

/** The way back from `separate`, with real and imaginary parts exchanged: see `exchange`. */
function combine({ fft: { z }, rows: [a, b], n_fft, n_bins }) {
  const ar = a.re, ai = a.im, br = b.re, bi = b.im;
  z[1] = ar[0];
  z[0] = br[0];
  for (let k = 1, i = 2, j = 2 * n_fft - 2; i < j; k++, i += 2, j -= 2) {
    const re = ar[k], im = ai[k], nextR = br[k], nextI = bi[k];
    z[i + 1] = re - nextI;
    z[i] = im + nextR;
    z[j + 1] = re + nextI;
    z[j] = nextR - im;
  }
  // At the Nyquist frequency the spectrum of a real frame is real.
  if (n_fft % 2 === 0) {
    z[n_fft + 1] = ar[n_bins - 1];
    z[n_fft] = br[n_bins - 1];
  }
}

/** Transform the rows of two frames back and overlap-add them. */
function addPair(sum, m, isPair, grid) {
  combine(grid);
  grid.fft.transform();
  const { fft: { z }, window, n_fft, hop_length } = grid, scale = 1 / n_fft;
  const first = m * hop_length, second = first + hop_length;
  for (let t = 0; t < n_fft; t++) sum[first + t] += scale * z[2 * t + 1] * window[t];
  if (isPair) for (let t = 0; t < n_fft; t++) sum[second + t] += scale * z[2 * t] * window[t];
}

/** The magnitudes of a row. */
function measure({ re, im }, size) {
  for (let k = 0; k < size.length; k++) {
    const a = re[k], b = im[k];
    size[k] = Math.sqrt(a * a + b * b);
  }
}

function multiply(values, factors) {
  for (let i = 0; i < values.length; i++) values[i] *= factors[i];
}

function largest(values) {
  let found = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > found) found = values[i];
  return found;
}

function least(values) {
  let found = Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] < found) found = values[i];
  return found;
}

function sumOfSquares(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

// ---------------------------------------------------------------------------------------- Levels

// Levels to look at end here, below the loudest cell; so low a threshold keeps all cells.
const LOWEST_DB = -120;

/** Amplitude in dB; `top_db: null` sets no threshold. @param {Values} S @returns {Values} */
export function amplitudeToDb(S, { ref = 1, amin = 1e-5, top_db = 80 } = {}) {
  const offset = 20 * Math.log10(Math.max(amin, ref));
  const D = S.map((s) => 20 * Math.log10(Math.max(s, amin)) - offset);
  if (top_db === null) return D;
  const lowest = largest(D) - top_db;
  return D.map((d) => Math.max(d, lowest));
}

/** The inverse of `amplitudeToDb` above its threshold. @param {Values} D @returns {Values} */
export function dbToAmplitude(D, ref = 1) {
  return D.map((d) => ref * 10 ** (d / 20));
}

/** The spectrogram with zeros for cells so many dB below the loudest: -120 and less keep all. */
export function applyThreshold(S, threshold_db) {
  if (threshold_db <= LOWEST_DB) return S.slice();
  const lowest = largest(S) * 10 ** (threshold_db / 20);
  return S.map((s) => (s < lowest ? 0 : s));
}

/** Levels in dB relative to `ref`, down to `LOWEST_DB`. @returns {Float32Array} */
function levelsOf(S, ref) {
  const D = new Float32Array(S.length);
  const scale = ref > 0 ? 1 / ref : 0, lowest = 10 ** (LOWEST_DB / 20), dB = 20 / Math.LN10;
  for (let i = 0; i < D.length; i++) D[i] = dB * Math.log(Math.max(S[i] * scale, lowest));
  return D;
}

// -------------------------------------------------------------------------- Phase: where to start

/** Every phase zero. @param {Values} S @returns {Values} */
export function zeroPhase(S) {
  return new S.constructor(S.length);
}

/** Phases drawn from the whole circle; zero at 0 Hz, where a real signal has no other. */
export function randomPhase(S, { n_bins }, seed = 0) {
  const phase = new S.constructor(S.length), uniform = makeUniform(seed);
  for (let i = 0; i < phase.length; i++) {
    phase[i] = i % n_bins === 0 ? 0 : Math.PI * (2 * uniform() - 1);
  }
  return phase;
}

/** Random numbers from 0 to 1: xorshift128 (Marsaglia 2003). */
function makeUniform(seed) {
  let x = 123456789, y = 362436069, z = 521288629, w = 88675123 ^ Math.imul(seed, 69069);
  const next = () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 20; i++) next();
  return next;
}

// PGHI: frames that are integrated at a time, and what the louder of two neighbours counts.
const SEGMENT = 1024, TIE_BREAK = 1e-3;

/**
 * Phase gradient heap integration (Prusa et al. 2017) along a maximum spanning forest: loud
 * neighbours are joined first, and nothing is joined twice.
 * @param {Values} S @param {Grid} grid
 * @param {{tolerance?: number, seed?: number}} [options] bins below `tolerance` times the largest
 *   magnitude get a random phase
 * @returns {Values}
 */
export function pghi(S, grid, { tolerance = 3e-3, seed = 0 } = {}) {
  const { n_bins } = grid, n_frames = S.length / n_bins;
  const phase = randomPhase(S, grid, seed), threshold = tolerance * largest(S);
  for (let begin = 0; begin < n_frames; begin += SEGMENT) {
    // One frame earlier than new, so that trees can go on from the segment before.
    const first = Math.max(begin - 1, 0) * n_bins, last = (begin + SEGMENT) * n_bins;
    const part = { S: S.subarray(first, last), phase: phase.subarray(first, last) };
    if (largest(part.S) > threshold) integrate(part, threshold, tolerance, grid, begin > 0);
  }
  return phase;
}

/** Write the phases of the audible bins of a segment, whose first frame is known if it `goesOn`. */
function integrate({ S, phase }, threshold, tolerance, grid, goesOn) {
  const { n_bins } = grid, isAudible = (i) => S[i] > threshold;
  const log_S = logsToIntegrate(S, 1e-3 * tolerance);
  const { alongTime, alongFrequency } = phaseGradient(log_S, grid);
  const forest = makeForest(log_S);
  for (const pair of loudestPairs(log_S, n_bins, isAudible)) {
    const a = pair >> 1, inTime = pair & 1, slope = inTime ? alongTime : alongFrequency;
    const b = inTime ? a + n_bins : a + 1;
    forest.join(a, b, 0.5 * (slope(a) + slope(b)));
  }
  const known = goesOn ? n_bins : 0;
  forest.pin(every(n_bins, S.length).filter(isAudible), () => 0);
  forest.pin(every(1, known).filter(isAudible), (i) => phase[i]);
  for (let i = known; i < S.length; i++) if (isAudible(i)) phase[i] = wrap(forest.phase(i));
  // At 0 Hz the transform of a real signal is real.
  for (let i = 0; i < S.length; i += n_bins) phase[i] = Math.cos(phase[i]) < 0 ? Math.PI : 0;
}

/** From 0 to 2 pi: float32 keeps too few digits of the hundreds of circles in a second. */
function wrap(angle) {
  return angle - TWO_PI * Math.floor(angle / TWO_PI);
}

/** The numbers 0, step, 2 step ... below `end`. */
function every(step, end) {
  return Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step);
}

function logsToIntegrate(S, floor) {
  const scale = 1 / largest(S), log_S = new Float64Array(S.length);
  for (let i = 0; i < S.length; i++) log_S[i] = Math.log(Math.max(S[i] * scale, floor));
  return log_S;
}

/** Slopes of the phase at cell i, in radians per frame and per bin. */
function phaseGradient(log_S, grid) {
  const { n_fft, hop_length, n_bins } = grid, n_frames = log_S.length / n_bins;
  const { center, gamma } = windowShape(grid);
  const advance = TWO_PI * hop_length / n_fft, delay = TWO_PI * center / n_fft;
  const perBin = hop_length * n_fft / gamma;
  // The magnitude is symmetric about 0 Hz, and about the Nyquist frequency where it has a bin.
  const mirror = n_fft % 2 === 0 ? n_bins - 1 : n_bins;
  const alongTime = (i) => {
    const k = i % n_bins;
    if (k === 0 || k === mirror) return advance * k;
    const up = k < n_bins - 1 ? 1 : 0;
    return perBin * (log_S[i + up] - log_S[i - 1]) / (up + 1) + advance * k;
  };
  const alongFrequency = (i) => {
    if (n_frames === 1) return -delay;
    const before = i < n_bins ? 0 : 1, after = i + n_bins < log_S.length ? 1 : 0;
    const change = log_S[i + after * n_bins] - log_S[i - before * n_bins];
    return -change / (before + after) / perBin - delay;
  };
  return { alongTime, alongFrequency };
}

/** The Gaussian `exp(-pi (t - center)^2 / gamma)` that the window resembles. */
function windowShape({ window }) {
  let sum = 0, first = 0, second = 0;
  window.forEach((w, t) => {
    sum += w * w;
    first += w * w * t;
  });
  const center = first / sum;
  window.forEach((w, t) => { second += w * w * (t - center) ** 2; });
  return { center, gamma: 4 * Math.PI * second / sum };
}

/**
 * Pairs of audible neighbours, the loudest first; the softer of the two decides. A pair is twice
 * the number of its first cell, and one more if the other lies in the next frame.
 */
function loudestPairs(log_S, n_bins, isAudible) {
  const size = 2 ** Math.ceil(Math.log2(2 * log_S.length));
  const finest = Math.floor(2 ** 53 / size) / (1 - 2 * least(log_S));
  // The weight stands before the pair, so that they can be sorted as plain numbers.
  const keys = new Float64Array(2 * log_S.length);
  let count = 0;
  const add = (a, b, pair) => {
    const softer = Math.min(log_S[a], log_S[b]), louder = Math.max(log_S[a], log_S[b]);
    keys[count++] = Math.floor(-finest * (softer + TIE_BREAK * louder)) * size + pair;
  };
  for (let a = 0; a < log_S.length; a++) {
    if (!isAudible(a)) continue;
    const b = a + n_bins;
    if ((a + 1) % n_bins && isAudible(a + 1)) add(a, a + 1, 2 * a);
    if (b < log_S.length && isAudible(b)) add(a, b, 2 * a + 1);
  }
  return keys.subarray(0, count).sort().map((key) => key - Math.floor(key / size) * size);
}

/**
 * Trees that grow together. A cell knows the angle from its parent to itself; the root of a tree
 * is its loudest cell, whose phase is 0 until it is pinned otherwise.
 */
function makeForest(loudness) {
  const parent = Int32Array.from(loudness.keys()), turn = new Float64Array(parent.length);
  const shift = new Map();
  let angle = 0;

  /** The root of cell i; `angle` becomes that from the root to i. */
  function find(i) {
    angle = 0;
    while (parent[i] !== i) {
      const above = parent[i];
      // Every step halves the path for those that come later.
      if (parent[above] !== above) {
        turn[i] += turn[above];
        parent[i] = parent[above];
      }
      angle += turn[i];
      i = parent[i];
    }
    return i;
  }

  return {
    /** Join the trees of a and b, unless they are one; b's phase is that of a and `step`. */
    join(a, b, step) {
      const rootA = find(a), angleA = angle, rootB = find(b), turnB = angleA + step - angle;
      if (rootA === rootB) return;
      const isBLouder = loudness[rootA] < loudness[rootB];
      const [lower, upper] = isBLouder ? [rootA, rootB] : [rootB, rootA];
      parent[lower] = upper;
      turn[lower] = isBLouder ? -turnB : turnB;
    },
    /** Turn every tree so that its loudest cell of these gets the phase that is wanted. */
    pin(cells, wanted) {
      const loudest = new Map();
      for (const i of cells) {
        const root = find(i), other = loudest.get(root);
        if (other === undefined || loudness[i] >= loudness[other]) loudest.set(root, i);
      }
      for (const [root, i] of loudest) {
        find(i);
        shift.set(root, wanted(i) - angle);
      }
    },
    phase(i) {
      const root = find(i);
      return angle + (shift.get(root) ?? 0);
    },
  };
}

// ----------------------------------------------------------------------- Phase: how to improve it

/**
 * Griffin-Lim, with momentum the fast one (Perraudin et al. 2013): improves a start and returns
 * the signal, after it has yielded `{i, convergence_db}` for every iteration.
 * @param {Values} S wanted magnitudes @param {Values} phase @param {Grid} grid
 * @param {{n_iter?: number, momentum?: number, length?: number, measure_every?: number}} [options]
 *   the convergence is measured in the first, in every so many and in the last iteration, and
 *   repeated between
 */
export function* griffinLim(S, phase, grid, options = {}) {
  const size = new Float64Array(grid.n_bins);
  const step = (row, m) => impose(row, S, m * size.length);
  const error = (row, m) => {
    measure(row, size);
    return squaredDistance(size, S, m * size.length);
  };
  return yield* refine({ S, phase, grid, step, error, energy: sumOfSquares(S) }, options);
}

/**
 * The loop of all refinements, from the waveform of `S` and `phase`. In every iteration
 * `step(row, m)` turns a frame of the coefficients of the waveform into a better guess, and the
 * guesses are the next waveform. It is held at zero outside of `length`. `error(row, m)` is what a
 * frame adds to the convergence.
 */
function* refine({ S, phase, grid, step, error, energy }, options) {
  const { n_iter = 32, momentum = 0.99, measure_every = 1, length } = options;
  const n_frames = S.length / grid.n_bins;
  const support = makeSupport(n_frames, grid, length ?? longest(n_frames, grid));
  let x = new Float64Array(support.length), next = x.slice(), previous = x.slice();
  let convergence_db = NaN;
  synthesise(x, n_frames, grid, (row, m) => setPolar(row, S, phase, m * grid.n_bins));
  multiply(x, support);
  for (let i = 1; i <= n_iter; i++) {
    // Analysis is linear: the coefficients overshoot their last change when the waveform does.
    if (i > 1) overshoot(previous, x, momentum);
    next.fill(0);
    analyse(i > 1 ? previous : x, n_frames, grid, step, next);
    multiply(next, support);
    [previous, x, next] = [x, next, previous];
    if (i === 1 || i % measure_every === 0 || i === n_iter) {
      convergence_db = convergenceOf(x, n_frames, grid, error, energy);
    }
    yield { i, convergence_db };
  }
  const inside = x.subarray(grid.padding);
  return new S.constructor(inside.subarray(0, length ?? shortest(n_frames, grid)));
}

/** One over the window sum, or its floor, inside the signal, and zero outside it. */
function makeSupport(n_frames, grid, length) {
  const support = oneOverEnough(windowSum(n_frames, grid));
  return support.fill(0, 0, grid.padding).fill(0, grid.padding + length);
}

function setPolar({ re, im }, S, phase, from) {
  for (let k = 0, i = from; k < re.length; k++, i++) {
    re[k] = S[i] * Math.cos(phase[i]);
    im[k] = S[i] * Math.sin(phase[i]);
  }
}

/** Give a row the magnitudes that stand at `from`; zeros stay zero. */
function impose({ re, im }, size, from = 0) {
  for (let k = 0, i = from; k < re.length; k++, i++) {
    const a = re[k], b = im[k], power = a * a + b * b;
    const factor = power > 0 ? size[i] / Math.sqrt(power) : 0;
    re[k] = a * factor;
    im[k] = b * factor;
  }
}

/** `previous` becomes `x` and so many times its last change. */
function overshoot(previous, x, momentum) {
  for (let t = 0; t < x.length; t++) previous[t] = x[t] + momentum * (x[t] - previous[t]);
}

/** The sum of squared differences of a row from the values that stand at `from`. */
function squaredDistance(row, values, from) {
  let sum = 0;
  for (let k = 0, i = from; k < row.length; k++, i++) sum += (row[k] - values[i]) ** 2;
  return sum;
}

function convergenceOf(x, n_frames, grid, error, energy) {
  let sum = 0;
  analyse(x, n_frames, grid, (row, m) => { sum += error(row, m); });
  return Math.max(BEST_DB, 10 * Math.log10(Math.max(sum, SMALLEST) / Math.max(energy, SMALLEST)));
}

// ------------------------------------------------------------------------------------ Mel bands

// Slaney's scale: linear below 1 kHz, 15 mel; above it 27 mel for every factor of 6.4.
const BREAK_HZ = 1000, BREAK_MEL = 15, LOG_STEP = Math.log(6.4) / 27;

// The least level that is divided by: of the inverse, and of the joint inversion, whose iterations
// correct the magnitudes so many times.
const EM_FLOOR = 1e-10, CORRECTION_FLOOR = 1e-7, CORRECTIONS = 2;

/** Frequency in Hz to mel. @param {number} f @param {"slaney"|"htk"} scale */
export function hzToMel(f, scale = "slaney") {
  if (scale === "htk") return 2595 * Math.log10(1 + f / 700);
  return f < BREAK_HZ ? f * BREAK_MEL / BREAK_HZ : BREAK_MEL + Math.log(f / BREAK_HZ) / LOG_STEP;
}

/** Mel to frequency in Hz. @param {number} m @param {"slaney"|"htk"} scale */
export function melToHz(m, scale = "slaney") {
  if (scale === "htk") return 700 * (10 ** (m / 2595) - 1);
  return m < BREAK_MEL ? m * BREAK_HZ / BREAK_MEL : BREAK_HZ * Math.exp(LOG_STEP * (m - BREAK_MEL));
}

/**
 * Triangular filters, evenly spaced in mel. A bin between two neighbouring edges lies on the
 * rising side of one band and on the falling side of the band before: `rising` and `falling` are
 * its weights, `backRising` and `backFalling` those of the back-projection, which add up to 1. Its
 * `band`, the one before, counts from 1: rows of bands have one more at either end. No band sees
 * the bins at 0 Hz and at the Nyquist frequency; corrections take those `unseen` along with the
 * bins beside them.
 * @param {Grid} grid
 * @param {{n_mels?: number, fmin?: number, fmax?: number, mel_scale?: string, norm?: string|null}}
 *   [settings] frequencies in Hz; `fmax` 0 is the Nyquist frequency
 */
export function melBank(grid, settings = {}) {
  const { n_mels = 80, fmin = 0, fmax = 0, mel_scale = "slaney", norm = "slaney" } = settings;
  const { n_bins, sr, n_fft } = grid;
  const edges = melEdges(n_mels, fmin, fmax || sr / 2, mel_scale);
  const band = new Int32Array(n_bins), sums = new Float64Array(n_mels + 2);
  const sides = [0, 0, 0, 0].map(() => new Float64Array(n_bins));
  const [rising, falling, backRising, backFalling] = sides;
  const height = (b) => (norm === "slaney" ? 2 / (edges[b + 1] - edges[b - 1]) : 1);
  for (let k = 0, b = 0; k < n_bins; k++) {
    const f = k * (sr / n_fft);
    if (f <= fmin || f >= edges[n_mels + 1]) continue;
    while (f >= edges[b + 1]) b++;
    const part = (f - edges[b]) / (edges[b + 1] - edges[b]);
    band[k] = b;
    if (b < n_mels) rising[k] = height(b + 1) * part;
    if (b > 0) falling[k] = height(b) * (1 - part);
    backRising[k] = rising[k] / (rising[k] + falling[k]);
    backFalling[k] = 1 - backRising[k];
    sums[b] += falling[k];
    sums[b + 1] += rising[k];
  }
  const isSeen = (k) => rising[k] + falling[k] > 0;
  const unseen = [[0, 1], [n_bins - 1, n_bins - 2]].filter(([k, by]) => !isSeen(k) && isSeen(by));
  for (const values of [band, backRising, backFalling]) {
    for (const [k, beside] of unseen) values[k] = values[beside];
  }
  return {
    grid, n_mels, unseen, band, rising, falling, backRising, backFalling, sums: sums.slice(1, -1),
    center_frequencies: edges.slice(1, -1), bands: new Float64Array(n_mels + 2),
  };
}

/** Corners of the triangles in Hz: band b spans edges b to b + 2. */
function melEdges(n_mels, fmin, fmax, scale) {
  const low = hzToMel(fmin, scale), step = (hzToMel(fmax, scale) - low) / (n_mels + 1);
  const edges = Float64Array.from({ length: n_mels + 2 }, (_, b) => melToHz(low + b * step, scale));
  edges[0] = fmin;
  edges[n_mels + 1] = fmax;
  return edges;
}

/** Bands without a bin, which are zero for every sound. @param {Bank} bank */
export function emptyBands({ sums }) {
  return Array.from(sums.keys()).filter((b) => sums[b] === 0);
}

/** Sum a row of magnitudes into `bank.bands`. */
function sumBands(S, { band, rising, falling, bands }) {
  bands.fill(0);
  for (let k = 0; k < band.length; k++) {
    const b = band[k];
    bands[b] += falling[k] * S[k];
    bands[b + 1] += rising[k] * S[k];
  }
}

/** Multiply a row of magnitudes by how much its bands fall short of those that are wanted. */
function correct(S, wanted, floor, bank) {
  const { band, backRising, backFalling, bands } = bank;
  sumBands(S, bank);
  for (let b = 0; b < bands.length; b++) bands[b] = wanted[b] / Math.max(bands[b], floor);
  for (let k = 0; k < band.length; k++) {
    S[k] *= backFalling[k] * bands[band[k]] + backRising[k] * bands[band[k] + 1];
  }
}

/**
 * Sum the bins of a spectrogram into bands.
 * @param {Values} S @param {Bank} bank @returns {Values}
 */
export function melForward(S, bank) {
  const { n_mels, grid: { n_bins } } = bank, n_frames = S.length / n_bins;
  const M = new S.constructor(n_frames * n_mels);
  for (let m = 0; m < n_frames; m++) {
    sumBands(S.subarray(m * n_bins, (m + 1) * n_bins), bank);
    M.set(bank.bands.subarray(1, n_mels + 1), m * n_mels);
  }
  return M;
}

/**
 * Guess the spectrogram from its bands: expectation maximisation from a smooth envelope
 * (Richardson 1972, Lucy 1974).
 * @param {Values} M @param {Bank} bank @returns {Values}
 */
export function melInverse(M, bank, n_iter = 50) {
  const { n_mels, grid: { n_bins } } = bank, n_frames = M.length / n_mels;
  const S = new M.constructor(n_frames * n_bins), loudest = largest(M);
  if (!(loudest > 0)) return S;
  const row = new Float64Array(n_bins), wanted = new Float64Array(n_mels + 2);
  const draw = makeEnvelope(M, bank);
  for (let m = 0; m < n_frames; m++) {
    readBands(M, m, wanted, 1 / loudest);
    draw(wanted, row);
    for (let i = 0; i < n_iter; i++) correct(row, wanted, EM_FLOOR, bank);
    for (let k = 0; k < n_bins; k++) S[m * n_bins + k] = row[k] * loudest;
  }
  return S;
}

/** `draw(bands, row)` draws a smooth spectrum: log-linear between the tips of filled bands. */
function makeEnvelope(M, bank) {
  const { grid, n_mels, sums, rising, falling, center_frequencies } = bank;
  const filled = Array.from(sums.keys()).filter((b) => sums[b] > 0), last = filled.length - 1;
  const tip = (i) => center_frequencies[filled[i]];
  const left = new Int32Array(grid.n_bins), part = new Float64Array(grid.n_bins);
  for (let k = 0, i = 0; k < grid.n_bins; k++) {
    const f = k * (grid.sr / grid.n_fft);
    while (i + 1 < last && f > tip(i + 1)) i++;
    left[k] = i;
    if (last > 0) part[k] = Math.min(1, Math.max(0, (f - tip(i)) / (tip(i + 1) - tip(i))));
  }
  const levels = M.map((v, i) => (sums[i % n_mels] > 0 ? v / sums[i % n_mels] : 0));
  const floor = EM_FLOOR * largest(levels) / largest(M), logs = new Float64Array(last + 2);
  return (bands, row) => {
    filled.forEach((b, i) => { logs[i] = Math.log(Math.max(bands[b + 1] / sums[b], floor)); });
    for (let k = 0; k < row.length; k++) {
      const a = logs[left[k]], b = logs[left[k] + 1], isCovered = rising[k] + falling[k] > 0;
      row[k] = isCovered ? Math.exp(a + part[k] * (b - a)) : 0;
    }
  };
}

/**
 * Find a signal whose mel spectrogram is `M`, its magnitudes and its phase together; yields and
 * returns as `griffinLim`. The iteration does not impose the magnitudes of `melInverse`: it keeps
 * those that the waveform has and corrects them by what the bands demand.
 * @param {Values} M @param {Bank} bank
 * @param {{n_iter?: number, length?: number, seed?: number, measure_every?: number}} [options]
 */
export function* invertMel(M, bank, { n_iter = 100, length, seed = 0, measure_every = 1 } = {}) {
  const { grid, n_mels } = bank, n_frames = M.length / n_mels;
  const loudest = largest(M), S = melInverse(M, bank);
  if (!(largest(S) > 0)) return new M.constructor(length ?? shortest(n_frames, grid));
  const size = new Float64Array(grid.n_bins), wanted = new Float64Array(n_mels + 2);
  const step = (row, m) => {
    readBands(M, m, wanted);
    measure(row, size);
    for (let i = 0; i < CORRECTIONS; i++) correct(size, wanted, CORRECTION_FLOOR * loudest, bank);
    impose(row, size);
  };
  const error = (row, m) => {
    readBands(M, m, wanted);
    measure(row, size);
    sumBands(size, bank);
    return squaredDistance(bank.bands, wanted, 0);
  };
  const phase = pghi(S, grid, { seed });
  for (let i = 0; i < S.length; i += grid.n_bins) {
    for (const [k, beside] of bank.unseen) S[i + k] = S[i + beside];
  }
  const problem = { S, phase, grid, step, error, energy: sumOfSquares(M) };
  return yield* refine(problem, { n_iter, momentum: 0.99, length, measure_every });
}

/** Copy a frame of bands between the empty ones at the ends of `bands`. */
function readBands(M, m, bands, scale = 1) {
  const n_mels = bands.length - 2;
  for (let b = 0; b < n_mels; b++) bands[b + 1] = scale * M[m * n_mels + b];
}

// ---------------------------------------------------------------------------------- Fewer frames

// Where logarithms stop: 100 dB below the largest amplitude.
const LOG_FLOOR = 1e-5;

function logsOf(M, loudest) {
  return Float64Array.from(M, (v) => Math.log(Math.max(loudest > 0 ? v / loudest : 0, LOG_FLOOR)));
}

/** Edges of shortened frames, in frames. */
function shortEdges(n_short, factor, n_frames) {
  return Float64Array.from({ length: n_short + 1 }, (_, j) => Math.min(j * factor, n_frames));
}

/**
 * Average the levels of neighbouring frames.
 * @param {Values} M @param {number} factor frames that become one, not necessarily whole
 * @param {number} n_rows values in a frame @returns {Values}
 */
export function shorten(M, factor, n_rows) {
  if (factor === 1) return M.slice();
  const n_frames = M.length / n_rows, loudest = largest(M), logs = logsOf(M, loudest);
  // Rounded first: 3 * 1.1 frames shortened by 1.1 are 3, not 4.
  const n_short = Math.ceil(Math.round(n_frames / factor * 1e9) / 1e9) || 1;
  const edges = shortEdges(n_short, factor, n_frames), Ms = new M.constructor(n_short * n_rows);
  for (let j = 0; j < n_short; j++) {
    const mean = new Float64Array(n_rows);
    for (let m = Math.floor(edges[j]); m < edges[j + 1]; m++) {
      const part = Math.min(m + 1, edges[j + 1]) - Math.max(m, edges[j]);
      for (let r = 0; r < n_rows; r++) mean[r] += part * logs[m * n_rows + r];
    }
    const width = edges[j + 1] - edges[j];
    for (let r = 0; r < n_rows; r++) Ms[j * n_rows + r] = loudest * Math.exp(mean[r] / width);
  }
  return Ms;
}

/**
 * Bring shortened frames back to `n_frames`, by cubic interpolation of the levels.
 * @param {Values} Ms @param {number} factor @param {number} n_rows values in a frame
 * @param {number} [n_frames] @returns {Values}
 */
export function lengthen(Ms, factor, n_rows, n_frames = Math.round(Ms.length / n_rows * factor)) {
  const n_short = Ms.length / n_rows, M = new Ms.constructor(n_frames * n_rows);
  if (n_short === 1) return M.map((_, i) => Ms[i % n_rows]);
  if (factor === 1) return Ms.slice();
  const edges = shortEdges(n_short, factor, n_frames);
  const centers = edges.subarray(1).map((edge, j) => (edge + edges[j]) / 2 - 0.5);
  const loudest = largest(Ms), at = spline(centers, logsOf(Ms, loudest), n_rows);
  for (let m = 0; m < n_frames; m++) {
    const values = at(Math.min(Math.max(m, centers[0]), centers[n_short - 1]));
    for (let r = 0; r < n_rows; r++) M[m * n_rows + r] = loudest * Math.exp(values[r]);
  }
  return M;
}

/**
 * The cubic spline through rows of values, to be asked for rising positions. Its third derivative
 * is continuous at the second and the last but one knot; through three knots it is a parabola.
 */
function spline(knots, values, n_rows) {
  const bend = secondDerivatives(knots, values, n_rows), row = new Float64Array(n_rows);
  let i = 0;
  return (x) => {
    while (i + 2 < knots.length && x > knots[i + 1]) i++;
    const h = knots[i + 1] - knots[i], b = (x - knots[i]) / h, a = 1 - b;
    const bendA = (a ** 3 - a) * h * h / 6, bendB = (b ** 3 - b) * h * h / 6;
    for (let r = 0, j = i * n_rows; r < n_rows; r++, j++) {
      row[r] = a * values[j] + b * values[j + n_rows] + bendA * bend[j] + bendB * bend[j + n_rows];
    }
    return row;
  };
}

/** The spline's second derivatives at its knots: a tridiagonal system, solved for all rows. */
function secondDerivatives(knots, values, n_rows) {
  const last = knots.length - 1, bend = new Float64Array(values.length);
  if (last === 1) return bend;
  const width = (i) => knots[i + 1] - knots[i];
  const slope = (i, r) => (values[(i + 1) * n_rows + r] - values[i * n_rows + r]) / width(i);
  const eachRow = (i, value) => {
    for (let r = 0; r < n_rows; r++) bend[i * n_rows + r] = value(i * n_rows + r, r);
  };
  // The condition at the ends puts the outermost unknowns in terms of their two neighbours.
  const start = last > 2 ? width(0) / width(1) : 0;
  const end = last > 2 ? width(last - 1) / width(last - 2) : 0;
  const above = new Float64Array(last);
  for (let i = 1; i < last; i++) {
    let below = width(i - 1), over = width(i), diagonal = 2 * (below + over);
    if (i === 1) {
      diagonal += below * (1 + start);
      over -= below * start;
      below = 0;
    }
    if (i === last - 1) {
      diagonal += width(i) * (1 + end);
      below -= width(i) * end;
      over = 0;
    }
    const pivot = diagonal - below * above[i - 1];
    above[i] = over / pivot;
    eachRow(i, (j, r) => (6 * (slope(i, r) - slope(i - 1, r)) - below * bend[j - n_rows]) / pivot);
  }
  for (let i = last - 2; i > 0; i--) eachRow(i, (j) => bend[j] - above[i] * bend[j + n_rows]);
  eachRow(0, (j) => bend[j + n_rows] + start * (bend[j + n_rows] - bend[j + 2 * n_rows]));
  eachRow(last, (j) => bend[j - n_rows] + end * (bend[j - n_rows] - bend[j - 2 * n_rows]));
  return bend;
}

// -------------------------------------------------------------------------------------- Cepstrum

/**
 * The first cepstral coefficients of log-mel spectra in dB: their orthonormal DCT-II.
 * @param {Values} log_mel @param {{n_mels: number, n_mfcc: number, lifter?: number}} settings
 * @returns {Values}
 */
export function mfcc(log_mel, { n_mels, n_mfcc, lifter }) {
  return mix(log_mel, n_mels, n_mfcc, (n, b) => cosine(n, b, n_mels) * lift(n, lifter));
}

/** The smooth log-mel spectra that cepstral coefficients describe; settings as of `mfcc`. */
export function inverseMfcc(C, { n_mels, n_mfcc, lifter }) {
  return mix(C, n_mfcc, n_mels, (b, n) => cosine(n, b, n_mels) / lift(n, lifter));
}

function cosine(n, b, n_mels) {
  return Math.sqrt((n ? 2 : 1) / n_mels) * Math.cos(Math.PI * n * (2 * b + 1) / (2 * n_mels));
}

function lift(n, lifter) {
  return lifter ? 1 + lifter / 2 * Math.sin(Math.PI * (n + 1) / lifter) : 1;
}

/** Rows of `n_to` sums of the `n_from` values of every row, by the weights `weight(to, from)`. */
function mix(values, n_from, n_to, weight) {
  const n_rows = values.length / n_from, mixed = new values.constructor(n_rows * n_to);
  for (let to = 0; to < n_to; to++) {
    const weights = Float64Array.from({ length: n_from }, (_, from) => weight(to, from));
    for (let m = 0; m < n_rows; m++) {
      let sum = 0;
      for (let i = 0; i < n_from; i++) sum += weights[i] * values[m * n_from + i];
      mixed[m * n_to + to] = sum;
    }
  }
  return mixed;
}

// --------------------------------------------------------------------------------------- Metrics

// A perfect match is a number and not minus infinity.
const BEST_DB = -320;

/** Distance of two spectrograms relative to the size of the first, in dB. */
export function spectralConvergence(S, S_hat) {
  // Scaled, so that the squares stay in range.
  const scale = Math.max(largest(S), largest(S_hat));
  if (!(scale > 0)) return BEST_DB;
  let error = 0, size = 0;
  for (let i = 0; i < S.length; i++) {
    error += ((S_hat[i] - S[i]) / scale) ** 2;
    size += (S[i] / scale) ** 2;
  }
  const ratio = Math.max(Math.sqrt(error), SMALLEST) / Math.max(Math.sqrt(size), SMALLEST);
  return Math.min(-BEST_DB, Math.max(BEST_DB, 20 * Math.log10(ratio)));
}

/** Root mean square difference of the levels of two spectrograms, in dB, over heard cells. */
export function logSpectralDistance(S, S_hat, floor_db = -60) {
  const loudest = largest(S) || largest(S_hat), floor = 10 ** (floor_db / 20);
  if (!(loudest > 0)) return 0;
  let sum = 0, count = 0;
  for (let i = 0; i < S.length; i++) {
    const a = S[i] / loudest, b = S_hat[i] / loudest;
    if (!(a > floor || b > floor)) continue;
    sum += (20 * Math.log10(Math.max(b, floor) / Math.max(a, floor))) ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

// ---------------------------------------------------------------------------------- The pipeline

/** All settings, as they are when they are not set. */
export const DEFAULTS = {
  n_fft: 1024, hop_length: 256, window: "hann", threshold_db: LOWEST_DB,
  n_mels: 0, fmin: 0, fmax: 0, mel_scale: "slaney", shorten: 1, n_mfcc: 0,
  start: "original", refine: "fast_griffin_lim", n_iter: 32, momentum: 0.99,
};

// Cells of a spectrogram that a browser has memory for.
const MOST_CELLS = 2 ** 24;

// Times in a run that the convergence is measured: each costs as much as half an iteration.
const MEASUREMENTS = 10;

// Range of the levels, and relative amplitude of the softest, that cepstra are made from.
const CEPSTRUM_DB = 80, CEPSTRUM_FLOOR = 1e-5;

/**
 * Go down the steps that the settings ask for, and back up to sound. Yields plain objects, whose
 * arrays are not used again: "original", "kept", "progress" for every iteration, "result".
 * @param {{x: Values, sr: number}} sound
 * @param {Partial<typeof DEFAULTS>} settings
 * @param {object} [cache] keeps what the next call can use again
 * @throws {RangeError} a sentence for the reader that names the setting
 */
export function* explore(sound, settings, cache = {}) {
  const s = { ...DEFAULTS, ...settings };
  take(sound, cache);
  checkSettings(sound, s);
  const original = analysis(sound, s, cache), { grid, S, levels, ref } = original;
  const n_frames = S.length / grid.n_bins;
  yield { kind: "original", levels: levels.slice(), n_frames, n_bins: grid.n_bins, ref };

  const kept = s.n_mels ? keepBands(original, s) : keepBins(original, s), { target, bank } = kept;
  yield { ...describe(kept, sound, s), kind: "kept" };

  const x_hat = yield* back(kept, original, sound, s), S_hat = magnitudes(x_hat, grid);
  yield {
    kind: "result", x_hat, levels: levelsOf(S_hat, ref),
    convergence_db: spectralConvergence(target, bank ? melForward(S_hat, bank) : S_hat),
    log_mel_distance_db: logMelDistance(sound, x_hat, cache),
    gain: largest(S_hat) > 0 ? Math.sqrt(sumOfSquares(sound.x) / sumOfSquares(x_hat)) : 1,
  };
}

/** Check a sound when it is new, and forget what was remembered of the one before. */
function take(sound, cache) {
  if (cache.x === sound.x && cache.sr === sound.sr) return;
  checkSound(sound);
  for (const name of Object.keys(cache)) delete cache[name];
  Object.assign(cache, { x: sound.x, sr: sound.sr });
}

/** What `make` returned for this key the last time, or returns now. */
function remember(cache, name, key, make) {
  const text = JSON.stringify(key);
  if (cache[name]?.text !== text) cache[name] = { text, value: make() };
  return cache[name].value;
}

function analysis({ x, sr }, { n_fft, hop_length, window }, cache) {
  return remember(cache, "analysis", [n_fft, hop_length, window], () => {
    const grid = makeGrid({ sr, n_fft, hop_length, window });
    demand(isInvertible(grid), `hop_length = ${hop_length} is too large for n_fft = ${n_fft}: `
      + "some samples are weighted with zero in every frame, so that there is no way back. "
      + "Take a smaller hop_length.");
    const S = magnitudes(x, grid), ref = largest(S);
    return { grid, S, ref, levels: levelsOf(S, ref) };
  });
}

/** The step of the threshold alone. */
function keepBins({ grid, S, ref }, { threshold_db }) {
  const target = applyThreshold(S, threshold_db), { n_bins, sr, n_fft } = grid;
  const count = threshold_db <= LOWEST_DB ? S.length : target.reduce((n, s) => n + (s > 0), 0);
  return {
    rows: "bins", values: target, n_rows: n_bins, ref, target, count,
    frequencies: Float64Array.from({ length: n_bins }, (_, k) => k * sr / n_fft),
  };
}

/** The steps of the threshold, the bands, the shorter time and the cepstrum. */
function keepBands(original, { n_mels, fmin, fmax, mel_scale, n_mfcc, ...s }) {
  const { grid, S } = original;
  const { bank, ref } = remember(original, "bands", [n_mels, fmin, fmax, mel_scale], () => {
    const made = melBank(grid, { n_mels, fmin, fmax, mel_scale });
    return { bank: made, ref: largest(melForward(S, made)) };
  });
  const M = shorten(melForward(applyThreshold(S, s.threshold_db), bank), s.shorten, n_mels);
  const values = n_mfcc && ref > 0 ? outline(M, n_mels, n_mfcc) : M;
  return {
    rows: n_mfcc ? "cepstrum-mels" : "mels", values, n_rows: n_mels, ref, bank,
    target: lengthen(values, s.shorten, n_mels, S.length / grid.n_bins),
    count: M.length / n_mels * (n_mfcc || n_mels),
    frequencies: bank.center_frequencies.slice(),
  };
}

/** Bands after a visit to their first cepstral coefficients. */
function outline(M, n_mels, n_mfcc) {
  const ref = largest(M);
  const log_mel = amplitudeToDb(M, { ref, amin: CEPSTRUM_FLOOR * ref, top_db: CEPSTRUM_DB });
  return dbToAmplitude(inverseMfcc(mfcc(log_mel, { n_mels, n_mfcc }), { n_mels, n_mfcc }), ref);
}

function describe({ rows, values, n_rows, ref, count, frequencies, bank, target }, { x, sr }, s) {
  const n_frames = values.length / n_rows, hop = s.hop_length / sr, all = target.length / n_rows;
  return {
    rows, levels: levelsOf(values, ref), n_frames, n_rows, frequencies,
    frame_step: hop * s.shorten, start_time: hop * (Math.min(s.shorten, all) - 1) / 2,
    numbers_per_second: count * sr / x.length, numbers_per_second_wave: sr,
    empty_bands: bank ? emptyBands(bank).length : 0,
  };
}

/** From what was kept to a signal as long as the original. */
function* back(kept, original, { x }, s) {
  const { grid, S } = original, { target, bank } = kept, x_hat = new Float32Array(x.length);
  // Behind the last frame there may be some samples more, which stay zero.
  const length = Math.min(x.length, reach(S.length / grid.n_bins, grid));
  if (!(largest(target) > 0)) return x_hat;
  if (!bank && s.start === "original") {
    x_hat.set(withTruePhase(x, target, grid, length, s.threshold_db <= LOWEST_DB));
    return x_hat;
  }
  const { n_iter } = s, measure_every = Math.ceil(n_iter / MEASUREMENTS);
  const momentum = s.refine === "griffin_lim" ? 0 : s.momentum;
  const options = { n_iter, momentum, length, measure_every };
  const steps = bank
    ? invertMel(target, bank, options)
    : griffinLim(target, startOf(target, grid, s.start), grid, options);
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield { kind: "progress", n_iter, ...step.value };
  x_hat.set(step.value);
  return x_hat;
}

/** The cells that were kept, with the phase that they had; whole, they are an exact transform. */
function withTruePhase(x, kept, grid, length, isWhole) {
  const n_frames = kept.length / grid.n_bins, y = new Float64Array(span(n_frames, grid));
  analyse(pad(x, n_frames, grid), n_frames, grid, ({ re, im }, m) => {
    for (let k = 0; k < re.length; k++) if (kept[m * re.length + k] === 0) re[k] = im[k] = 0;
  }, y);
  const total = windowSum(n_frames, grid);
  multiply(y, isWhole ? oneOver(total, grid) : oneOverEnough(total));
  return y.subarray(grid.padding, grid.padding + length);
}

function startOf(S, grid, start) {
  if (start === "zero") return zeroPhase(S);
  return start === "random" ? randomPhase(S, grid) : pghi(S, grid);
}

/** How far the result is from the original, in the bands that speech is compared in. */
function logMelDistance({ x, sr }, x_hat, cache) {
  const { bank, M } = remember(cache, "judge", [], () => {
    const n_fft = Math.max(16, 2 ** Math.round(Math.log2(0.046 * sr)));
    const grid = makeGrid({ sr, n_fft, hop_length: n_fft / 4 });
    const made = melBank(grid, { n_mels: 80, fmax: Math.min(8000, sr / 2) });
    return { bank: made, M: melForward(magnitudes(x, grid), made) };
  });
  return logSpectralDistance(M, melForward(magnitudes(x_hat, bank.grid), bank));
}

// ---------------------------------------------------------------------------- What can go wrong

const CHOICES = {
  window: Object.keys(WINDOWS), mel_scale: ["slaney", "htk"],
  start: ["original", "zero", "random", "pghi"], refine: ["griffin_lim", "fast_griffin_lim"],
};
const LEAST_WHOLE = { n_fft: 2, hop_length: 1, n_mels: 0, n_mfcc: 0, n_iter: 0 };
const LIMITS = {
  threshold_db: [(v) => v <= 0, "at most 0"],
  fmin: [(v) => v >= 0, "at least 0"],
  fmax: [(v) => v >= 0, "at least 0"],
  shorten: [(v) => v >= 1, "at least 1"],
  momentum: [(v) => v >= 0 && v < 1, "at least 0 and below 1"],
};

/** Throw a RangeError unless the settings can be used with the sound. */
function checkSettings(sound, s) {
  for (const [name, known] of Object.entries(CHOICES)) {
    demand(known.includes(s[name]),
      `${name} must be one of ${known.join(", ")}; it is ${s[name]}.`);
  }
  for (const [name, lowest] of Object.entries(LEAST_WHOLE)) {
    demand(Number.isInteger(s[name]) && s[name] >= lowest,
      `${name} must be a whole number of at least ${lowest}; it is ${s[name]}.`);
  }
  for (const [name, [isInside, words]] of Object.entries(LIMITS)) {
    demand(Number.isFinite(s[name]) && isInside(s[name]),
      `${name} must be a number of ${words}; it is ${s[name]}.`);
  }
  checkSize(sound, s);
  if (s.n_mels) checkBands(sound, s);
  demand(s.n_mels || s.shorten === 1,
    `shorten = ${s.shorten} needs mel bands: set n_mels above 0.`);
  demand(s.n_mfcc <= s.n_mels, `n_mfcc must be at most n_mels, ${s.n_mels}; it is ${s.n_mfcc}.`);
}

function checkSize({ x }, { n_fft, hop_length, n_mels }) {
  const n_frames = Math.ceil(x.length / hop_length);
  const n_rows = Math.max(Math.floor(n_fft / 2) + 1, n_mels);
  demand(n_rows * n_frames <= MOST_CELLS, `n_fft = ${n_fft}, hop_length = ${hop_length} and `
    + `n_mels = ${n_mels} make ${n_frames} frames of ${n_rows} numbers of this sound, more than `
    + "there is memory for. Take a larger hop_length or a shorter sound.");
}

function checkBands({ sr }, { n_mels, fmin, fmax, mel_scale }) {
  const nyquist = sr / 2, top = fmax || nyquist;
  demand(top <= nyquist,
    `fmax must be at most half the sampling rate, ${nyquist} Hz; it is ${fmax} Hz.`);
  demand(fmin < top, `fmin must be below fmax; they are ${fmin} and ${top} Hz.`);
  const edges = melEdges(n_mels, fmin, top, mel_scale);
  demand(edges.every((edge, b) => b === 0 || edge > edges[b - 1]),
    `fmax must be further above fmin for n_mels = ${n_mels}; they are ${fmin} and ${top} Hz.`);
}

function checkSound({ x, sr }) {
  demand(sr > 0 && sr < Infinity, `The sampling rate must be a positive number; it is ${sr}.`);
  demand(x.length > 0, "The sound is empty: it has no samples.");
  const bad = x.reduce((count, v) => count + !Number.isFinite(v), 0);
  demand(bad === 0, `The sound cannot be used: ${bad} of its ${x.length} samples are no numbers.`);
}

function demand(isMet, sentence) {
  if (!isMet) throw new RangeError(sentence);
}

// ------------------------------------------------------------------------------------ The worker

/**
 * Answer the messages of a port: "sound" brings a sound, "run" explores it, "cancel" ends a run,
 * and so does a newer one. Every run ends with "done", "error" or "cancelled".
 * @param {MessagePort|DedicatedWorkerGlobalScope} port
 */
export function serve(port) {
  let sound = null, cache = {}, waiting = null, current = null;
  const handlers = {
    sound({ x, sr }) { sound = { x, sr }; },
    run({ id, settings }) {
      for (const older of [waiting, current]) if (older) handlers.cancel(older);
      waiting = { id, settings };
      if (!current) work();
    },
    cancel({ id }) {
      if (current?.id === id) current.isCancelled = true;
      if (waiting?.id !== id) return;
      waiting = null;
      port.postMessage({ id, kind: "cancelled" });
    },
  };
  port.onmessage = ({ data }) => handlers[data.kind]?.(data);

  async function work() {
    const { port1, port2 } = new MessageChannel();
    const otherMessages = () => new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
    while (waiting) {
      [current, waiting] = [waiting, null];
      await perform(current, otherMessages);
    }
    current = null;
    port1.close();
  }

  async function perform(run, otherMessages) {
    const post = (message) => port.postMessage({ id: run.id, ...message }, buffersOf(message));
    try {
      demand(sound, "There is no sound yet.");
      for (const message of explore(sound, run.settings, cache)) {
        post(message);
        await otherMessages();
        if (run.isCancelled) return post({ kind: "cancelled" });
      }
      post({ kind: "done" });
    } catch (error) {
      post({ kind: "error", message: error.message });
    }
  }
}

/** The arrays of a message, which are handed over instead of copied. */
function buffersOf(message) {
  return Object.values(message).filter(ArrayBuffer.isView).map((values) => values.buffer);
}

const { DedicatedWorkerGlobalScope: Scope } = globalThis;
if (Scope && globalThis instanceof Scope) serve(globalThis);
