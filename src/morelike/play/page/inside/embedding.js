// The embedding moves: each character is a point; characters that the model treats alike come close.

import { draw, sizeOf } from "../dom.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { LookPanel, sign } from "./look.js";

const MARGIN = 16; // pixels

/** @extends {LookPanel<Embedding>} */
class EmbeddingPanel extends LookPanel {
  static panel = "embedding";
  static lesson = 1;
  static source = "embedding";

  changed(/** @type {string} */ change) {
    if (change === "run") this.reach = 0;
    super.changed(change);
  }

  paint() {
    const { symbols, points } = this.answer;
    const [width, height] = sizeOf(this.chart);
    this.reach = Math.max(this.reach || 0, steady(Math.max(...points.flat().map(Math.abs)))); // the axes never shrink in a run
    const half = Math.min(width, height) / 2 - MARGIN; // one scale for both axes: distances are true
    const place = (/** @type {Interval} */ [x, y]) => [
      width / 2 + (x / this.reach) * half, height / 2 - (y / this.reach) * half];
    if (this.names?.join("\n") !== symbols.join("\n") || !this.picture?.isConnected) this.begin(symbols);
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.axes.setAttribute("d", `M${width / 2 - half} ${height / 2}h${2 * half}M${width / 2} ${height / 2 - half}v${2 * half}`);
    this.ends[0].setAttribute("x", String(width / 2 + half + MARGIN - 2));
    this.ends[0].setAttribute("y", String(height / 2 - 4));
    this.ends[1].setAttribute("x", String(width / 2 + 4));
    this.ends[1].setAttribute("y", String(height / 2 - half - 2));
    this.ends.forEach((end) => (end.textContent = number(this.reach, this.reach < 1 ? 2 : 1)));
    points.forEach((point, i) => {
      const [x, y] = place(point);
      this.labels[i].style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      this.labels[i].dataset.at = point.join(" ");
    });
    this.picture.setAttribute("aria-label", text("embedding_summary", { count: symbols.length, step: this.answer.step ?? store.step }));
  }

  begin(/** @type {string[]} */ symbols) {
    this.names = symbols;
    this.axes = draw("path", { class: "grid" });
    this.ends = [draw("text", { class: "tick", "text-anchor": "end" }), draw("text", { class: "tick" })];
    this.labels = symbols.map((symbol) => draw("text", { class: isVowel(symbol) ? "point vowel" : "point" }, sign(symbol)));
    this.picture = draw("svg", { class: "chart", role: "img" }, this.axes, ...this.ends, ...this.labels);
    this.chart.replaceChildren(this.picture);
  }

  cells() {
    return [[text("character"), "x", "y"],
      ...this.answer.symbols.map((symbol, i) => [sign(symbol), ...this.answer.points[i].map((each) => number(each, 3))])];
  }
}

/** Round up to a number that reads well. */
function steady(/** @type {number} */ value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value);
}

function isVowel(/** @type {string} */ symbol) {
  return /^[aeiouy]/i.test(symbol.normalize("NFD"));
}

customElements.define("inside-embedding", EmbeddingPanel);
