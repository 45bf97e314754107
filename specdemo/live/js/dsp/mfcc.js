/** The cepstrum of mel levels, as `specdemo.mfcc`. */

/**
 * The first cepstral coefficients of log-mel spectra in dB: their orthonormal DCT-II.
 * @param {Values} log_mel @param {{n_mels: number, n_mfcc: number, lifter?: number}} settings
 * @returns {Values}
 */
export function mfcc(log_mel, { n_mels, n_mfcc, lifter = 0 }) {
  return mix(log_mel, n_mels, n_mfcc, (n, b) => cosine(n, b, n_mels) * lift(n, lifter));
}

/** The smooth log-mel spectra that cepstral coefficients describe; settings as of `mfcc`. */
export function inverseMfcc(C, { n_mels, n_mfcc, lifter = 0 }) {
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
