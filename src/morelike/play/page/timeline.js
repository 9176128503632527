// The way back: a slider over all looks. Every panel shows the chosen one.

import { begin } from "./begin.js";
import { make } from "./dom.js";
import { calm } from "./panel.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

const REPLAY = 6000; // milliseconds for all looks at the usual speed
const SPEEDS = [0.25, 0.5, 1, 2, 4];

class Timeline extends HTMLElement {
  connectedCallback() {
    for (const change of ["run", "looks", "chosen", "status"]) store.addEventListener(change, () => this.update());
    store.addEventListener("language", () => this.build());
    this.build();
  }

  build() {
    this.slider = make("input", { type: "range", id: "look", min: "0", step: "1", "aria-label": text("look") }); // a phone hides the label
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.shown = make("output", { for: "look", class: "figure" });
    this.live = make("button", { type: "button", class: "newest", onclick: () => this.choose(store.looks.length - 1) }, text("newest"));
    this.replay = make("button", { type: "button", onclick: () => this.toggleReplay() }, text("replay"));
    this.speed = make("select", { id: "speed", "aria-label": text("speed"), onchange: () => this.timer && this.play() },
      ...SPEEDS.map((each) => make("option", { value: each, selected: each === 1 }, `${number(each, each < 1 ? 2 : 0)} ×`)));
    const back = () => begin({ start_from: { run: store.run.id, step: store.shown } });
    this.restart = make("button", { type: "button", onclick: back }, text("from_here"));
    this.replaceChildren(make("label", { for: "look" }, text("look")), this.slider, this.shown,
      make("span", { class: "row" }, this.live, this.replay, this.speed, this.restart));
    this.update();
  }

  choose(/** @type {number} */ index) {
    const isNewest = index >= store.looks.length - 1;
    store.choose(isNewest ? null : store.looks[index]);
  }

  toggleReplay() {
    if (this.timer) return this.endReplay();
    if (store.looks.length < 2) return;
    if (store.chosen === null) this.choose(0); // else it goes on from the chosen look
    this.replay.textContent = text("replay_end");
    this.play();
  }

  /** Show look after look, at the chosen speed. */
  play() {
    clearInterval(this.timer);
    const pause = calm.matches ? 1000 : Math.max(REPLAY / store.looks.length, 60);
    this.timer = setInterval(() => {
      const index = store.looks.indexOf(store.shown) + 1;
      this.choose(index);
      if (index >= store.looks.length - 1) this.endReplay();
    }, pause / Number(this.speed.value));
  }

  endReplay() {
    clearInterval(this.timer);
    this.timer = 0;
    this.replay.textContent = text("replay");
  }

  update() {
    const count = store.looks.length;
    const index = store.shown === null ? 0 : store.looks.indexOf(store.shown);
    this.slider.max = String(Math.max(count - 1, 0));
    this.slider.value = String(index);
    this.slider.disabled = this.replay.disabled = count < 2;
    this.restart.disabled = !count;
    this.live.disabled = store.chosen === null;
    this.shown.textContent = store.shown === null ? "" : text("look_step", { step: store.shown, steps: store.steps });
    this.slider.setAttribute("aria-valuetext", this.shown.textContent);
  }
}

customElements.define("play-timeline", Timeline);
