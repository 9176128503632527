// The texts of the page in the chosen language, and numbers as this language writes them.

import { visible } from "./dom.js";

/** @type {Record<string, string>} */
let texts = {};
let language = "en";
/** @type {Map<number, Intl.NumberFormat>} */
let formats = new Map();

/** Speak a language, whose texts are given by name. */
export function speak(/** @type {string} */ name, /** @type {Record<string, string>} */ found) {
  texts = found;
  language = name;
  formats = new Map();
  document.documentElement.lang = name;
}

/**
 * Return the text of this name; `{key}` in it is replaced by a value: numbers are formatted, and words cannot turn the text.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function text(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => {
    const value = values[key];
    return typeof value === "number" ? number(value, 0) : visible(String(value));
  });
}

/** Return a number as the language writes it. */
export function number(/** @type {number} */ value, /** @type {number} */ digits) {
  if (!formats.has(digits)) {
    formats.set(digits, new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return formats.get(digits).format(value);
}

/** Return a share as a percentage. */
export function percent(/** @type {number} */ share, digits = 1) {
  return new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
}

/** Return a difference with its sign. */
export function signed(/** @type {number} */ value, /** @type {number} */ digits) {
  return `${value > 0 ? "+" : ""}${number(value, digits)}`;
}

/** Return a learning rate with two significant digits. */
export function rate(/** @type {number} */ value) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(value);
}
