// What comes next: the probability of each next character after a beginning; a click writes on with it.

import { make, visible } from "../dom.js";
import { percent, text } from "../texts.js";
import { bar } from "./charts.js";
import { letter, LookPanel, sign, typed } from "./look.js";

/** @extends {LookPanel<Next>} */
class NextPanel extends LookPanel {
  static panel = "next";
  static lesson = 3;
  static source = "next";

  controls() {
    this.input = make("input", {
      id: "next-prefix", type: "text", maxlength: "200", autocomplete: "off", spellcheck: "false", autocapitalize: "none",
      value: this.begun ?? "",
    });
    this.input.addEventListener("input", () => this.write(this.input.value));
    return [make("div", { class: "row" }, make("label", { for: "next-prefix" }, text("next_prefix")), this.input)];
  }

  /** The beginning: what was typed, and before anything is typed the first letters of the word. */
  get beginning() {
    return this.begun ?? [...typed()].slice(0, 2).join("");
  }

  write(/** @type {string} */ prefix) {
    this.begun = prefix;
    this.input.value = prefix;
    this.load.ask();
  }

  query() {
    this.input.placeholder = visible(this.beginning);
    return { prefix: this.beginning };
  }

  paint() {
    const { prefix, symbols, probabilities } = this.answer;
    const most = Math.max(...probabilities);
    const rows = symbols.map((symbol, i) => {
      const value = percent(probabilities[i]);
      const parts = [make("span", { class: "name" }, letter(symbol)), bar(probabilities[i] / most), make("span", { class: "value" }, value)];
      if (symbol === "") return make("li", { class: "bar-row" }, ...parts);
      const add = make("button", { type: "button", class: "bar-row", onclick: () => this.write(prefix + symbol) }, ...parts);
      add.setAttribute("aria-label", text("next_add", { letter: symbol, share: value }));
      return make("li", {}, add);
    });
    const scrolled = this.list?.scrollTop ?? 0;
    this.list = make("ul", { class: "bars scroll" }, ...rows);
    this.chart.replaceChildren(this.list);
    this.list.scrollTop = scrolled;
  }

  cells() {
    const { symbols, probabilities } = this.answer;
    return [[text("character"), text("probability")], ...symbols.map((symbol, i) => [sign(symbol), percent(probabilities[i])])];
  }
}

customElements.define("inside-next", NextPanel);
