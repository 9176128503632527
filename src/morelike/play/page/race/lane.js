// One lane of a race: the settings that a person chooses, what the events of its run said, and its buttons.

import { post } from "../api.js";
import { draw, make } from "../dom.js";
import { Store, store } from "../store.js";
import { number, rate, text } from "../texts.js";

/** The marks of the lanes around their centre: each lane has a shape, a dash and a colour. */
const SHAPES = ["M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", "M-4,-4h8v8h-8z", "M0,-5l5,9h-10z", "M0,-6l5,6-5,6-5-6z"];
const RESTING = ["stopped", "failed"];

/** A store of the events of one run, with the fields of its lane. */
export class Lane extends Store {
  /** @type {Record<string, string>} what a person chose; "" for the default */
  wishes = { learning_rate: "", hidden: "" };

  constructor(/** @type {import("./race.js").RacePanel} */ race, /** @type {number} */ index, /** @type {string} */ kind) {
    super();
    this.race = race;
    this.index = index;
    this.kind = kind; // "" for no run
  }

  get name() {
    return `${this.index + 1} ${this.run?.kind ?? this.kind}`;
  }

  get isActive() {
    return ["waiting", "starting", "training", "paused"].includes(this.status);
  }

  /** The lowest loss on new words so far. */
  get loss() {
    return this.finished?.losses?.dev?.nats ?? Math.min(...this.evaluations.map((each) => each.dev));
  }

  /** Whether a network failed, or does worse than pure guessing. */
  get isIll() {
    return Boolean(this.values.learning_rate) && (this.status === "failed" || this.evaluations.at(-1)?.dev > this.race.marks?.uniform);
  }

  get defaults() {
    return this.race.settings?.[this.race.isQuick ? "quick" : "full"][this.kind] ?? {};
  }

  /** What the server is asked to train. */
  wish() {
    const given = Object.entries(this.wishes).filter(([name, value]) => value && name in this.defaults);
    return { kind: this.kind, settings: Object.fromEntries(given.map(([name, value]) => [name, Number(value)])) };
  }

  mark(/** @type {number} */ x, /** @type {number} */ y) {
    return draw("path", { class: `lane-mark lane-${this.index}`, d: SHAPES[this.index], transform: `translate(${x} ${y})` });
  }

  /** Return the lane as a group of fields. */
  card() {
    this.choice = make("select", { id: `lane-${this.index}`, onchange: () => {
      this.kind = this.choice.value;
      this.wishes = { learning_rate: "", hidden: "" };
      this.update();
    } }, ...["", ...store.server.kinds].map((kind) => make("option", { value: kind }, kind || "–")));
    this.inputs = Object.keys(this.wishes).map((name) => make("input", { id: `lane-${this.index}-${name}`, name, type: "number", min: "0", step: "any",
      oninput: (/** @type {any} */ event) => (this.wishes[name] = event.target.value) }));
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) => make("button", { type: "button", onclick }, label);
    this.pause = button(text("pause"), () => this.send(this.status === "paused" ? "resume" : RESTING.includes(this.status) ? "continue" : "pause"));
    this.stop = button(text("replay_end"), () => this.send("stop"));
    this.mend = button(text("race_mend"), () => {
      this.wishes.learning_rate = String(Number((this.values.learning_rate / 10).toPrecision(2)));
      this.again();
    });
    const inside = () => {
      store.open(this.run);
      location.hash = "#inside";
    };
    this.tools = make("div", { class: "row" }, this.pause, this.stop, button(text("again"), () => this.again()), button(text("view_inside"), inside), this.mend);
    this.state = make("p", { class: "quiet" });
    const names = [text("kind"), text("rate"), text("health_units")];
    const fields = [this.choice, ...this.inputs].flatMap((field, i) => [make("label", { for: field.id }, names[i]), field]);
    const key = draw("svg", { class: "lane-key", "aria-hidden": "true" }, draw("path", { class: `lane-line lane-${this.index}`, d: "M0 6h44" }), this.mark(22, 6));
    return make("fieldset", { class: "lane" }, make("legend", {}, `${this.index + 1} `, key), ...fields, this.state, this.tools);
  }

  update() {
    this.choice.value = this.kind;
    for (const input of this.inputs) {
      const usual = this.defaults[input.name];
      input.disabled = usual === undefined;
      input.placeholder = usual === undefined ? "" : input.name === "hidden" ? number(usual, 0) : rate(usual);
      if (input.value !== this.wishes[input.name]) input.value = this.wishes[input.name];
    }
    this.tools.hidden = this.state.hidden = !this.run;
    const figures = [this.steps > 1 && text("look_step", { step: this.step, steps: this.steps }), Number.isFinite(this.loss) && number(this.loss, 3)];
    this.state.textContent = this.status === "waiting" ? text("race_waits") : this.status === "failed" ? this.sentence
      : figures.filter(Boolean).join(" · ") || "…";
    this.state.classList.toggle("warning", this.isIll);
    this.pause.textContent = ["paused", ...RESTING].includes(this.status) ? text("go_on") : text("pause");
    this.pause.disabled = ["waiting", "finished", "followed"].includes(this.status);
    this.stop.disabled = !this.isActive;
    this.mend.hidden = !this.isIll;
  }

  /** Send a command to the run. */
  send(/** @type {string} */ command) {
    return this.race.attempt(async () => {
      await post(`/api/runs/${encodeURIComponent(this.run.id)}/command`, { command });
      if (command === "continue") this.race.listen();
    });
  }

  /** Begin the run anew with the chosen settings; the other lanes go on. */
  again() {
    return this.race.attempt(async () => this.race.show(await post(`/api/races/${this.race.race.id}/lanes/${this.index}`, this.wish())));
  }
}
