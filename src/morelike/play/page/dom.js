// Elements made from plain values. Text is only ever a text node, so no word of a list becomes an element or a script.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return an element with properties and children; strings become text nodes.
 * @param {string} tag
 * @param {Record<string, any>} [properties] attributes, or listeners by `on...` names
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * Return an element of SVG; see `make`.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {any}
 */
export function draw(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/**
 * @param {Element} element
 * @param {Record<string, any>} properties
 * @param {(Node | string | number | null | undefined)[]} children
 */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return element;
}

function asNode(/** @type {Node | string | number} */ child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/**
 * A text whose control characters, such as those that turn the direction of writing, are written out.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`);
}

/** A word of a list as text: isolated from the direction of its surroundings, with control characters made visible. */
export function word(/** @type {string} */ text) {
  return make("bdi", {}, visible(text));
}

/** Return the size of an element's content in CSS pixels. */
export function sizeOf(/** @type {Element} */ element) {
  return [Math.max(element.clientWidth, 120), Math.max(element.clientHeight, 80)];
}
