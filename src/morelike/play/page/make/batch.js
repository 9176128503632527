// The batch: a grid of words that is used by mouse, by touch, or by keyboard alone.

import { make, visible, word } from "../dom.js";
import { Panel } from "../panel.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { isCopied, marked } from "../words.js";
import { bench } from "./bench.js";
import { ACTIONS, commandOf, showKeys } from "./keys.js";
import { keptWords, placeOf } from "./kept_words.js";
import { finding, letters } from "./letters.js";

class BatchPanel extends Panel {
  static panel = "batch";
  static lesson = 3;
  static changes = ["run", "view", "looks", "status", "batch", "kept", "said"];
  /** @type {HTMLTableRowElement[]} */ lines = [];
  /** @type {Run} */ run = null;
  asked = "";
  isEditing = false;

  prepare() {
    this.said = make("p", { class: "said", role: "status" });
    this.grid = make("div", { class: "scroll made", onfocusin: (/** @type {any} */ { target }) => this.follow(target) });
    const another = make("button", { class: "main", form: "wishes" }, text("make_batch"));
    this.undo = make("button", { type: "button", onclick: () => bench.undo() }, text("make_undo"));
    const keys = make("button", { type: "button", onclick: showKeys }, text("make_keys"));
    this.body.append(make("div", { class: "row" }, another, this.undo, keys, this.said), this.grid);
    if (!this.listens) addEventListener("keydown", (event) => this.key(event));
    this.listens = true;
    this.begin();
  }

  changed(/** @type {string} */ change) {
    if (change === "run") {
      bench.forget();
      keptWords.forget();
    }
    this.begin();
    this.schedule();
  }

  /** Read the kept words of the run, and ask for the first batch as soon as the run has a look. */
  begin() {
    if (store.view !== "make" || !store.run || !this.grid) return;
    if (this.run !== store.run) {
      this.run = store.run;
      this.asked = "";
      bench.try(() => keptWords.load());
    }
    const ready = store.status === "finished" ? "at the end" : store.looks.length ? "early" : "";
    if (!ready || bench.isBusy || [ready, "at the end"].includes(this.asked)) return;
    const isTouched = this.asked && bench.past.length; // words of the finished model take the place of untouched ones alone
    this.asked = ready;
    if (isTouched) return;
    bench.words = null;
    bench.wishes.batch();
  }

  redraw() {
    this.said.textContent = bench.sentence;
    this.said.classList.toggle("problem", bench.isProblem);
    this.undo.disabled = !bench.past.length;
    this.grid.setAttribute("aria-busy", String(bench.isBusy));
    if (this.isEditing) return; // until the person has finished
    const active = this.grid.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    const top = this.grid.scrollTop;
    if (!bench.words?.length) this.lines = [];
    if (!bench.words?.length) return this.grid.replaceChildren(make("p", { class: "quiet" }, bench.words ? text("make_none") : text("words_none")));
    const heads = ["heat_word", "make_bits", "make_nearest"].map((name) => make("th", { scope: "col" }, text(name)));
    this.lines = bench.words.map((each, i) => this.rowOf(bench.facts.get(each), i, placeOf(keptWords.now, each)));
    this.grid.replaceChildren(make("table", { role: "grid", "aria-label": text("batch_title") },
      make("thead", {}, make("tr", {}, ...heads, make("td"))), make("tbody", {}, ...this.lines)));
    this.grid.scrollTop = top;
    this.lines[bench.row].tabIndex = 0;
    if (active) this.goTo(bench.row, active.dataset.do);
  }

