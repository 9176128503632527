// The head of the page: the kind of model, pause, step, the learning rate, and the language.

import { begin, command } from "./begin.js";
import { make } from "./dom.js";
import { store } from "./store.js";
import { loadTexts, number, rate, text } from "./texts.js";

const LOWEST = -4; // powers of ten of the learning rate
const HIGHEST = 0;

class Controls extends HTMLElement {
  connectedCallback() {
    for (const change of ["run", "status", "problem", "sentence", "lost", "found", "curve"]) {
      store.addEventListener(change, () => this.update(change));
    }
    store.addEventListener("language", () => this.build());
    this.build();
  }

  build() {
    this.kind = make("select", { id: "kind", onchange: () => begin({ kind: this.kind.value }) },
      ...(store.server?.kinds ?? []).map((kind) => make("option", { value: kind }, kind)));
    this.pause = make("button", { type: "button", class: "main", onclick: () => this.togglePause() }, text("pause"));
    this.step = make("button", { type: "button", onclick: () => command({ command: "step" }) }, text("few_steps"));
    this.again = make("button", { type: "button", onclick: () => begin({}) }, text("again"));
    this.rate = make("input", { id: "rate", type: "range", min: LOWEST, max: HIGHEST, step: "0.02" });
    this.rateShown = make("output", { for: "rate", class: "figure" });
    this.rate.addEventListener("input", () => this.showRate(10 ** this.rate.value));
    this.rate.addEventListener("change", () => command({ command: "knob", name: "learning_rate", value: 10 ** this.rate.value }));
    const languages = Object.entries(store.server?.languages ?? {});
    this.languages = make("select", { id: "language", onchange: () => this.speak(this.languages.value) },
      ...languages.map(([code, name]) => make("option", { value: code, lang: code }, name)));
    this.languages.value = document.documentElement.lang;
    this.status = make("p", { class: "status", role: "status" });
    this.replaceChildren(
      make("h1", {}, "morelike play"),
      make("div", { class: "row" }, make("label", { for: "kind" }, text("kind")), this.kind, this.pause, this.step, this.again),
      make("div", { class: "row" }, make("label", { for: "rate" }, text("rate")), this.rate, this.rateShown),
      this.status,
      make("div", { class: "row last" }, make("label", { for: "language", class: "unseen" }, text("language")), this.languages),
    );
    this.update("run");
  }

  async speak(/** @type {string} */ language) {
    await loadTexts(language);
    store.tell("language");
  }

  togglePause() {
    if (store.status === "training" || store.status === "starting") command({ command: "pause" });
    else if (store.status === "paused") command({ command: "resume" });
    else command({ command: "continue" });
  }

  showRate(/** @type {number} */ value) {
    this.rateShown.textContent = rate(value);
  }

  update(/** @type {string} */ change) {
    if (change === "run" && store.run) {
      this.kind.value = store.run.kind;
      const first = store.run.learning_rate;
      this.rate.disabled = !first;
      if (first) {
        this.rate.value = String(Math.log10(first));
        this.showRate(first);
      }
    }
    if (change === "lost") this.isLost = true;
    if (change === "found") this.isLost = false;
    const { status } = store;
    const isActive = ["starting", "training", "paused"].includes(status);
    this.pause.textContent = status === "paused" || status === "stopped" || status === "failed" ? text("go_on") : text("pause");
    this.pause.disabled = !isActive && !["stopped", "failed"].includes(status);
    this.step.disabled = !isActive;
    this.rate.disabled = !isActive || !store.run?.learning_rate;
    this.status.textContent = this.sentence();
  }

  sentence() {
    if (this.isLost) return text("lost");
    if (store.problem) return store.problem.message;
    if (store.status === "failed" && store.sentence) return store.sentence;
    if (!store.status) return "";
    const values = { step: number(store.step, 0), steps: number(store.steps, 0), parameters: number(store.parameters, 0) };
    return text(`status_${store.status}`, values);
  }
}

customElements.define("play-controls", Controls);
