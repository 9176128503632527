// A made word as elements: its letters shaded by their surprisal, and what a check found about it.

import { make, visible, word } from "../dom.js";
import { text } from "../texts.js";

const BITS = 2; // of one shade
const SHADES = 4;
const LONGEST = 60; // characters that are shaded

/** The letters of a word; neighbours of one shade stand in one element, so that they join as in running text. */
export function letters(/** @type {Made} */ { word: whole, pieces }) {
  /** @type {[string, number][]} */ const runs = [];
  for (const [character, bits] of pieces.slice(0, LONGEST)) {
    const last = runs.at(-1);
    const shade = last && /^\p{M}/u.test(character) ? last[1] : Math.min(Math.floor(bits / BITS), SHADES);
    if (last?.[1] === shade) last[0] += character;
    else runs.push([character, shade]);
  }
  const head = runs.map((each) => each[0]).join("");
  if (!whole.startsWith(head)) return word(whole);
  return make("bdi", {}, ...runs.map(([each, shade]) => make("span", { class: `shade-${shade}` }, visible(each))), visible(whole.slice(head.length)));
}

/** What a check found about a word, as sentences. */
export function finding(/** @type {Checked} */ checked) {
  const listed = (/** @type {string[]} */ each) => ({ list: each.map(visible).join(", ") });
  return [
    checked?.in.length ? text("make_in", listed(checked.in)) : "",
    checked?.blocked_by.length ? text("make_blocked_by", listed(checked.blocked_by)) : "",
  ].filter(Boolean).join(" ");
}
