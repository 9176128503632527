// The keys of the view. None acts while a person writes, and a person may switch them off.

import { make } from "../dom.js";
import { store } from "../store.js";
import { text } from "../texts.js";

/** What one may do with a word. */
export const ACTIONS = [
  { key: "s", name: "star", sign: "☆", on: "★", list: "starred" },
  { key: "x", name: "reject", sign: "✕", on: "✕", list: "rejected" },
  { key: "e", name: "edit", sign: "✎" },
  { key: "n", name: "near", sign: "≈" },
];
const KEYS = [...ACTIONS, { key: "b", name: "batch" }, { key: "u", name: "undo" }, { key: "?", name: "keys" }];
const OFF = "morelike-keys-off";

/** Return what a key says, undefined if it says nothing here. */
export function commandOf(/** @type {any} */ { key, target, ctrlKey, metaKey, altKey }) {
  if (store.view !== "make" || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return undefined;
  if (target.closest("input, textarea, select") || (key === " " && target.closest("button, a, summary"))) return undefined;
  const name = KEYS.find((each) => each.key === (key === " " ? "b" : key.toLowerCase()))?.name;
  return name !== "keys" && localStorage.getItem(OFF) ? undefined : name;
}

/** Show the keys in a dialog. */
export function showKeys() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  const box = make("input", { type: "checkbox", checked: !localStorage.getItem(OFF) });
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "" : "off"));
  const rows = [{ key: "↑ ↓ ← →", name: "arrows" }, ...KEYS].map(({ key, name }) => (
    make("li", {}, make("kbd", {}, key === "b" ? "B ␣" : key.toUpperCase()), " ", text(`make_${name}`))));
  dialog.replaceChildren(
    make("button", { type: "button", class: "close", onclick: () => dialog.close() }, text("close")),
    make("h2", { id: "keys-title" }, text("make_keys")),
    make("ul", { class: "plain" }, ...rows),
    make("label", { class: "tick-box" }, box, text("make_keys_on")));
  dialog.showModal();
}
