// The learning-rate test, drawn while it runs: the rate rises at each step, and the lowest loss marks the best one.

import { read } from "../api.js";
import { begin } from "../begin.js";
import { draw, make } from "../dom.js";
import { axes, boxOf } from "../loss.js";
import { Panel } from "../panel.js";
import { store } from "../store.js";
import { number, rate, text } from "../texts.js";

const [LOWEST, HIGHEST] = [-3, 0]; // powers of ten
const ROWS = 20;
/** @type {RateEvent} */
const NOTHING = { type: "steps", rates: [], losses: [], smoothed: [] };

class RatesPanel extends Panel {
  static panel = "rates";
  static lesson = 9;
  static changes = ["run", "view"];
  /** @type {AbortController} */ test = null;
  curve = NOTHING;
  problem = "";

  prepare() {
    const loss = (/** @type {number | null} */ each) => (each === null ? "∞" : number(each, 3));
    this.addTable(() => {
      const { rates, losses, smoothed } = this.curve;
      const rows = rates.map((each, i) => [rate(each), loss(losses[i]), loss(smoothed[i])]);
      return [[text("rate"), text("loss_train"), text("rates_smoothed")], ...rows.filter((_, i) => i % Math.ceil(rates.length / ROWS) === 0)];
    });
    this.start = make("button", { type: "button", onclick: () => (this.test ? this.test.abort() : this.begin()) });
    this.use = make("button", { type: "button", class: "main", onclick: () => this.take() });
    this.said = make("p", { role: "status" });
    this.chart = draw("svg", { class: "chart", role: "img" });
    this.shown = make("div", { class: "race-chart" });
    this.body.append(make("div", { class: "row" }, this.start, this.use), this.said, this.shown);
  }

  changed(/** @type {string} */ change) {
    if (change === "run") {
      this.test?.abort();
      [this.curve, this.problem] = [NOTHING, ""];
    }
    this.schedule();
  }

  /** Test with the list and the kind of the run that is shown. The test ends when its answer is read no longer. */
  async begin() {
    const test = (this.test = new AbortController());
    [this.curve, this.problem] = [NOTHING, ""];
    this.schedule();
    try {
      const response = await fetch(`/api/runs/${encodeURIComponent(store.run.id)}/rate_test`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", signal: test.signal });
      if (!response.ok) throw new Error((await response.json()).error);
      await this.read(response.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch (error) {
      if (!test.signal.aborted) this.problem = error.message;
    }
    if (this.test === test) this.test = null;
    this.schedule();
  }

  /** Read events, one a line. */
  async read(/** @type {ReadableStreamDefaultReader<string>} */ reader) {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) this.add(read(line));
      this.schedule();
    }
  }

  add(/** @type {RateEvent} */ event) {
    const { rates, losses } = this.curve;
    if (event.type === "failed") this.problem = event.sentence;
    else if (event.type === "finished") this.curve = event;
    else this.curve = { ...event, rates: [...rates, ...event.rates], losses: [...losses, ...event.losses] };
  }

  /** Learn with the suggested rate. */
  async take() {
    await begin({ settings: { learning_rate: this.curve.suggestion } });
    location.hash = "#watch";
  }

  redraw() {
    if (store.view !== "race") return;
    const { suggestion, still_falling: isFalling } = this.curve;
    this.start.textContent = this.test ? text("cancel") : text("rates_begin");
    this.use.hidden = !suggestion;
    if (suggestion) this.use.textContent = text("rates_use", { rate: rate(suggestion) });
    this.said.textContent = suggestion ? `${text("rates_found", { rate: rate(suggestion) })} ${isFalling ? text("rates_falling") : ""}` : this.problem;
    if (this.isTable) return this.shown.replaceChildren(this.table());
    if (this.chart.parentNode !== this.shown) this.shown.replaceChildren(this.chart);
    this.paint();
  }

  paint() {
    const { rates, losses, smoothed, suggestion } = this.curve;
    const [first, least] = [losses[0] ?? 3.5, Math.min(...smoothed.filter((each) => each !== null), losses[0] ?? 2)];
    const [low, high] = [least - 0.2, first + 0.2];
    const box = boxOf(this.chart, [low, high], HIGHEST - LOWEST, 16);
    const [x, left, top] = [(/** @type {number} */ each) => box.x(Math.log10(each) - LOWEST), box.x(0), box.y(high)];
    const [width, height] = [box.right - left, box.y(low) - top];
    const line = (/** @type {string} */ kind, /** @type {(number | null)[]} */ values) => draw("polyline", {
      class: kind, points: values.map((each, i) => `${x(rates[i])},${box.y(Math.min(each ?? 99, 99))}`).join(" ") });
    this.chart.setAttribute("aria-label", this.said.textContent || text("rates_hint"));
    this.chart.replaceChildren(...axes(box, text("rate"), (power) => (Number.isInteger(power) ? rate(10 ** (power + LOWEST)) : "")),
      draw("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` }, line("rate-losses", losses), line("train", smoothed)));
    if (!suggestion) return;
    const at = x(suggestion);
    this.chart.append(draw("line", { class: "look", x1: at, x2: at, y1: top, y2: top + height }),
      draw("path", { class: "dev", d: `M${at},${box.y(least) - 6}l6,6l-6,6l-6,-6z` }),
      draw("text", { class: "mark-label", x: at - 8, y: top + 12, "text-anchor": "end" }, rate(suggestion)));
  }
}

customElements.define("play-rates", RatesPanel);
