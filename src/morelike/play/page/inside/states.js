// States and gates: what each unit holds after each character of the word.

import { make } from "../dom.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { paintMap } from "./charts.js";
import { LookPanel, sign, typed } from "./look.js";

const UNITS = 64; // that the server shows at once
const GATES = "rznhifogc";

/** @extends {LookPanel<States>} */
class StatesPanel extends LookPanel {
  static panel = "states";
  static lesson = 14;
  static source = "states";
  layer = "";
  unit = 0;
  /** @type {string[]} */ layers = [];

  controls() {
    this.layers = [];
    this.choice = make("select", { id: "states-layer", onchange: () => this.choose(this.choice.value, 0) });
    this.number = make("input", { id: "states-unit", type: "number", min: "0", value: String(this.unit) });
    this.number.addEventListener("input", () => this.number.value && this.choose(this.layer, Number(this.number.value)));
    this.canvas = make("canvas", { class: "map-canvas", role: "img" });
    this.canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const column = Math.floor((event.offsetX - this.cell.left) / this.cell.width);
      if (column >= 0 && column < this.answer.values[0].length) this.choose(this.layer, this.answer.first + column);
    });
    return [make("div", { class: "row" }, make("label", { for: "states-layer" }, text("states_layer")), this.choice,
      make("label", { for: "states-unit" }, text("states_unit")), this.number)];
  }

  changed(/** @type {string} */ change) {
    if (change === "run") [this.layer, this.unit] = ["", 0];
    super.changed(change);
  }

  /** Choose a layer and one of its units, counted from 0 on. */
  choose(/** @type {string} */ layer, /** @type {number} */ unit) {
    const most = this.answer?.layers[layer || this.answer.layer] ?? 1;
    this.layer = layer;
    this.unit = Math.min(Math.max(Math.round(unit) || 0, 0), most - 1);
    this.load.ask();
    this.schedule();
    store.tell("unit");
  }

  query() {
    return typed() ? { word: typed(), layer: this.layer, first: Math.floor(this.unit / UNITS) * UNITS } : null;
  }

  paint() {
    const { symbols, values, layers, layer, first } = this.answer;
    const names = Object.keys(layers);
    if (names.join() !== this.layers.join()) {
      this.layers = names;
      this.choice.replaceChildren(...names.map((name) => make("option", { value: name }, layerName(name, names))));
    }
    this.choice.value = layer;
    this.number.max = String(layers[layer] - 1);
    if (document.activeElement !== this.number) this.number.value = String(this.unit);
    if (!this.canvas.isConnected) this.chart.replaceChildren(this.canvas);
    const [width, height] = [this.chart.clientWidth, this.chart.clientHeight];
    this.canvas.setAttribute("aria-label", text("states_summary", { count: values[0].length, word: typed() }));
    this.cell = paintMap(this.canvas, width, Math.min(height, 18 + 34 * symbols.length), {
      rows: ["▸", ...symbols.slice(1)], columns: values[0].map((_, i) => numbered(first + i)), values, column: this.unit - first,
    });
  }

  cells() {
    const { symbols, values, first } = this.answer;
    return [[text("states_unit"), ...symbols.map((symbol, i) => (i ? sign(symbol) : text("states_begin")))],
      ...values[0].map((_, unit) => [number(first + unit, 0), ...values.map((row) => number(row[unit], 2))])];
  }
}

/** Every tenth unit has its number above it. */
function numbered(/** @type {number} */ unit) {
  return unit % 10 ? " " : String(unit);
}

/**
 * The name of a layer in words, as far as it is a gate or a state that is known.
 * @param {string} name
 * @param {string[]} names of all layers
 */
function layerName(name, names) {
  const [, layer, gate] = /^layers\.(\d+)\.(\w)$/.exec(name) ?? [];
  if (!gate || !GATES.includes(gate)) return name;
  const several = names.some((each) => each.startsWith("layers.1."));
  return `${text(`gate_${gate}`)} ${gate}${several ? ` · ${layer}` : ""}`;
}

customElements.define("inside-states", StatesPanel);
