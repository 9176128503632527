// The scalar graph: every number of one example, forward, and its gradient, backward.

import { make } from "../dom.js";
import { number, text } from "../texts.js";
import { LookPanel, typed } from "./look.js";

/** @extends {LookPanel<ScalarGraph>} */
class GraphPanel extends LookPanel {
  static panel = "graph";
  static lesson = 5;
  static source = "scalar_graph";
  static pause = 3000; // it takes long
  image = make("img", { class: "graph" });

  query() {
    return typed() ? { word: typed() } : null;
  }

  paint() {
    const { svg, count, loss } = this.answer;
    this.image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`; // an image runs no script
    this.image.alt = text("graph_summary", { count, loss: number(loss, 3) });
    if (!this.image.isConnected) {
      this.chart.replaceChildren(make("div", { class: "scroll sheet", tabindex: "0", role: "region", "aria-label": text("graph_title") }, this.image));
    }
  }

  cells() {
    return [[text("graph_node"), text("graph_formula"), text("graph_data"), text("lens_gradient")],
      ...this.answer.nodes.map((each) => [each.name, each.formula ?? "", number(each.data, 4), number(each.grad, 4)])];
  }
}

customElements.define("inside-graph", GraphPanel);
