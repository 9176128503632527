// What the words are to be like: plain controls for the usual wishes, and folds with the rest.

import { get } from "../api.js";
import { make } from "../dom.js";
import { Panel } from "../panel.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { bench } from "./bench.js";
import { keptWords } from "./kept_words.js";

/** The settings that are visible at once; the others are in a fold, but the words to leave out are the ones chosen before. */
const PLAIN = ["count", "temperature", "prefix", "suffix", "contains", "banned", "min_length", "max_length", "novel"];
const [LEFT_OUT, BOLDEST] = ["not_in", 2];
/** How words near another one are found; each has its text. */
const WAYS = ["edits", "pseudowords", "similar"];

export class WishesPanel extends Panel {
  static panel = "wishes";
  static lesson = 16;
  static changes = ["run", "view", "status"];
  /** @type {Setting[]} */ settings = [];
  /** What a person chose, by the name of the control. @type {Json} */ values = { count: 20, how: "edits", share: 50, blocked: "" };
  /** @type {Set<string>} */ lists = new Set();
  /** @type {Run[]} */ others = [];

  prepare() {
    this.form = make("form", { id: "wishes", class: "wishes scroll" });
    this.body.append(this.form);
    this.form.addEventListener("submit", (/** @type {Event} */ event) => (event.preventDefault(), this.batch()));
    this.form.addEventListener("input", (/** @type {any} */ { target }) => {
      this.values[target.name] = target.type === "checkbox" ? target.checked : target.value;
    });
    bench.wishes = this;
    this.load();
  }

  async load() {
    const found = await bench.try(() => Promise.all([get("/api/make/settings", this.hasLook() ? { run: store.run.id } : {}), get("/api/state")]));
    if (!found) return;
    this.settings = found[0].filter((/** @type {Setting} */ each) => each.name !== LEFT_OUT);
    this.others = found[1].runs.filter((/** @type {Run} */ run) => run.id !== store.run?.id);
    if (!document.activeElement.matches("make-wishes :is(input, textarea)")) this.fill(); // nobody loses what they are writing
  }

  /** Whether the server can tell the labels of the model. */
  hasLook() {
    return store.looks.length || store.status === "finished";
  }

  changed(/** @type {string} */ change) {
    if (change === "run") delete this.values.other;
    if (store.view === "make" && this.form && (change !== "status" || this.hasLook())) this.load();
  }

  fill() {
    const isOpen = (/** @type {string} */ id) => this.form.querySelector(`#${id}`)?.open ?? false;
    const fold = (/** @type {string} */ name, /** @type {Node[]} */ ...inside) => (
      make("details", { id: `fold-${name}`, open: isOpen(`fold-${name}`) }, make("summary", {}, text(`make_${name}`)), ...inside));
    const fields = (/** @type {Setting[]} */ settings) => make("div", { class: "fields" }, ...settings.map((each) => this.field(each)));
    const rank = (/** @type {Setting} */ each) => PLAIN.indexOf(each.name);
    this.form.replaceChildren(
      fields(this.settings.filter((each) => rank(each) >= 0).sort((a, b) => rank(a) - rank(b))),
      fold("near", this.select("how", text("make_near"), WAYS.map((each) => [each, text(`make_${each}`)]))),
      fold("blend", ...this.blend()),
      fold("check", ...this.checks()),
      fold("more", fields(this.settings.filter((each) => rank(each) < 0))),
    );
  }

  /** A control of a setting. Its label is the text of the page, or else the setting's own sentence. */
  field(/** @type {Setting} */ { name, type, default: usual, choices, sentence, minimum, maximum }) {
    const [found, value] = [text(`set_${name}`), this.values[name] ?? usual];
    const label = found === `set_${name}` ? `${name}: ${sentence}` : found;
    if (name === "temperature") return this.slider(name, label, { max: BOLDEST, step: 0.1 }, (now) => number(now, 1));
    if (choices) {
      if (type !== "array") return this.select(name, label, ["", ...choices].map((each) => [each, each || "–"]));
      const named = choices.map((/** @type {string} */ each) => [each, text(`choice_${each}`)]);
      const all = [0, 1].map((i) => named.map((/** @type {string[]} */ each) => each[i]).join(i ? " + " : ","));
      return this.select(name, label, [["", "–"], ...named, all]);
    }
    if (type === "boolean") return make("label", { class: "tick-box" }, make("input", { type: "checkbox", name, checked: value }), label);
    const isNumber = type === "integer" || type === "number";
    const kind = isNumber ? { type: "number", min: minimum, max: maximum, step: type === "integer" ? 1 : "any" } : { type: "text", maxlength: 1000 };
    return this.labelled(label, make("input", { ...kind, name, value, autocomplete: "off", spellcheck: "false", autocapitalize: "none" }));
  }

