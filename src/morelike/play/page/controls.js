// The head of the page: the kind of model, pause, single steps, and the language.

import { data, loadTexts } from "./api.js";
import { begin, command } from "./begin.js";
import { make } from "./dom.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

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
    this.step = make("button", { type: "button", onclick: () => command({ command: "step" }) }, text("one_step"));
    this.few = make("button", { type: "button", onclick: () => command({ command: "few_steps" }) }, text("few_steps"));
    this.again = make("button", { type: "button", onclick: () => begin({}) }, text("again"));
    const languages = Object.entries(store.server?.languages ?? {});
    this.languages = make("select", { id: "language", onchange: () => this.speak(this.languages.value) },
      ...languages.map(([code, name]) => make("option", { value: code, lang: code }, name)));
    this.languages.value = document.documentElement.lang;
    this.status = make("p", { class: "status", role: "status" });
    const training = make("div", { class: "row" }, make("label", { for: "kind" }, text("kind")), this.kind, this.pause, this.step, this.few,
      this.again);
    this.replaceChildren(
      make("h1", {}, "morelike play"),
      ...(data.source.isLive ? [training] : []),
      this.status,
      make("div", { class: "row last" }, make("play-share"), make("label", { for: "language", class: "unseen" }, text("language")), this.languages),
    );
    this.update("run");
  }

  async speak(/** @type {string} */ language) {
    await loadTexts(language);
    store.tell("language");
  }

  togglePause() {
    if (!data.source.isLive) return /** @type {any} */ (document.querySelector("play-timeline")).toggleReplay();
    if (store.status === "training" || store.status === "starting") command({ command: "pause" });
    else if (store.status === "paused") command({ command: "resume" });
    else command({ command: "continue" });
  }

  update(/** @type {string} */ change) {
    if (change === "run" && store.run) this.kind.value = store.run.kind;
    if (change === "lost") this.isLost = true;
    if (change === "found") this.isLost = false;
    const { status } = store;
    const isActive = ["starting", "training", "paused"].includes(status);
    this.pause.textContent = status === "paused" || status === "stopped" || status === "failed" ? text("go_on") : text("pause");
    this.pause.disabled = !isActive && !["stopped", "failed"].includes(status);
    this.step.disabled = this.few.disabled = !isActive;
    this.status.textContent = this.sentence();
  }

  sentence() {
    if (this.isLost) return text("lost");
    if (store.problem) return store.problem.message;
    if (store.status === "failed" && store.sentence) return store.sentence;
    if (!store.status) return "";
    if (store.isCompiling && store.status === "training") return text("status_compiling", { size: number(store.values.batch_size, 0) });
    const values = { step: number(store.step, 0), steps: number(store.steps, 0), parameters: number(store.parameters, 0) };
    const isRecorded = !data.source.isLive && ["finished", "stopped", "failed"].includes(store.status);
    if (isRecorded) return text("status_recorded", { ...values, kind: store.run.kind, list: store.run.list });
    return text(`status_${store.status}`, values);
  }
}

customElements.define("play-controls", Controls);
