// One step under the lens: from the context to the update of the weights, in numbers, for one letter of the word.

import { make } from "../dom.js";
import { number, percent, rate, signed, text } from "../texts.js";
import { letter, LookPanel, sign, typed } from "./look.js";

const SHOWN = 8; // symbols and numbers of an array that stand on the panel; the table has all symbols

/** @extends {LookPanel<Lens>} */
class LensPanel extends LookPanel {
  static panel = "lens";
  static lesson = 8;
  static source = "lens";
  position = 0;
  place = make("input", { id: "lens-position", type: "number", min: "0" });

  controls() {
    this.place = make("input", { id: "lens-position", type: "number", min: "0", value: String(this.position) });
    this.place.addEventListener("input", () => {
      if (!this.place.value) return; // it is being written
      this.position = Math.max(Math.round(Number(this.place.value)) || 0, 0);
      this.load.ask();
    });
    return [make("div", { class: "row" }, make("label", { for: "lens-position" }, text("lens_position")), this.place)];
  }

  /** The position is at most that of the end of the word. */
  query() {
    const word = typed();
    const most = Math.min([...word].length, 40);
    this.place.max = String(most);
    if (document.activeElement !== this.place) this.place.value = String(Math.min(this.position, most));
    return word ? { word, position: Math.min(this.position, most) } : null;
  }

  paint() {
    const { context, target, stages, symbols, loss, probability, weights, rate: step, loss_after: after } = this.answer;
    const scrolled = this.list?.scrollTop ?? 0;
    const steps = make("ol", { class: "lens" },
      this.stage(text("lens_context"), ...context.map((symbol) => letter(symbol)), " → ", letter(target)),
      ...stages.map((each) => this.stage(`${each.name} ${each.shape.join(" × ")}`, numbers(each.values))),
      this.stage(text("lens_symbols"), ...symbols.slice(0, SHOWN).flatMap((each) => [
        make("span", { class: each.symbol === target ? "letter most" : "letter" }, letter(each.symbol), ` ${percent(each.probability)}`), " "])),
      this.stage(text("lens_loss"), text("lens_loss_is", { share: percent(probability), loss: number(loss, 3) })),
      ...(weights ?? []).map((each) => this.stage(`${text("lens_gradient")} ${each.name}`, ...largest(each))),
      ...(weights ? [this.stage(text("lens_after"), text("lens_after_is", { rate: rate(step), before: number(loss, 4), after: number(after, 4) }))] : []));
    this.list = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("lens_title") }, steps);
    this.chart.replaceChildren(this.list);
    this.list.scrollTop = scrolled;
  }

  stage(/** @type {string} */ name, /** @type {(Node | string)[]} */ ...children) {
    return make("li", {}, make("strong", {}, name), make("span", { class: "numbers" }, ...children));
  }

  cells() {
    return [[text("character"), "logit", text("probability"), text("lens_gradient")], ...this.answer.symbols.map((each) => [
      sign(each.symbol), number(each.logit, 3), number(each.probability, 4), number(each.gradient, 4)])];
  }
}

/** The first numbers of an array. */
function numbers(/** @type {any[]} */ values) {
  /** @type {number[]} */ const flat = values.flat(Infinity);
  return flat.slice(0, SHOWN).map((each) => number(each, 2)).join("  ") + (flat.length > SHOWN ? " …" : "");
}

/** The largest gradients of a weight: its value before, the gradient, and its value after the step. */
function largest(/** @type {WeightUpdate} */ { name, largest: found }) {
  return found.slice(0, 3).map(({ index, weight, gradient, after }) => make("span", { class: "update" },
    `${name}[${index.join(",")}] ${number(weight, 3)} → ${number(after, 3)} (${signed(gradient, 3)})`));
}

customElements.define("inside-lens", LensPanel);
