// The view that breaks a run and mends it: three faults, and the verdict of the diagnosis at each look.

import { begin } from "../begin.js";
import { make } from "../dom.js";
import { Newest, Panel } from "../panel.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";

const SIGNS = { good: "●", watch: "▲", bad: "✖" };
const [MOST, PAUSE] = [4, 300]; // sentences, and milliseconds between two requests

/** @typedef {Answer & { verdict: "good" | "watch" | "bad", loss: number, readings: Json[] }} Verdict */

/** Each button begins the same run with one fault. */
class FaultsPanel extends Panel {
  static panel = "faults";
  static lesson = 8;

  prepare() {
    for (const fault of ["wrong_sign", "rate_100", "unscaled"]) {
      this.body.append(make("button", { type: "button", onclick: () => begin({ break: fault }) }, text(`fault_${fault}`)), make("p", {}, text(`fault_${fault}_is`)));
    }
  }
}

class VerdictPanel extends Panel {
  static panel = "verdict";
  static lesson = 11;
  static changes = ["run", "looks", "chosen", "status", "view"];
  /** @type {Map<number, Verdict>} */ answers = new Map(); // of each step, its verdict
  load = new Newest(() => this.ask());
  rows = () => [[text("step"), text("loss_train"), text("verdict_title")],
    ...this.all().map((each) => [number(each.step, 0), number(each.loss, 3), [sign(each), ...each.readings.slice(0, 1).map(finding)].join(" · ")])];

  prepare() {
    this.now = make("p", { class: "verdict", role: "status" });
    this.since = make("p", { class: "quiet" });
    this.mend = make("button", { type: "button", class: "main", onclick: () => begin({ mends: store.run.id }) }, text("mend"));
    this.list = make("div", { class: "warning" });
    this.place = make("div", { class: "body" });
    this.body.append(make("div", { class: "row" }, this.now, this.since, this.mend), this.list, this.place);
    this.load.ask();
  }

  changed(/** @type {string} */ change) {
    if (change === "run") this.answers.clear();
    this.load.ask();
    this.schedule();
  }

  async ask() {
    const run = store.run;
    if (store.view !== "break" || !run) return;
    if (store.chosen === null && store.status === "training") await new Promise((done) => setTimeout(done, PAUSE));
    const { looks, shown } = store;
    const [step] = looks.filter((each) => !this.answers.has(each) && (each === shown || (each & (each - 1)) === 0)); // powers of two
    if (step === undefined || store.run !== run) return;
    /** @type {Verdict} */ const found = await store.panel("verdict", this.answers.has(shown) ? step : shown);
    if (store.run !== run) return;
    this.answers.set(found.step, found);
    this.load.ask();
    this.schedule();
  }

  all() {
    return [...this.answers.values()].sort((a, b) => a.step - b.step);
  }

  redraw() {
    const all = this.all();
    const shown = this.answers.get(store.shown) ?? all.at(-1);
    const first = all.find((each) => each.verdict === "bad");
    const { fault, mends } = store.run ?? {};
    const words = shown ? `${sign(shown)} · ${text("words_step", { step: shown.step })}` : "…";
    if (this.now.textContent !== words) this.now.textContent = words; // a screen reader says each text once
    this.now.className = `verdict ${shown?.verdict ?? ""}`;
    this.since.textContent = first ? text("verdict_first", { step: first.step }) : mends ? text("verdict_mended", { fault: text(`fault_${mends}`) }) : "";
    this.mend.hidden = !fault;
    const bad = (shown?.readings ?? []).filter((each) => each.verdict === "bad").slice(0, MOST);
    this.list.replaceChildren(...bad.map((each) => make("p", {}, finding(each))));
    this.place.replaceChildren(this.table());
  }
}

/** A verdict: its shape and its word. */
const sign = (/** @type {Verdict} */ { verdict }) => `${SIGNS[verdict]} ${text(`verdict_${verdict}`)}`;

/** Return a reading as a sentence. */
const finding = (/** @type {Json} */ { where, sentence, advice }) => `${where}: ${sentence}${advice && ` → ${advice}`}`;

customElements.define("play-faults", FaultsPanel);
customElements.define("play-verdict", VerdictPanel);
document.getElementById("view-break").append(make("play-faults"), make("play-verdict"));
