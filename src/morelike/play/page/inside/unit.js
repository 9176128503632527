// One unit: the words of the list that move it most, each letter coloured by the value of the unit after it.

import { make, word } from "../dom.js";
import { mixed } from "../heat.js";
import { number, text } from "../texts.js";
import { LookPanel } from "./look.js";

/** @extends {LookPanel<Unit>} */
class UnitPanel extends LookPanel {
  static panel = "unit";
  static lesson = 13;
  static source = "unit";
  static changes = [...LookPanel.changes, "unit"];

  query() {
    const states = /** @type {any} */ (document.querySelector("inside-states"));
    return { index: states.unit ?? 0, layer: states.layer ?? "" };
  }

  paint() {
    const style = getComputedStyle(this);
    const [none, above, below] = ["--card", "--blue", "--orange"].map((name) => style.getPropertyValue(name).trim());
    const { words, index, units } = this.answer;
    const rows = words.map(({ symbols, values, at, moved }) => {
      const letters = symbols.slice(1).map((symbol, i) => {
        const value = values[i + 1];
        const shown = make("span", { class: i + 1 === at ? "letter most" : "letter", title: number(value, 2) }, word(symbol));
        shown.style.backgroundColor = mixed(none, value < 0 ? below : above, 0.38 * Math.min(Math.abs(value), 1)); // text stays readable
        return shown;
      });
      return make("li", {}, make("span", { class: "letters" }, ...letters), make("span", { class: "value" }, number(moved, 2)));
    });
    this.chart.replaceChildren(
      make("p", { class: "quiet" }, text("unit_which", { unit: index, units })),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("unit_title") },
        make("ul", { class: "unit-words" }, ...rows)));
  }

  cells() {
    return [[text("heat_word"), text("unit_moved"), text("unit_at")], ...this.answer.words.map((each) => [
      word(each.word), number(each.moved, 3), `${each.at}: ${each.symbols[each.at]}`])];
  }
}

customElements.define("inside-unit", UnitPanel);
