// The knobs: the learning rate, the batch size and the temperature, which one turns while the model learns.

import { command } from "../begin.js";
import { make } from "../dom.js";
import { Newest } from "../panel.js";
import { store } from "../store.js";
import { number, rate, text } from "../texts.js";

const [LOWEST, HIGHEST] = [-4, 0.5]; // powers of ten of the learning rate
const SIZES = [8, 16, 32, 64, 128, 256, 512, 1024];

class Knobs extends HTMLElement {
  connectedCallback() {
    for (const change of ["run", "status", "knobs"]) store.addEventListener(change, () => this.update(change));
    store.addEventListener("language", () => this.build());
    this.build();
  }

  build() {
    this.rate = slider("rate", LOWEST, HIGHEST, "0.02");
    this.rateShown = make("output", { for: "rate", class: "figure" });
    this.rate.addEventListener("input", () => this.show());
    this.rate.addEventListener("change", () => turn("learning_rate", 10 ** this.rate.value));
    this.batch = make("select", { id: "batch", onchange: () => turn("batch_size", Number(this.batch.value)) });
    this.warmth = slider("temperature", 0.2, 2, "0.1");
    this.warmthShown = make("output", { for: "temperature", class: "figure" });
    this.warmth.addEventListener("input", () => this.show());
    this.warmth.addEventListener("change", () => turn("temperature", Number(this.warmth.value)));
    this.replaceChildren(
      make("span", { class: "row" }, make("label", { for: "rate" }, text("rate")), this.rate, this.rateShown),
      make("span", { class: "row" }, make("label", { for: "batch" }, text("batch")), this.batch),
      make("span", { class: "row" }, make("label", { for: "temperature" }, text("temperature")), this.warmth, this.warmthShown));
    this.update();
  }

  update(change = "run") {
    const { learning_rate: first, batch_size: size, temperature } = store.values;
    const isActive = ["starting", "training", "paused"].includes(store.status);
    this.rate.disabled = !isActive || !first;
    this.batch.disabled = !isActive || !size;
    this.warmth.disabled = !store.run;
    const used = change === "run" ? null : document.activeElement; // what a person moves now is newer than what the run says
    if (first && this.rate !== used) this.rate.value = String(Math.log10(first));
    if (this.warmth !== used) this.warmth.value = String(temperature ?? 1);
    const sizes = [...new Set([...SIZES, size ?? SIZES[0]])].sort((a, b) => a - b);
    this.batch.replaceChildren(...sizes.map((each) => make("option", { value: each }, number(each, 0))));
    this.batch.value = String(size ?? SIZES[0]);
    this.show();
  }

  show() {
    this.rateShown.textContent = store.values.learning_rate ? rate(10 ** this.rate.value) : "";
    this.warmthShown.textContent = number(Number(this.warmth.value), 1);
  }
}

/** @type {Record<string, Newest>} one command at a time for each knob, the newest last: a held key turns it often */
const commands = {};

/** Turn a knob: of a run that learns by a command; the temperature of another one changes what is shown alone. */
function turn(/** @type {string} */ name, /** @type {number} */ value) {
  commands[name] ??= new Newest((/** @type {number} */ newest) => command({ command: "knob", name, value: newest }));
  if (["starting", "training", "paused"].includes(store.status)) commands[name].ask(value);
  if (name !== "temperature") return;
  store.values.temperature = value;
  store.tell("knobs");
}

function slider(/** @type {string} */ id, /** @type {number} */ min, /** @type {number} */ max, /** @type {string} */ step) {
  return make("input", { id, type: "range", min, max, step });
}

customElements.define("play-knobs", Knobs);
