// A word over time: how surprising each of its characters is at each look, as a map of character and step.

import { data } from "./api.js";
import { make, sizeOf, visible } from "./dom.js";
import { Newest, Panel } from "./panel.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

const MOST = 90; // columns
const MOST_BITS = 8;
const LEFT = 34;
const BOTTOM = 20;
const [LOWEST, HIGHEST] = [15, 40]; // pixels of a row

class HeatPanel extends Panel {
  static panel = "heat";
  static lesson = 3;
  static changes = ["run", "list", "looks", "chosen", "word"];
  /** @type {Map<number, Surprisal>} */ columns = new Map(); // of each step, its answer
  load = new Newest(() => this.fetchColumns());
  word = "";

  prepare() {
    const input = make("input", {
      id: "heat-word", type: "text", value: this.word, maxlength: "5000", autocomplete: "off", spellcheck: "false",
      autocapitalize: "none", placeholder: visible(this.example), list: "heat-words",
    });
    input.addEventListener("input", () => {
      this.word = input.value;
      this.columns.clear();
      this.load.ask();
      store.write(this.word);
    });
    input.addEventListener("change", () => store.words.add(this.word));
    this.input = input;
    this.total = make("output", { class: "total", for: "heat-word" });
    this.problem = make("p", { class: "warning" });
    this.canvas = make("canvas", { class: "heat", role: "img" });
    this.legend = make("div", { class: "legend" },
      text("heat_low"), make("span", { class: "scale", "aria-hidden": "true" }), text("heat_high"));
    this.map = make("div", { class: "map", tabindex: "0", role: "region", "aria-label": text("heat_title") }, this.canvas);
    this.addTable(() => this.cells());
    this.body.append(
      make("div", { class: "row" }, make("label", { for: "heat-word" }, text("heat_word")), input, this.words(), this.total, this.legend),
      this.problem, this.map);
    this.load.ask();
  }

  /** The words that a recording offers. */
  words() {
    return make("datalist", { id: "heat-words" }, ...(data.source.words ?? []).map((each) => make("option", { value: each })));
  }

  changed(/** @type {string} */ change) {
    if (change === "run") this.columns.clear();
    if (change === "word" && store.word !== this.word) {
      this.word = this.input.value = store.word; // typed in the other view
      this.columns.clear();
    }
    this.load.ask();
    this.schedule();
  }

  get typed() {
    return this.word.trim() || this.example;
  }

  /** A word of the list that is neither short nor long. */
  get example() {
    const examples = store.list?.examples ?? [];
    return examples.find((each) => each.length > 4 && each.length < 10) ?? examples[0] ?? "";
  }

  /** The steps of the columns: all looks, or every n-th of them and the last. */
  steps() {
    const stride = Math.ceil(store.looks.length / MOST);
    return store.looks.filter((_, i) => i % stride === 0 || i === store.looks.length - 1);
  }

  async fetchColumns() {
    const [run, typed] = [store.run, this.typed];
    this.input.placeholder = visible(this.example);
    const steps = this.steps().filter((step) => !this.columns.has(step));
    if (!run || !typed || !steps.length) return this.schedule();
    try {
      /** @type {Surprisal[]} */ const found = await store.panels("surprisal", steps, { word: typed });
      if (store.run !== run || this.typed !== typed) return;
      for (const each of found) this.columns.set(each.step, each);
      const shown = new Set([...this.steps(), store.shown]);
      for (const step of this.columns.keys()) if (!shown.has(step)) this.columns.delete(step);
      this.problem.textContent = found.at(-1).note ?? "";
    } catch (error) {
      this.problem.textContent = error.message;
      this.columns.clear();
    }
    this.schedule();
  }

  /** The answers in the order of their steps. */
  answers() {
    return this.steps().map((step) => this.columns.get(step)).filter(Boolean);
  }

  cells() {
    const answers = this.answers();
    const symbols = answers.at(-1)?.symbols ?? [];
    const every = answers.filter((_, i) => i % Math.ceil(answers.length / 10) === 0 || i === answers.length - 1);
    return [
      [text("step"), ...symbols.map((each) => each || text("end")), text("heat_sum")],
      ...every.map((each) => [number(each.step, 0), ...each.bits.map((bits) => number(bits, 1)), number(each.total_bits, 1)]),
    ];
  }

  redraw() {
    const answers = this.answers();
    this.map.replaceChildren(this.isTable ? this.table() : this.canvas);
    const now = this.columns.get(store.shown) ?? answers.at(-1);
    this.total.textContent = now ? text("heat_total", { bits: number(now.total_bits, 1), step: now.step }) : "";
    if (!this.isTable) this.paint(answers);
  }

  paint(/** @type {Surprisal[]} */ answers) {
    const symbols = answers.at(-1)?.symbols ?? [];
    const [width, room] = sizeOf(this.map);
    const rowHeight = Math.min(Math.max((room - BOTTOM - 2) / Math.max(symbols.length, 1), LOWEST), HIGHEST);
    const height = rowHeight * symbols.length + BOTTOM;
    const ratio = devicePixelRatio || 1;
    const [canvas, context] = [this.canvas, this.canvas.getContext("2d")];
    canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    canvas.setAttribute("aria-label", text("heat_summary", { word: this.typed, count: answers.length }));
    if (!symbols.length) return;
    const style = getComputedStyle(this);
    const [ink, cold, hot] = ["--ink", "--cold", "--hot"].map((name) => style.getPropertyValue(name).trim());
    const columnWidth = (width - LEFT - 4) / answers.length;
    context.font = `${Math.min(rowHeight * 0.7, 16)}px ui-monospace, monospace`;
    context.textBaseline = "middle";
    context.fillStyle = ink;
    context.textAlign = "center";
    symbols.forEach((symbol, row) => context.fillText(symbol || "⏎", LEFT / 2, (row + 0.5) * rowHeight));
    answers.forEach((answer, column) => answer.bits.forEach((bits, row) => {
      context.fillStyle = mixed(cold, hot, Math.min((bits ?? MOST_BITS) / MOST_BITS, 1));
      context.fillRect(LEFT + column * columnWidth, row * rowHeight + 1, columnWidth + 0.5, rowHeight - 2);
    }));
    const bottom = symbols.length * rowHeight;
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = ink;
    let free = 0;
    answers.forEach((answer, column) => {
      const [label, x] = [number(answer.step, 0), LEFT + (column + 0.5) * columnWidth];
      const half = context.measureText(label).width / 2;
      if (x - half < free || x + half > width) return;
      context.fillText(label, x, bottom + 10);
      free = x + half + 10;
    });
    const chosen = answers.findIndex((each) => each.step === store.chosen);
    if (chosen >= 0) {
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.strokeRect(LEFT + chosen * columnWidth, 1, columnWidth, bottom - 2);
    }
  }
}

/**
 * Return the colour between two colours of the form #rrggbb.
 * @param {string} cold
 * @param {string} hot
 * @param {number} share
 */
export function mixed(cold, hot, share) {
  const parts = [1, 3, 5].map((i) => {
    const [a, b] = [cold, hot].map((colour) => parseInt(colour.slice(i, i + 2), 16));
    return Math.round(a + (b - a) * share);
  });
  return `rgb(${parts.join(",")})`;
}

customElements.define("play-heat", HeatPanel);