  labelled(/** @type {string} */ label, /** @type {HTMLElement[]} */ ...controls) {
    return make("label", {}, make("span", {}, label), ...controls);
  }

  slider(/** @type {string} */ name, /** @type {string} */ label, /** @type {Json} */ range, /** @type {(now: number) => string} */ show) {
    const input = make("input", { type: "range", name, min: 0, ...range, value: this.values[name] ?? 1 });
    const output = make("output", {}, show(input.value));
    input.addEventListener("input", () => output.replaceChildren(show(input.value)));
    return this.labelled(label, output, input);
  }

  select(/** @type {string} */ name, /** @type {string} */ label, /** @type {string[][]} */ options) {
    const select = make("select", { name }, ...options.map(([value, shown]) => make("option", { value }, shown)));
    select.value = this.values[name] ?? "";
    return this.labelled(label, select);
  }

  blend() {
    if (!this.others.length) return [make("p", { class: "hint" }, text("make_blend_none"))];
    return [
      this.select("other", text("kind"), [["", "–"], ...this.others.map(({ id, list, kind }) => [id, `${list} · ${kind} · ${id}`])]),
      this.slider("share", text("make_share"), { max: 100, step: 5 }, (now) => `${number(now, 0)} %`),
    ];
  }

  checks() {
    const check = () => bench.check([...(bench.words ?? []), ...keptWords.now.starred]);
    const boxes = [...store.server.lists, ...(store.pasted ?? [])].map(({ id, name }) => {
      const box = make("input", { type: "checkbox", checked: this.lists.has(id) });
      box.addEventListener("change", () => (this.lists[box.checked ? "add" : "delete"](id), check()));
      return make("label", { class: "tick-box" }, box, name);
    });
    const area = make("textarea", { name: "blocked", rows: 3, spellcheck: "false", onchange: check }, this.values.blocked);
    return [make("fieldset", {}, make("legend", {}, text("make_lists")), ...boxes), this.labelled(text("make_blocked"), area)];
  }

  /** The settings that a person changed, as the server takes them. */
  chosen() {
    /** @type {Json} */ const settings = {};
    for (const { name, type, default: usual } of this.settings) {
      const value = this.values[name];
      if (value === undefined || value === "" || String(value) === String(usual)) continue;
      if (type === "array") settings[name] = value.split(",").map((/** @type {string} */ each) => each.trim()).filter(Boolean);
      else settings[name] = type === "integer" || type === "number" ? Number(value) : value;
    }
    if (settings.greedy) delete settings.count; // there is one such word
    const { starred, rejected } = keptWords.now;
    return { ...settings, [LEFT_OUT]: [...starred, ...rejected] };
  }

  /** Ask for another batch. */
  batch() {
    const { other, share } = this.values;
    return other ? bench.ask("blend", { ...this.chosen(), other, share: share / 100 }) : bench.ask("sample", this.chosen());
  }

  /** Ask for words near this one. */
  near(/** @type {string} */ word) {
    const { how, count } = this.values;
    if (how === "edits") return bench.ask("sample", { ...this.chosen(), similar: word }, word);
    return bench.ask("near", { word, count: Number(count), how }, word);
  }

  /** What words are checked against, null for nothing. */
  against() {
    const blocked = this.values.blocked.trim();
    return blocked || this.lists.size ? { lists: [...this.lists], blocked } : null;
  }
}

customElements.define("make-wishes", WishesPanel);
