// What the panels of the inside have in common: each asks the server for one panel of the look that is shown.

import { Gone, Refused } from "../api.js";
import { make, visible, word } from "../dom.js";
import { Newest, Panel } from "../panel.js";
import { store } from "../store.js";

/**
 * The word that all panels read.
 * @returns {string}
 */
export function typed() {
  return /** @type {any} */ (document.querySelector("play-heat")).typed;
}

/** A symbol as text; the end of a word has a sign. */
export function sign(/** @type {string} */ symbol) {
  return symbol === "" ? "⏎" : visible(symbol);
}

/** A symbol as a node, isolated from the direction of its surroundings. */
export function letter(/** @type {string} */ symbol) {
  return word(sign(symbol));
}

/**
 * A panel whose `answer` is the server's panel of the look that is shown.
 * @template {Answer} [Shown=any]
 */
export class LookPanel extends Panel {
  static changes = ["run", "chosen", "looks", "word", "list", "view", "status"];
  /** The name of the panel on the server, and whether a refusal may end at a later look. */
  static source = "";
  static isRefusalPassing = false;
  /** Milliseconds between two looks while the model learns: the training needs the processor more. */
  static pause = 500;
  /** @type {Shown} */ answer = null;
  asked = "";
  refused = "";
  isSeen = false;
  load = new Newest(() => this.ask());
  seen = new IntersectionObserver(([entry]) => {
    this.isSeen = entry.isIntersecting;
    this.load.ask();
  });

  prepare() {
    this.asked = "";
    this.answer = null;
    this.problem = make("p", { class: "warning" });
    this.note = make("p", { class: "quiet note" });
    this.chart = make("div", { class: "inside-chart" });
    this.seen.observe(this);
    this.addTable(() => this.cells());
    this.body.append(...this.controls(), this.problem, this.chart, this.note);
    this.load.ask();
  }

  /**
   * Elements above the chart.
   * @returns {Node[]}
   */
  controls() {
    return [];
  }

  /**
   * The parameters of the panel, null while one is missing.
   * @returns {Json | null}
   */
  query() {
    return {};
  }

  /**
   * Rows of the table behind the chart, the head first; `answer` is there.
   * @returns {Cells}
   */
  cells() {
    return [[]];
  }

  /** Draw `answer` into `chart`. */
  paint() {}

  changed(/** @type {string} */ change) {
    if (change === "run") this.classList.remove("refused"); // another kind may have it
    this.load.ask();
  }

  async ask() {
    if (store.view !== "inside" || !this.isSeen || !store.run) return;
    const { source, isRefusalPassing, pause } = /** @type {typeof LookPanel} */ (this.constructor);
    if (store.chosen === null && store.status === "training") await new Promise((done) => setTimeout(done, pause));
    const [run, query] = [store.run, this.query()];
    const step = store.shown ?? (store.status === "finished" ? "last" : null);
    if (!query || step === null) return;
    const wish = JSON.stringify([run.id, query]);
    const asked = `${wish} ${step}`;
    if (asked === this.asked || (wish === this.refused && !isRefusalPassing)) return;
    let isUnfit = false;
    try {
      this.answer = await store.panel(source, step, query);
      this.refused = "";
      this.problem.textContent = "";
    } catch (error) {
      if (error instanceof Gone) throw error;
      this.answer = null;
      this.refused = error.isPassing ? "" : wish; // a recording that grows has it later
      this.problem.textContent = error.message;
      isUnfit = error instanceof Refused && error.isUnfit;
    }
    this.asked = this.answer || this.refused ? asked : "";
    this.classList.toggle("refused", isUnfit);
    this.dataset.step = String(step);
    this.dataset.asked = `${store.address(source, step)}?${new URLSearchParams(query)}`;
    this.schedule();
  }

  redraw() {
    this.note.textContent = this.answer?.note ?? "";
    if (!this.answer) return this.chart.replaceChildren();
    if (this.isTable) return this.chart.replaceChildren(this.table());
    this.paint();
  }
}
