/** Rulers for pitch, of which HTK's mel scale is one: equal steps of `log(1 + f / corner)`. */

/**
 * Frequencies in Hz at equal steps of a ruler. Far below its corner it measures in Hz, far above it
 * in octaves; with its corner at 700 Hz it is the mel scale of HTK.
 * @param {number} n @param {number} low Hz @param {number} high Hz @param {number} corner Hz
 */
export function stepsOf(n, low, high, corner) {
  const first = Math.log1p(low / corner), step = (Math.log1p(high / corner) - first) / (n - 1);
  return Float64Array.from({ length: n }, (_, i) => corner * Math.expm1(first + i * step));
}

/** The distance of two frequencies in semitones. */
export function semitones(f, g) {
  return 12 * Math.log2(g / f);
}
