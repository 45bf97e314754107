/** The discrete Fourier transform of any length, in place. */

import { TWO_PI } from "./arrays.js";

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
