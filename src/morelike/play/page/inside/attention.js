// Attention: which earlier characters each head looks at; a head can be switched off.

import { make } from "../dom.js";
import { number, signed, text } from "../texts.js";
import { paintMap } from "./charts.js";
import { LookPanel, sign, typed } from "./look.js";

/** @extends {LookPanel<Attention>} */
class AttentionPanel extends LookPanel {
  static panel = "attention";
  static lesson = 15;
  static source = "attention";

  controls() {
    this.layer ??= 0;
    this.off ??= null;
    this.choice = make("select", { id: "attention-layer", onchange: () => {
      this.layer = Number(this.choice.value);
      this.off = null;
      this.load.ask();
    } });
    this.row = make("div", { class: "row", hidden: true }, make("label", { for: "attention-layer" }, text("attention_layer")), this.choice);
    this.loss = make("p", { class: "total", role: "status" });
    return [this.row, this.loss];
  }

  changed(/** @type {string} */ change) {
    if (change === "run") [this.layer, this.off] = [0, null];
    super.changed(change);
  }

  query() {
    if (!typed()) return null;
    return { word: typed(), layer: this.layer, ...(this.off === null ? {} : { without_head: this.off }) };
  }

  /** Switch a head off, or on again. */
  toggle(/** @type {number} */ head) {
    this.off = this.off === head ? null : head;
    this.load.ask();
  }

  paint() {
    const { symbols, weights, layers, changes, loss, without_head: off } = this.answer;
    this.row.hidden = layers < 2;
    if (this.choice.length !== layers) {
      this.choice.replaceChildren(...Array.from({ length: layers }, (_, i) => make("option", { value: i }, String(i))));
    }
    this.choice.value = String(this.layer);
    this.loss.textContent = off
      ? text("attention_off", { head: off.head, words: off.words, change: signed(off.change, 3) })
      : text("attention_loss", { loss: number(loss, 3) });
    if (this.buttons?.length !== weights.length || !this.grid.isConnected) this.begin(weights.length);
    const side = Math.max(Math.min(this.chart.clientWidth / Math.min(weights.length, 2) - 12, 260), 90);
    const lines = Math.ceil(weights.length / 2);
    const high = Math.min(Math.max((this.chart.clientHeight - 40 * lines) / lines, 110), side);
    const names = ["▸", ...symbols.slice(1)];
    this.buttons.forEach((button, head) => {
      button.textContent = text("attention_head", { head, change: signed(changes[head], 3) });
      button.setAttribute("aria-pressed", String(this.off === head));
      this.canvases[head].setAttribute("aria-label", text("attention_summary", { head, word: typed() }));
      this.canvases[head].classList.toggle("off", this.off === head);
      paintMap(this.canvases[head], side, high, { rows: names, columns: names, values: weights[head] });
    });
  }

  begin(/** @type {number} */ heads) {
    this.canvases = Array.from({ length: heads }, () => make("canvas", { role: "img" }));
    this.buttons = this.canvases.map((_, head) => make("button", { type: "button", class: "head-button", onclick: () => this.toggle(head) }));
    this.grid = make("div", { class: "heads scroll", tabindex: "0", role: "region", "aria-label": text("attention_title") },
      ...this.canvases.map((canvas, head) => make("div", { class: "one-head" }, canvas, this.buttons[head])));
    this.chart.replaceChildren(this.grid);
  }

  cells() {
    const { symbols, weights } = this.answer;
    const names = symbols.map((symbol, i) => (i ? sign(symbol) : text("states_begin")));
    return [[text("attention_number"), text("character"), ...names], ...weights.flatMap((rows, head) => rows.map((row, i) => [
      String(head), names[i], ...row.map((each) => number(each, 2))]))];
  }
}

customElements.define("inside-attention", AttentionPanel);
