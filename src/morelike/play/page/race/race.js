// A race of up to four runs on the same batches: all their losses on new words, what differs, and who is ahead.

import { get, post, read } from "../api.js";
import { command } from "../begin.js";
import { draw, make } from "../dom.js";
import { axes, boxOf, landmarks } from "../loss.js";
import { Panel } from "../panel.js";
import { store } from "../store.js";
import { number, rate, text } from "../texts.js";
import { Lane } from "./lane.js";

const spoken = document.getElementById("spoken");

export class RacePanel extends Panel {
  static panel = "race";
  static lesson = 10;
  static changes = ["view"];
  lanes = ["gru", "mlp", "bigram", ""].map((kind, i) => new Lane(this, i, kind));
  isQuick = true;
  /** @type {RaceFacts} */ race = null;
  /** @type {Landmarks} */ marks = null;
  /** @type {RaceResult} */ result = null;
  /** @type {Lane} */ leader = null;
  /** @type {RaceState["settings"]} */ settings = null;
  atOnce = 0;

  prepare() {
    this.addTable(() => [[text("kind"), text("step"), text("loss_dev")], ...this.lanes.flatMap((lane) => (
      lane.evaluations.map(({ step, dev }) => [lane.name, number(step, 0), number(dev, 3)])))]);
    const quick = make("input", { type: "checkbox", checked: this.isQuick, onchange: () => {
      this.isQuick = quick.checked;
      this.schedule();
    } });
    this.note = make("span", { class: "quiet" });
    this.problem = make("p", { class: "warning", role: "alert" });
    this.chart = draw("svg", { class: "chart", role: "img" });
    this.shown = make("div", { class: "race-chart" });
    this.said = make("div", { class: "facts", tabindex: "0", role: "region", "aria-label": text("race_title") });
    this.body.append(
      make("div", { class: "lanes" }, ...this.lanes.map((lane) => lane.card())),
      make("div", { class: "row" }, make("button", { type: "button", class: "main", onclick: () => this.begin() }, text("race_begin")),
        make("label", {}, quick, " ", text("race_quick")), this.note),
      this.problem, this.shown, this.said);
    if (!this.settings) this.attempt(() => this.load());
  }

  async load() {
    /** @type {RaceState} */ const state = await get("/api/races");
    [this.settings, this.atOnce] = [state.settings, state.at_once];
    if (state.newest) this.show(state.newest);
    this.schedule();
  }

  /** Do something, or show in a sentence why it failed. */
  async attempt(/** @type {() => Promise<void>} */ work) {
    this.problem.textContent = "";
    await work().catch((error) => (this.problem.textContent = error.message));
  }

  begin() {
    return this.attempt(async () => {
      for (const lane of this.lanes) if (lane.isActive) await lane.send("stop");
      if (["training", "paused", "starting"].includes(store.status)) await command({ command: "stop" });
      const lanes = this.lanes.filter((lane) => lane.kind).map((lane) => lane.wish());
      this.show(await post("/api/races", { list: store.run?.list_id ?? "names", quick: this.isQuick, lanes }));
    });
  }

  /** Show a race: a lane for each of its runs. */
  show(/** @type {RaceFacts} */ race) {
    if (race.id !== this.race?.id) this.marks = null;
    this.race = race;
    this.lanes.forEach((lane, i) => {
      lane.kind = race.runs[i]?.kind ?? "";
      for (const name of Object.keys(lane.wishes)) lane.wishes[name] = String(race.settings[i]?.[name] ?? "");
    });
    this.listen();
  }

  /** Read the events of all lanes, from the first one on. */
  listen() {
    this.source?.close();
    this.result = this.leader = null;
    this.lanes.forEach((lane, i) => lane.clear(this.race.runs[i] ?? null));
    this.source = new EventSource(`/api/races/${this.race.id}/events`);
    this.source.onmessage = (message) => this.take(read(message.data));
    this.schedule();
  }

  take(/** @type {RunEvent[]} */ events) {
    for (const event of events) this.lanes[event.lane].takeOne(event);
    const lanes = this.lanes.filter((lane) => lane.run);
    const best = lanes.reduce((one, other) => (other.loss < one.loss ? other : one));
    if (Number.isFinite(best.loss) && best !== this.leader) {
      this.leader = best;
      spoken.textContent = this.summary();
    }
    if (lanes.every((lane) => ["finished", "stopped", "failed"].includes(lane.status))) {
      this.source.close(); // a browser opens few connections to one server
      this.attempt(() => this.loadResult());
    }
    if (!this.marks && !this.isLoading) this.loadMarks(lanes.find((lane) => lane.looks.length || lane.finished));
    this.schedule();
  }

