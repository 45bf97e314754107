/** The discrete Fourier transform of any length, in place. */

import { TWO_PI } from "./arrays.js";

// The primes that lengths are split into; with larger ones, a convolution is quicker.
const SMALL_PRIMES = [2, 3, 5, 7];

/**
 * A plan to transform `n` complex values: write them to `z`, real and imaginary parts in turn, call
 * `transform`, and read `z`, which may be another array than before.
 * @param {number} n
 */
export function makeFft(n) {
  const factors = factorsOf(n);
  return factors ? stockham(n, factors) : bluestein(n);
}

/** The factors of a length, fours in the place of two twos; null where a prime is large. */
function factorsOf(n) {
  const factors = [];
  for (const factor of [4, ...SMALL_PRIMES]) {
    for (; n % factor === 0; n /= factor) factors.push(factor);
  }
  return n === 1 ? factors : null;
}

/** `exp(-2 pi i k / n)` for k from 0 to n - 1. */
function circle(n) {
  return Float64Array.from({ length: 2 * n }, (_, i) => {
    const angle = TWO_PI * (i >> 1) / n;
    return i % 2 ? -Math.sin(angle) : Math.cos(angle);
  });
}

/** Stockham's transform: it sorts by itself, from one array to another. */
function stockham(n, factors) {
  const w = circle(n), passes = factors.map((factor) => PASSES[factor] ?? passOf(factor));
  const plan = { z: new Float64Array(2 * n), transform };
  let spare = new Float64Array(2 * n);

  function transform() {
    let stride = 2;
    for (let i = 0; i < factors.length; i++) {
      passes[i](plan.z, spare, w, stride);
      [plan.z, spare] = [spare, plan.z];
      stride *= factors[i];
    }
  }
  return plan;
}

/**
 * A pass of an odd factor. Of the parts of `x` that lie as far from the first on one side as on the
 * other, sums meet cosines and differences sines, which two parts of `y` share.
 */
function passOf(factor) {
  const half = factor >> 1, turn = circle(factor);
  const [sumR, sumI, gapR, gapI] = [0, 0, 0, 0].map(() => new Float64Array(half));
  const cosines = new Float64Array(half * half), sines = cosines.slice();
  for (let i = 0; i < half * half; i++) {
    const at = (Math.floor(i / half) + 1) * (i % half + 1) % factor;
    [cosines[i], sines[i]] = [turn[2 * at], turn[2 * at + 1]];
  }
  return (x, y, w, stride) => {
    const part = x.length / factor;
    for (let first = 0; first < part; first += stride) {
      for (let a = first, to = factor * first; a < first + stride; a += 2, to += 2) {
        let totalR = x[a], totalI = x[a + 1];
        for (let j = 0, b = a + part, c = a + (factor - 1) * part; j < half; j++) {
          totalR += sumR[j] = x[b] + x[c];
          totalI += sumI[j] = x[b + 1] + x[c + 1];
          gapR[j] = x[b] - x[c];
          gapI[j] = x[b + 1] - x[c + 1];
          b += part;
          c -= part;
        }
        y[to] = totalR;
        y[to + 1] = totalI;
        for (let i = 1; i <= half; i++) {
          let evenR = x[a], evenI = x[a + 1], oddR = 0, oddI = 0;
          for (let j = 0, at = (i - 1) * half; j < half; j++, at++) {
            evenR += cosines[at] * sumR[j];
            evenI += cosines[at] * sumI[j];
            oddR -= sines[at] * gapI[j];
            oddI += sines[at] * gapR[j];
          }
          turned(evenR + oddR, evenI + oddI, y, to + i * stride, w, i * first);
          const k = factor - i;
          turned(evenR - oddR, evenI - oddI, y, to + k * stride, w, k * first);
        }
      }
    }
  };
}

/** Put a complex number, turned by the one that stands at `from`, to its place. */
function turned(re, im, y, to, w, from) {
  const c = w[from], s = w[from + 1];
  y[to] = c * re - s * im;
  y[to + 1] = c * im + s * re;
}

function passOf2(x, y, w, stride) {
  const half = x.length >> 1;
  for (let first = 0; first < half; first += stride) {
    for (let a = first, to = 2 * first; a < first + stride; a += 2, to += 2) {
      const b = a + half;
      y[to] = x[a] + x[b];
      y[to + 1] = x[a + 1] + x[b + 1];
      turned(x[a] - x[b], x[a + 1] - x[b + 1], y, to + stride, w, first);
    }
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

/** The passes of even factors. @type {Record<number, typeof passOf4>} */
const PASSES = { 2: passOf2, 4: passOf4 };

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
