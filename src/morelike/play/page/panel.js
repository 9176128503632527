// What all panels have in common: a title, one sentence, "why?", a table behind the chart, and drawing once a frame.

import { make } from "./dom.js";
import { store } from "./store.js";
import { text } from "./texts.js";

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A panel: a custom element that is drawn again, at most once a frame, when something that it shows has changed. */
export class Panel extends HTMLElement {
  /** The name of its texts, the number of its lesson, and the changes that it listens for. */
  static panel = "";
  static lesson = 0;
  static changes = ["run"];

  connectedCallback() {
    const kind = /** @type {typeof Panel} */ (this.constructor);
    this.isWaiting = false;
    for (const change of kind.changes) store.addEventListener(change, () => this.changed(change));
    store.addEventListener("language", () => this.build());
    new ResizeObserver(() => this.schedule()).observe(this);
    this.build();
  }

  build() {
    const { panel, lesson } = /** @type {typeof Panel} */ (this.constructor);
    this.body = make("div", { class: "body" });
    const open = () => this.dispatchEvent(new CustomEvent("lesson", { bubbles: true, detail: lesson }));
    const why = make("button", { class: "why", type: "button", onclick: open }, text("why"));
    why.setAttribute("aria-label", text("why_about", { panel: text(`${panel}_title`) }));
    this.tools = make("span", { class: "tools" }, why);
    this.replaceChildren(
      make("section", { class: "panel", "aria-labelledby": `${panel}-title` },
        make("div", { class: "head" }, make("h2", { id: `${panel}-title` }, text(`${panel}_title`)), this.tools),
        make("p", { class: "hint" }, text(`${panel}_hint`)),
        this.body),
    );
    this.prepare();
    this.schedule();
  }

  /**
   * Add a button that shows a table in place of the chart.
   * @param {() => Cells} rows
   */
  addTable(rows) {
    const button = make("button", { class: "why", type: "button", "aria-pressed": "false" }, text("table"));
    button.addEventListener("click", () => {
      this.isTable = !this.isTable;
      button.setAttribute("aria-pressed", String(this.isTable));
      this.schedule();
    });
    this.isTable = false;
    this.rows = rows;
    this.tools.prepend(button);
  }

  /** Return the table behind the chart. */
  table() {
    const [head, ...rows] = this.rows();
    const cells = (/** @type {Cells[0]} */ row, /** @type {string} */ tag) => make("tr", {}, ...row.map((cell) => make(tag, {}, cell)));
    const body = make("tbody", {}, ...rows.map((row) => cells(row, "td")));
    const inside = make("table", {}, make("thead", {}, cells(head, "th")), body);
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("table") }, inside);
  }

  prepare() {}
  changed(/** @type {string} */ _) {
    this.schedule();
  }

  /** Draw in the next frame; several calls draw once. Nothing is drawn while the page is hidden. */
  schedule() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      if (this.body) this.redraw();
    });
  }

  redraw() {}
}

/** Runs a function again and again for the newest request: while it works, only the newest of others is kept. */
export class Newest {
  constructor(/** @type {(...request: any[]) => Promise<void>} */ work) {
    this.work = work;
    /** @type {any[] | null} */ this.next = null;
    this.isBusy = false;
  }

  async ask(/** @type {any[]} */ ...request) {
    this.next = request;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.next) {
      const now = this.next;
      this.next = null;
      try {
        await this.work(...now);
      } catch (error) {
        if (error.isPassing) continue; // a recording that grows has it later
        store.problem = error;
        store.tell("problem");
      }
    }
    this.isBusy = false;
  }
}
