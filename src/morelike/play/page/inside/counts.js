// Counts = gradient: the table that a bigram has learned, beside the frequencies that one counts.

import { make } from "../dom.js";
import { number, text } from "../texts.js";
import { bar, paintMap } from "./charts.js";
import { LookPanel, sign } from "./look.js";

const MOST = 0.5; // the probability of the darkest colour

/** @extends {LookPanel<Counts>} */
class CountsPanel extends LookPanel {
  static panel = "counts";
  static lesson = 2;
  static source = "counts_and_gradient";

  controls() {
    this.canvases = ["learned", "frequencies"].map(() => make("canvas", { role: "img" }));
    this.distance = make("p", { class: "total shown" });
    this.meter = make("div", { class: "shown" });
    return [this.distance, this.meter];
  }

  paint() {
    const { symbols, distance } = this.answer;
    this.distance.textContent = text("counts_distance", { distance: number(distance, 3) });
    this.meter.replaceChildren(bar(distance, "below"));
    if (!this.canvases[0].isConnected) {
      const names = [text("counts_learned"), text("counts_counted")];
      this.chart.replaceChildren(make("div", { class: "figures" }, ...this.canvases.map((canvas, i) => {
        canvas.setAttribute("aria-label", names[i]);
        return make("figure", {}, canvas, make("figcaption", {}, names[i]));
      })));
    }
    const [width, height] = [this.chart.clientWidth, this.chart.clientHeight - 30];
    const side = Math.max(Math.min(width / 2 - 14, height), Math.min(width, 150));
    this.canvases.forEach((canvas, i) => paintMap(canvas, side, side, {
      rows: symbols, columns: symbols, values: this.answer[i ? "frequencies" : "learned"], most: MOST }));
  }

  cells() {
    const { symbols, learned, frequencies } = this.answer;
    const pairs = symbols.flatMap((first, i) => symbols.map((second, j) => (
      { names: [sign(first), sign(second)], one: learned[i][j], other: frequencies[i][j] })));
    pairs.sort((a, b) => b.other - a.other);
    return [[text("counts_before"), text("counts_after"), text("counts_learned"), text("counts_counted")],
      ...pairs.slice(0, 100).map(({ names, one, other }) => [...names, number(one, 3), number(other, 3)])];
  }
}

customElements.define("inside-counts", CountsPanel);
