// Health: units that are stuck, and how the values of each layer are spread.

import { draw, make } from "../dom.js";
import { number, percent, text } from "../texts.js";
import { LookPanel } from "./look.js";

const [WIDE, HIGH] = [150, 44]; // pixels of a histogram

/** @extends {LookPanel<Health>} */
class HealthPanel extends LookPanel {
  static panel = "health";
  static lesson = 11;
  static source = "health";

  paint() {
    const { activations, histograms, readings } = this.answer;
    const parts = activations.map((each) => make("li", {}, make("strong", {}, each.name), " ", this.told(each)));
    const bad = readings.filter((each) => each.verdict !== "good");
    const pictures = Object.entries(histograms).map(([name, each]) => make("figure", {}, picture(each), make("figcaption", {}, caption(name))));
    const scrolled = this.list?.scrollTop ?? 0;
    this.list = make("div", { class: "scroll health", tabindex: "0", role: "region", "aria-label": text("health_title") },
      make("p", {}, bad.length ? text("health_bad", { count: bad.length }) : text("health_good")),
      make("ul", { class: "plain" }, ...parts),
      ...bad.map((each) => make("p", { class: "warning" }, `${each.where ? `${each.where}: ` : ""}${each.sentence} ${each.advice}`)),
      make("div", { class: "figures" }, ...pictures));
    this.chart.replaceChildren(this.list);
    this.list.scrollTop = scrolled;
  }

  told(/** @type {Activation} */ { saturated, dead, units }) {
    if (saturated === null) return text("health_dead", { dead, units });
    return text("health_layer", { saturated: percent(saturated), dead, units });
  }

  cells() {
    const { activations } = this.answer;
    return [[text("states_layer"), text("health_units"), text("health_saturated"), text("health_dead_units"), text("health_mean"), text("health_deviation")],
      ...activations.map((each) => [each.name, number(each.units, 0), each.saturated === null ? "–" : percent(each.saturated),
        number(each.dead, 0), number(each.mean, 3), number(each.deviation, 3)])];
  }
}

/** What a histogram shows, such as activations/layers.0 or weights/C. */
function caption(/** @type {string} */ place) {
  const [group, name] = place.split("/");
  return group === "weights" ? text("health_weights", { name }) : text("health_activations", { name });
}

/** A histogram: a bar for each bin, and the two ends below it. */
function picture(/** @type {Histogram} */ { counts, low, high }) {
  const most = Math.max(...counts, 1);
  const step = WIDE / counts.length;
  const bars = counts.map((count, i) => draw("rect", {
    x: i * step, y: HIGH - (count / most) * HIGH, width: Math.max(step - 0.4, 0.5), height: (count / most) * HIGH }));
  return draw("svg", { class: "histogram", viewBox: `0 0 ${WIDE} ${HIGH + 15}`, "aria-hidden": "true" }, ...bars,
    draw("text", { class: "tick", x: 0, y: HIGH + 13 }, number(low, 1)),
    draw("text", { class: "tick", x: WIDE, y: HIGH + 13, "text-anchor": "end" }, number(high, 1)));
}

customElements.define("inside-health", HealthPanel);