  async loadMarks(/** @type {Lane | undefined} */ lane) {
    this.isLoading = true;
    this.marks = (await lane?.panel("landmarks", lane.looks[0] ?? null).catch(() => {})) ?? null;
    this.isLoading = false;
    this.schedule();
  }

  async loadResult() {
    const race = this.race;
    /** @type {RaceResult} */ const found = await get(`/api/races/${race.id}/result`);
    if (this.race !== race) return;
    this.result = found;
    spoken.textContent = this.sentences().join(" ");
    this.schedule();
  }

  summary() {
    return this.leader ? text("race_leads", { lane: this.leader.name, loss: number(this.leader.loss, 3) }) : text("loss_none");
  }

  /** The best run against each other one, with the paired interval. */
  sentences() {
    const name = (/** @type {string} */ id) => this.lanes.find((lane) => lane.run?.id === id)?.name;
    return (this.result?.against ?? []).map(({ name: other, difference, interval: [low, high], decided }) => text("race_ahead", {
      first: name(this.result.best), second: name(other), difference: number(-difference, 3), low: number(-high, 3), high: number(-low, 3),
    }) + (decided ? "" : ` ${text("race_even")}`));
  }

  /** The settings that differ among the lanes that have them, each with its value in each lane. */
  differences() {
    /** @type {Record<string, string>} */
    const names = { kind: text("kind"), learning_rate: text("rate"), hidden: text("health_units"), batch_size: text("batch"), steps: text("race_steps"), epochs: text("race_epochs") };
    const value = (/** @type {any} */ each) => (Number.isInteger(each) ? number(each, 0) : typeof each === "number" ? rate(each) : String(each ?? "–"));
    const found = Object.entries(this.race?.differs ?? {}).filter(([, values]) => new Set(values.filter((each) => each !== null)).size > 1);
    return found.map(([name, values]) => `${names[name] ?? name} (${values.map(value).join(" / ")})`).join(", ");
  }

  redraw() {
    if (store.view !== "race") return;
    for (const lane of this.lanes) lane.update();
    this.note.textContent = this.atOnce ? text("race_at_once", { count: this.atOnce }) : "";
    const differs = this.differences();
    this.said.replaceChildren(...this.sentences().map((each) => make("p", {}, each)),
      make("p", { class: "quiet" }, differs && text("race_differs", { settings: differs })));
    if (this.isTable) return this.shown.replaceChildren(this.table());
    if (this.chart.parentNode !== this.shown) this.shown.replaceChildren(this.chart);
    this.paint(this.lanes.filter((lane) => Number.isFinite(lane.loss)), this.race ? this.marks : store.landmarks);
  }

  paint(/** @type {Lane[]} */ lanes, /** @type {Landmarks | null} */ marks) {
    const most = marks?.uniform ?? 6;
    const losses = [marks?.bigram, marks?.ngram, ...lanes.flatMap((lane) => [lane.loss, ...lane.evaluations.map(({ dev }) => dev)])];
    const known = losses.filter(Number.isFinite).map((each) => Math.min(each, most));
    const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [2, 3.5];
    const room = Math.max(high - low, 0.1) * 0.08;
    const top = high + room; // a loss above it is drawn at the edge
    const box = boxOf(this.chart, [low - room, top], Math.max(...this.lanes.map((lane) => lane.steps)) || 1000);
    /** @type {import("../loss.js").End[]} */ const ends = [];
    const curves = lanes.flatMap((lane) => {
      const points = lane.evaluations.map(({ step, dev }) => [box.x(step), box.y(Math.min(dev, top))]);
      if (!points.length) points.push([box.x(0), box.y(lane.loss)], [box.right, box.y(lane.loss)]); // counted: it has no steps
      const last = lane.evaluations.at(-1)?.dev ?? lane.loss;
      ends.push({ loss: Math.min(last, top), name: `${lane.name} ${number(last, 2)}`, from: points.at(-1)[0], kind: `lane-${lane.index}` });
      return [draw("polyline", { class: `lane-line lane-${lane.index}`, points: points.join(" ") }), ...points.map(([x, y]) => lane.mark(x, y))];
    });
    this.chart.setAttribute("aria-label", this.summary());
    this.chart.replaceChildren(...axes(box, text("loss_x")), ...landmarks(box, marks, ends), ...curves);
  }
}

customElements.define("play-race", RacePanel);
