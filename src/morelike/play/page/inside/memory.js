// The memory meter: how much of its words is copied, and how many guesses the model needs for the word.

import { make } from "../dom.js";
import { number, percent, text } from "../texts.js";
import { bar } from "./charts.js";
import { LookPanel, typed } from "./look.js";

/** @extends {LookPanel<Memory>} */
class MemoryPanel extends LookPanel {
  static panel = "memory";
  static lesson = 10;
  static source = "memory";
  static pause = 3000; // it takes long
  static isRefusalPassing = true; // a young model may make words without an end

  query() {
    return { word: typed() };
  }

  paint() {
    const { copied, interval, gap, samples } = this.answer;
    const guess = this.answer.word;
    this.chart.replaceChildren(
      make("p", {}, text("memory_copied", { share: percent(copied), samples, low: percent(interval[0]), high: percent(interval[1]) })),
      bar(copied, "below"),
      ...(gap ? [make("p", {}, text("memory_gap", {
        ratio: number(gap.typical, 2), low: number(gap.typical_interval[0], 2), high: number(gap.typical_interval[1], 2) }))] : []),
      ...(guess ? [make("p", {}, text("memory_guesses", { word: guess.word, guesses: number(guess.guesses, 0) }))] : []));
  }

  cells() {
    const { shares, gap } = this.answer;
    const guess = this.answer.word;
    return [[text("memory_figure"), text("memory_value")],
      ...Object.entries(shares).map(([part, share]) => [text(`memory_${part}`), percent(share)]),
      ...(gap ? [[text("memory_ratio"), number(gap.typical, 3)]] : []),
      ...(guess ? [[text("memory_number"), number(guess.guesses, 1)]] : [])];
  }
}

customElements.define("inside-memory", MemoryPanel);
