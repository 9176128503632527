// The loss while the model learns, with landmarks: what a guess, counted pairs and counted n-grams reach.

import { draw, make, sizeOf } from "./dom.js";
import { marks, turned } from "./knobs/marks.js";
import { Newest, Panel } from "./panel.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

const MARGIN = { left: 44, right: 140, top: 12, bottom: 34 };
const LABEL = 15;
/** @type {("uniform" | "bigram" | "kneser_ney" | "ngram")[]} */
const KINDS = ["uniform", "bigram", "kneser_ney", "ngram"];

/**
 * @typedef {{ width: number, height: number, right: number, low: number, high: number, last: number,
 *   x: (step: number) => number, y: (loss: number) => number }} Box the chart in pixels, and its scales
 * @typedef {{ loss: number, name: string, from: number, kind: string }} End the end of a curve
 */

class LossPanel extends Panel {
  static panel = "loss";
  static lesson = 4;
  static changes = ["run", "status", "curve", "evaluated", "chosen", "landmarks"];
  fetchBand = new Newest(() => this.loadBands());

  prepare() {
    this.addTable(cells);
    this.chart = draw("svg", { class: "chart", role: "img" });
    this.test = make("button", { class: "why", type: "button", onclick: () => this.showTest() }, text("test_show"));
    this.legend = make("p", { class: "key" },
      make("span", { class: "key-train", "aria-hidden": "true" }, "━ "), text("loss_train"), " ",
      make("span", { class: "key-dev", "aria-hidden": "true" }, " ◆ "), text("loss_dev"), " ", this.test);
  }

  changed(/** @type {string} */ change) {
    if (change === "evaluated" || change === "chosen" || change === "run") this.fetchBand.ask();
    this.schedule();
  }

  /** Load the landmarks once, and the exact loss on dev, with its interval, at each look that was evaluated. */
  async loadBands() {
    const run = store.run;
    if (!run || (!store.looks.length && store.status !== "finished")) return;
    if (!store.landmarks) {
      const step = store.looks.length ? store.looks[0] : null;
      const found = await store.panel("landmarks", step);
      if (store.run !== run) return;
      store.landmarks = found;
      store.tell("landmarks");
    }
    for (const each of store.evaluations) {
      if (each.interval || !store.looks.includes(each.step)) continue;
      const { nats, interval } = (await store.panel("landmarks", each.step)).dev;
      if (store.run !== run) return;
      each.dev = nats;
      each.interval = interval;
      this.schedule();
    }
  }

  /** Show the loss on test in place of its button: after that, it is no longer an honest last test of this list. */
  async showTest() {
    const run = store.run;
    try {
      const { test } = await store.panel("landmarks", store.looks.at(-1), { test: true });
      if (store.run === run) store.test = text("test_is", { loss: withInterval({ dev: test.nats, interval: test.interval }) });
    } catch (error) {
      store.test = error.message;
    }
    this.schedule();
  }

  redraw() {
    this.test.hidden = store.status !== "finished";
    this.test.disabled = Boolean(store.test);
    this.test.textContent = store.test ?? text("test_show");
    if (this.isTable) return this.body.replaceChildren(this.table());
    if (this.chart.parentNode !== this.body) this.body.replaceChildren(this.legend, this.chart);
    const box = boxOf(this.chart, this.range(), Math.max(store.steps, store.step, 1));
    this.chart.setAttribute("aria-label", this.summary());
    const { height } = box;
    this.chart.replaceChildren(...axes(box, text("loss_x")), ...landmarks(box, store.landmarks), ...marks(box, MARGIN.top, height - MARGIN.bottom),
      ...curve(box), ...bands(box), ...look(box));
  }

  /** @returns {Interval} */
  range() {
    const losses = store.points.map((point) => point.loss);
    const marks = KINDS.map((kind) => store.landmarks?.[kind]).filter((loss) => loss !== undefined);
    const all = [...losses, ...marks, ...store.evaluations.map((each) => each.dev)];
    if (!all.length) return [0, 4];
    const top = Math.max(...marks, store.points[0]?.loss ?? 0);
    const rises = losses.at(-1) > top + 0.3; // a broken run
    const [low, high] = [Math.min(...all), rises ? Math.max(...all) : top];
    const room = Math.max(high - low, 0.2) * 0.08;
    return [low - room, high + room];
  }

  summary() {
    const [point, dev] = [store.points.at(-1), store.evaluations.at(-1)];
    if (!point) return text("loss_none");
    const now = text("loss_now", { step: store.step, loss: number(point.loss, 2) });
    return dev ? `${now} ${text("loss_dev_now", { loss: number(dev.dev, 2) })}` : now;
  }
}