  rowOf(/** @type {Made} */ made, /** @type {number} */ i, /** @type {string} */ place) {
    const found = finding(bench.checks.get(made.word));
    const nearest = made.nearest ? `${made.nearest.word} (${made.nearest.distance})` : "–";
    const bits = made.bits === null ? "–" : number(made.bits, 1);
    const buttons = ACTIONS.map(({ key, name, sign, on, list }) => make("button", {
      type: "button", tabindex: -1, "data-do": name, title: `${text(`make_${name}`)} (${key.toUpperCase()})`,
      "aria-label": `${text(`make_${name}`)}: ${visible(made.word)}`, "aria-pressed": list && String(place === list), onclick: () => this.act(name, i),
    }, list && place === list ? on : sign));
    const label = [made.word, text(isCopied(made.mark) ? "words_copied" : "words_new"), `${bits} ${text("make_bits")}`,
      `${text("make_nearest")} ${nearest}`, place && text(`make_is_${place}`), found];
    return make("tr", { class: place, tabindex: -1, "aria-label": visible(label.filter(Boolean).join(", ")) },
      make("td", {}, marked(made.mark), letters(made)),
      make("td", {}, bits),
      make("td", {}, word(nearest), found && make("span", { class: "warning" }, ` ⚠ ${found}`)),
      make("td", {}, ...buttons));
  }

  /** Make the row with the focus the chosen one. */
  follow(/** @type {Element} */ target) {
    const row = this.lines.indexOf(target.closest("tr"));
    if (row < 0) return;
    this.lines[bench.row].tabIndex = -1;
    this.lines[row].tabIndex = 0;
    bench.row = row;
  }

  goTo(/** @type {number} */ row, name = "") {
    const target = this.lines[Math.max(0, Math.min(row, this.lines.length - 1))];
    /** @type {HTMLElement} */ (target.querySelector(`[data-do="${name}"]`) ?? target).focus();
  }

  /** Do what a button or a key says. */
  act(/** @type {string} */ name, row = bench.row) {
    if (name === "batch") return bench.wishes.batch();
    if (name === "undo") return bench.undo();
    if (name === "keys") return showKeys();
    const made = bench.words?.[row];
    if (made === undefined) return;
    bench.row = row;
    if (name === "star") bench.place(made, "starred");
    if (name === "reject") bench.place(made, "rejected");
    if (name === "near") bench.wishes.near(made);
    if (name === "edit") this.edit(row, made);
  }

  /** Put an input in the place of a word. */
  edit(/** @type {number} */ row, /** @type {string} */ from) {
    const input = make("input", { type: "text", value: from, maxlength: 5000, "aria-label": `${text("make_edit")}: ${visible(from)}`, spellcheck: "false" });
    this.isEditing = true;
    this.lines[row].cells[0].replaceChildren(input);
    input.focus();
    const end = async (/** @type {boolean} */ isKept) => {
      if (!this.isEditing) return;
      const to = isKept ? input.value.normalize("NFC").trim() || from : from;
      const isFocused = document.activeElement === input;
      this.isEditing = false; // a second end does nothing
      if (to !== from && !(await bench.edit(row, to))) {
        this.isEditing = input.isConnected; // the person may mend what the model cannot read
        return;
      }
      if (isFocused) this.lines[row].focus();
      this.schedule();
    };
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => ["Enter", "Escape"].includes(key) && end(key === "Enter"));
    input.addEventListener("blur", () => end(true));
  }

  key(/** @type {KeyboardEvent} */ event) {
    const isDone = this.moves(event) || this.presses(event);
    if (isDone) event.preventDefault();
  }

  presses(/** @type {KeyboardEvent} */ event) {
    const name = commandOf(event);
    if (name) this.act(name);
    return name;
  }

  /** The arrow keys go from word to word, and from button to button. */
  moves(/** @type {any} */ { key, target }) {
    const isOutside = target === document.body;
    if (!bench.words?.length || this.isEditing || store.view !== "make" || !(isOutside || this.grid.contains(target))) return false;
    const parts = [this.lines[bench.row], ...this.lines[bench.row].querySelectorAll("button")];
    const part = Math.max(parts.indexOf(target), 0);
    /** @type {Record<string, number>} */ const asides = { ArrowRight: 1, ArrowLeft: -1 };
    /** @type {Record<string, number>} */ const rows = { ArrowDown: bench.row + (isOutside ? 0 : 1), ArrowUp: bench.row - 1, Home: 0, End: this.lines.length - 1 };
    const [aside, row] = [asides[key], rows[key]];
    if (aside) parts[Math.max(0, Math.min(part + aside, parts.length - 1))].focus();
    else if (row !== undefined) this.goTo(row, parts[part].dataset.do);
    return aside || row !== undefined;
  }
}

customElements.define("make-batch", BatchPanel);
