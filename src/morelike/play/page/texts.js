// The texts of the page in the chosen language, and numbers as this language writes them.

import { visible } from "./dom.js";

/** @type {Record<string, string>} */
let texts = {};
let language = "en";
/** @type {Map<number, Intl.NumberFormat>} */
let formats = new Map();
/** @type {{ pattern: RegExp, names: string[], translation: string }[]} */
let sentences = []; // of the server
/** @type {Record<string, string>} */
let joints = {}; // what stands between several of them
const JOINTS = ["; ", ", or "];

/** Speak a language: its texts by name, and the translations of what the server says, by the English sentences. */
export function speak(
  /** @type {string} */ name, /** @type {Record<string, string>} */ found, /** @type {Record<string, string>} */ ofServer = {},
) {
  texts = found;
  joints = ofServer;
  sentences = Object.entries(ofServer).sort(([a], [b]) => b.length - a.length).map(([english, translation]) => ({
    pattern: new RegExp(`^${english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "(.+?)")}$`, "s"),
    names: [...english.matchAll(/\{(\w+)\}/g)].map((found) => found[1]),
    translation,
  }));
  language = name;
  formats = new Map();
  document.documentElement.lang = name;
}

/**
 * Return the text of this name; `{key}` in it is replaced by a value: numbers are formatted, and words cannot turn the text.
 * `{key|one|other}` is replaced by the form of a noun that fits the number.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function text(name, values = {}) {
  return filled(texts[name] ?? name, values);
}

/**
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
function filled(template, values) {
  return template.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, key, one, other) => {
    const value = values[key];
    if (other !== undefined) return new Intl.PluralRules(language).select(Number(value)) === "one" ? one : other;
    return typeof value === "number" ? number(value, 0) : visible(String(value));
  });
}

/**
 * Return what the server says in the language of the page; English if it is no sentence that the page knows.
 * @param {string} sentence
 * @returns {string}
 */
export function said(sentence) {
  const [whole, end] = sentence.endsWith(".") ? [sentence.slice(0, -1), "."] : [sentence, ""];
  for (const { pattern, names, translation } of sentences) {
    const found = pattern.exec(whole);
    if (found) return filled(translation, Object.fromEntries(names.map((name, i) => [name, written(found[i + 1])]))) + end;
  }
  const joint = JOINTS.find((each) => each in joints && whole.includes(each));
  return joint ? whole.split(joint).map(said).join(joints[joint]) + end : sentence;
}

/** A number of an English sentence, as the language writes it; anything else as it is. */
function written(/** @type {string} */ value) {
  const plain = value.replace(/(?<=\d),(?=\d{3})/g, "");
  return /^-?\d+(\.\d+)?$/.test(plain) ? new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(Number(plain)) : value;
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