/** The rows of the table: evaluations, and turned knobs, in the order of their steps. */
function cells() {
  const rows = [
    ...store.evaluations.map((each) => ({ step: each.step, cells: [number(nearest(each.step), 3), withInterval(each), ""] })),
    ...store.knobs.map((each) => ({ step: each.step, cells: [number(nearest(each.step), 3), "", turned(each)] })),
  ].sort((a, b) => a.step - b.step);
  return [
    [text("step"), text("loss_train"), text("loss_dev"), text("turned")],
    ...rows.map((each) => [number(each.step, 0), ...each.cells]),
  ];
}

function nearest(/** @type {number} */ step) {
  return store.points.findLast((point) => point.step <= step)?.loss ?? NaN;
}

function withInterval(/** @type {{ dev: number, interval?: Interval }} */ { dev, interval }) {
  const ends = interval ? ` (${number(interval[0], 3)}–${number(interval[1], 3)})` : "";
  return `${number(dev, 3)}${ends}`;
}

/**
 * Return the scales of a chart of losses, which fills its element; names stand to the right of it.
 * @param {SVGElement} chart
 * @param {Interval} range the lowest and the highest loss
 * @param {number} last the last step
 * @param {number} [names] pixels for the names
 * @returns {Box}
 */
export function boxOf(chart, [low, high], last, names) {
  const [width, height] = sizeOf(chart);
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const right = width - (names ?? (width < 420 ? 96 : width > 850 ? 160 : MARGIN.right));
  const x = (/** @type {number} */ step) => MARGIN.left + ((right - MARGIN.left) * step) / last;
  const y = (/** @type {number} */ loss) => MARGIN.top + ((height - MARGIN.top - MARGIN.bottom) * (high - loss)) / (high - low);
  return { width, height, right, x, y, low, high, last };
}

export function axes(/** @type {Box} */ { width, height, right, x, y, low, high, last }, /** @type {string} */ label, named = (/** @type {number} */ step) => number(step, 0)) {
  const parts = [];
  for (const loss of ticks(low, high, 5)) {
    parts.push(draw("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(loss), y2: y(loss) }));
    parts.push(draw("text", { class: "tick", x: MARGIN.left - 6, y: y(loss) + 4, "text-anchor": "end" }, number(loss, high - low < 0.5 ? 2 : 1)));
  }
  for (const step of ticks(0, last, width < 420 ? 3 : 6)) {
    parts.push(draw("text", { class: "tick", x: x(step), y: height - 18, "text-anchor": "middle" }, named(step)));
  }
  parts.push(draw("text", { class: "tick", x: (MARGIN.left + right) / 2, y: height - 3, "text-anchor": "middle" }, label));
  return parts;
}

/**
 * Return the landmarks as lines with their names, and the names of curves that end at a loss, `from` a place on.
 * @param {Box} box
 * @param {Landmarks | null} losses
 * @param {End[]} [ends]
 */
export function landmarks({ right, y, width, low, high }, losses, ends = []) {
  const marks = KINDS.filter((kind) => losses?.[kind] >= low && losses[kind] <= high).map((kind) => ({
    loss: losses[kind], from: MARGIN.left, kind: "mark",
    name: `${width < 420 ? text(`mark_${kind}_short`) : text(`mark_${kind}`)} ${number(losses[kind], 2)}` }));
  let lowest = -Infinity;
  return [...marks, ...ends].sort((a, b) => b.loss - a.loss).flatMap(({ loss, from, kind, name }) => {
    const place = Math.max(y(loss), lowest + LABEL);
    lowest = place;
    return [
      draw("line", { class: kind === "mark" ? kind : "lead", x1: from, x2: right, y1: y(loss), y2: y(loss) }),
      draw("line", { class: "lead", x1: right, x2: right + 6, y1: y(loss), y2: place }),
      draw("text", { class: kind === "mark" ? "mark-label" : `mark-label lane-name ${kind}`, x: right + 8, y: place + 4 }, name),
    ];
  });
}

function curve(/** @type {Box} */ { x, y }) {
  if (!store.points.length) return [];
  const path = store.points.map(({ step, loss }) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const end = store.points.at(-1);
  return [
    draw("polyline", { class: "train", points: path }),
    draw("circle", { class: "train-end", cx: x(end.step), cy: y(end.loss), r: 4 }),
  ];
}

/** The losses on dev as diamonds, each with its 95 % interval. */
function bands(/** @type {Box} */ { x, y }) {
  return store.evaluations.flatMap(({ step, dev, interval }) => {
    const [cx, cy] = [x(step), y(dev)];
    const diamond = draw("path", { class: "dev", d: `M${cx},${cy - 5}l5,5l-5,5l-5,-5z` });
    if (!interval) return [diamond];
    return [draw("line", { class: "band", x1: cx, x2: cx, y1: y(interval[0]), y2: y(interval[1]) }), diamond];
  });
}

function look(/** @type {Box} */ { x, height }) {
  if (store.chosen === null) return [];
  const at = x(store.chosen);
  return [draw("line", { class: "look", x1: at, x2: at, y1: MARGIN.top, y2: height - MARGIN.bottom })];
}

function ticks(/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) found.push(value);
  return found;
}

customElements.define("play-loss", LossPanel);
