// The head of the view: the word that all of its panels read, the same as in the panel of a word over time.

import { make, visible } from "../dom.js";
import { store } from "../store.js";
import { text } from "../texts.js";
import { typed } from "./look.js";

class Word extends HTMLElement {
  connectedCallback() {
    for (const change of ["word", "list", "chosen", "looks", "run"]) store.addEventListener(change, () => this.update());
    store.addEventListener("language", () => this.build());
    this.build();
  }

  build() {
    this.input = make("input", {
      id: "inside-word", type: "text", maxlength: "5000", autocomplete: "off", spellcheck: "false", autocapitalize: "none",
    });
    this.input.addEventListener("input", () => store.write(this.input.value));
    this.input.addEventListener("change", () => store.words.add(store.word));
    this.step = make("output", { class: "total" });
    this.replaceChildren(make("label", { for: "inside-word" }, text("heat_word")), this.input, this.step,
      make("span", { class: "hint" }, text("inside_hint")));
    this.update();
  }

  update() {
    if (this.input.value !== store.word) this.input.value = store.word;
    this.input.placeholder = visible(typed());
    this.step.dataset.step = String(store.shown);
    this.step.textContent = store.shown === null ? "" : text("words_step", { step: store.shown });
  }
}

customElements.define("inside-word", Word);
