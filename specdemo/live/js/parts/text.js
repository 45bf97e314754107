/** Numbers as they stand in print. */

const MINUS = "\u2212", NARROW_SPACE = "\u202f";

/** A number with at most `digits` decimals, and the minus sign that numbers have in print. */
export function round(value, digits = 0) {
  return signed(Number(value.toFixed(digits)));
}

export function signed(value) {
  return `${value}`.replace("-", MINUS);
}

export function decibels(value, digits = 1) {
  return Number.isFinite(value) ? `${signed(value.toFixed(digits))} dB` : "\u2013";
}

export function thousands(value) {
  return `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}
