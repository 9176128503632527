// Names growing up: the words of each look, from the same random numbers; new ones and copied ones are marked.

import { make, word } from "./dom.js";
import { Newest, Panel } from "./panel.js";
import { store } from "./store.js";
import { text } from "./texts.js";

const [FEWEST, MOST] = [14, 28];
const ROW = 31; // pixels
const KEPT = 60; // looks whose words stay in memory
const WIDE = 460; // pixels from which on there is room for one more earlier look

class WordsPanel extends Panel {
  static panel = "words";
  static lesson = 16;
  static changes = ["run", "chosen", "looks", "knobs"];
  /** @type {Map<Step, Sample[]>} */ answers = new Map(); // of each step, its words
  /** @type {Step[]} */ columns = [];
  seed = 0;
  temperature = 1;
  load = new Newest(() => this.fetchWords());

  prepare() {
    const others = make("button", { type: "button", onclick: () => this.otherWords() }, text("words_others"));
    this.share = make("p", { class: "share" });
    this.grid = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("words_title") });
    this.body.append(make("div", { class: "row" }, others, this.share), this.grid);
    this.load.ask();
  }

  changed(/** @type {string} */ change) {
    if (change === "run" || this.temperature !== store.values.temperature) this.answers.clear();
    this.temperature = store.values.temperature;
    this.load.ask();
    this.schedule();
  }

  otherWords() {
    this.seed += 1;
    this.answers.clear();
    this.load.ask();
  }

  /** The steps of the columns: the first look, a few between, and the one that is shown. */
  steps() {
    const shown = store.shown;
    if (shown === null) return [];
    const before = store.looks.filter((step) => step < shown);
    const earlier = this.clientWidth < WIDE ? 2 : 3;
    const targets = Array.from({ length: earlier }, (_, i) => shown ** (i / earlier));
    const chosen = targets.map((target) => before.findLast((step) => step <= target)).filter((step) => step !== undefined);
    if (before.length) chosen[0] = before[0];
    return [...new Set([...chosen, shown])];
  }

  /** As many words as there is room for. */
  count() {
    return Math.min(Math.max(Math.floor((this.clientHeight - 170) / ROW), FEWEST), MOST);
  }

  async fetchWords() {
    const [run, seed, temperature] = [store.run, this.seed, this.temperature];
    if (!run) return;
    /** @type {Step[]} */ const steps = store.looks.length ? this.steps() : store.status === "finished" ? ["last"] : [];
    const missing = steps.filter((step) => !this.answers.has(step));
    if (missing.length) {
      const found = await store.panels("samples", missing, { seed, count: this.count(), temperature });
      if (store.run !== run || this.seed !== seed || this.temperature !== temperature) return;
      missing.forEach((step, i) => this.answers.set(step, found[i].words));
      for (const step of [...this.answers.keys()].slice(0, -KEPT)) if (!steps.includes(step)) this.answers.delete(step);
    }
    if (steps.length) this.columns = steps;
    this.schedule();
  }

  redraw() {
    const columns = this.columns.filter((step) => this.answers.has(step));
    if (!columns.length) return this.grid.replaceChildren(make("p", { class: "quiet" }, text("words_none")));
    const now = this.answers.get(columns.at(-1));
    const copied = now.filter((each) => isCopied(each.mark)).length;
    this.share.textContent = text("words_share", { copied, count: now.length });
    const head = columns.map((step, i) => make("th", { scope: "col", class: i === columns.length - 1 ? "now" : "" },
      step === "last" ? text("words_end") : text("words_step", { step })));
    const rows = now.map((_, row) => make("tr", {}, ...columns.map((step, i) => {
      const { word: shown, mark } = this.answers.get(step)[row] ?? { word: "", mark: "" };
      const isNow = i === columns.length - 1;
      const cell = make("td", { class: isNow ? "now" : "before" }, shown ? word(shown) : make("span", { class: "quiet" }, "…"));
      if (isNow && shown) cell.prepend(marked(mark));
      return cell;
    })));
    this.grid.replaceChildren(make("table", { class: "words" },
      make("caption", { class: "unseen" }, text("words_title")), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)));
  }
}

export function isCopied(/** @type {string} */ mark) {
  return mark !== "new" && mark !== "endless";
}

/** A mark with its shape and its text: a filled disc for a new word, a ring for a copied one. */
export function marked(/** @type {string} */ mark) {
  const copied = isCopied(mark);
  const label = copied ? text("words_copied") : text("words_new");
  return make("span", { class: copied ? "sign copied" : "sign new", title: label }, make("span", { "aria-hidden": "true" }, copied ? "○ " : "● "),
    make("span", { class: "unseen" }, `${label}: `));
}

customElements.define("play-words", WordsPanel);
