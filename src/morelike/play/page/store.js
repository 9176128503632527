// What the page knows: the run that it shows, and the look that is chosen. Panels listen for changes.

import { data, get } from "./api.js";

const MOST_POINTS = 2000; // of the curve

/**
 * @typedef {{ step: number, loss: number }} Point
 * @typedef {{ step: number, dev: number, interval?: [number, number] }} Evaluation
 */

export class Store extends EventTarget {
  constructor() {
    super();
    /** @type {ServerState} */ this.server = null;
    /** @type {ListFacts} */ this.list = null; // of the run that is shown
    /** @type {{ id: string, name: string }[]} */ this.pasted = [];
    /** @type {Error | null} */ this.problem = null;
    this.sentence = "";
    this.word = ""; // the word that one types
    /** @type {Set<string>} */ this.words = new Set(); // those that one has written to their end
    this.view = "watch"; // the name of the view that is shown
    this.clear(null);
  }

  /** Forget everything about the last run, and show this one. */
  clear(/** @type {Run} */ run) {
    this.run = run;
    this.status = run ? run.status : "";
    this.step = 0;
    this.steps = run ? run.steps : 0;
    /** @type {Point[]} */ this.points = [];
    /** @type {Evaluation[]} */ this.evaluations = [];
    /** @type {Turn[]} */ this.knobs = [];
    /** @type {Record<string, number>} */ this.values = { temperature: 1, ...run?.knobs }; // of the knobs
    this.isCompiling = false; // for another batch size
    /** @type {number[]} */ this.looks = [];
    /** @type {number} */ this.chosen = null; // the step of the chosen look; null follows the training
    /** @type {Landmarks} */ this.landmarks = null;
    /** @type {RunEvent} */ this.finished = null;
    /** @type {string} */ this.test = null; // a sentence, after a person has asked for it
    this.parameters = 0;
  }

  /** The step of the look that all panels show, null before the first. */
  get shown() {
    return this.chosen ?? this.looks.at(-1) ?? null;
  }

  /** Choose a look; null follows the training. */
  choose(/** @type {number | null} */ step) {
    this.chosen = step;
    this.tell("chosen");
  }

  /** Keep the word that one types, in whichever view. */
  write(/** @type {string} */ word) {
    this.word = word;
    this.tell("word");
  }

  tell(/** @type {string[]} */ ...names) {
    for (const name of names) this.dispatchEvent(new Event(name));
  }

  /** Show a run: its events from the first one on. */
  open(/** @type {Run} */ run) {
    this.end?.();
    this.clear(run);
    this.tell("run", "status", "curve", "looks", "chosen", "knobs");
    this.end = data.source.listen(run.id, (events) => this.take(events), (name, isForGood) => {
      if (name !== "lost" || isForGood || this.status !== "finished") this.tell(name);
    });
  }

  /** Take the events of one message, and tell the panels once. */
  take(/** @type {RunEvent[]} */ events) {
    /** @type {Set<string>} */ const changed = new Set();
    for (const event of events) for (const name of this.takeOne(event)) changed.add(name);
    this.tell(...changed);
  }

  takeOne(/** @type {RunEvent} */ event) {
    switch (event.type) {
      case "status":
        this.status = event.status;
        return ["status"];
      case "started":
        this.steps = event.steps;
        this.step = event.step;
        this.parameters = event.parameters ?? 0;
        this.points = this.points.filter((point) => point.step <= event.step); // a resumed run repeats the later ones
        this.evaluations = this.evaluations.filter((each) => each.step <= event.step);
        return ["status", "curve"];
      case "progress":
        this.addPoints(event);
        return ["curve"];
      case "evaluated":
        this.evaluations.push({ step: event.step, dev: event.dev });
        return ["curve", "evaluated"];
      case "look":
        if (!this.looks.includes(event.step)) this.looks = [...this.looks, event.step].sort((a, b) => a - b);
        return this.chosen === null ? ["looks", "chosen"] : ["looks"];
      case "knob":
        this.turn(/** @type {any} */ (event));
        return ["curve", "knobs", "status"];
      case "finished":
        this.finished = event;
        return ["status", "finished"];
      case "noted":
      case "failed":
        this.sentence = event.sentence;
        return ["sentence"];
      default:
        return [];
    }
  }

  /** Keep a turn of a knob; it replaces later ones, which a killed process left. */
  turn(/** @type {Turn} */ event) {
    this.knobs = this.knobs.filter((each) => each.step < event.step || (each.step === event.step && each.name !== event.name));
    this.knobs.push(event);
    this.values[event.name] = event.value;
    if (event.name === "batch_size") this.isCompiling = true;
  }

  addPoints(/** @type {RunEvent} */ event) {
    if (this.isCompiling) {
      this.isCompiling = false;
      this.tell("status");
    }
    this.step = event.step;
    if (event.steps) this.steps = event.steps;
    /** @type {number[]} */ const blocks = event.blocks ?? [];
    let step = event.step - blocks.reduce((sum, length) => sum + length, 0);
    while (this.points.at(-1)?.step > step) this.points.pop(); // single steps of these steps
    if (!blocks.length) this.points.push({ step: event.step, loss: event.loss });
    blocks.forEach((length, i) => {
      step += length;
      this.points.push({ step, loss: event.losses[i] });
    });
    if (this.points.length > MOST_POINTS) this.points = thinned(this.points);
  }

  /**
   * Return a panel of the run at a step.
   * @param {string} name
   * @param {Step | null} step
   * @param {Json} [query]
   */
  panel(name, step, query = {}) {
    return get(this.address(name, step), query);
  }

  /** Return the address of a panel of the run at a step. */
  address(/** @type {string} */ name, /** @type {Step | null} */ step) {
    return `/api/runs/${encodeURIComponent(this.run.id)}/looks/${step ?? "last"}/${name}`;
  }

  /**
   * Return a panel of the run at several steps.
   * @param {string} name
   * @param {Step[]} steps
   * @param {Json} [query]
   */
  async panels(name, steps, query = {}) {
    const path = `/api/runs/${encodeURIComponent(this.run.id)}/over-time/${name}`;
    return (await get(path, { ...query, steps: steps.join(",") })).looks;
  }
}

/**
 * Return half as many points at most: neighbours are averaged over their steps, so that a long run needs no more memory.
 * @param {Point[]} points
 * @returns {Point[]}
 */
function thinned(points) {
  const width = (4 * points.at(-1).step) / MOST_POINTS;
  /** @type {Point[]} */ const kept = [];
  for (const point of points) {
    const [before, last] = [kept.at(-2)?.step ?? 0, kept.at(-1)];
    if (!last || point.step - before > width) kept.push(point);
    else {
      const loss = last.loss + ((point.step - last.step) / Math.max(point.step - before, 1)) * (point.loss - last.loss);
      kept[kept.length - 1] = { step: point.step, loss };
    }
  }
  return kept;
}

export const store = new Store();
