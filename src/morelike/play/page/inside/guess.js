// Guess the next letter: a person against the model and the counts, as Shannon did in 1951.

import { make } from "../dom.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { letter, LookPanel } from "./look.js";

/** @extends {LookPanel<Guess>} */
class GuessPanel extends LookPanel {
  static panel = "guess";
  static lesson = 4;
  static source = "guess";
  /** @type {number[]} */ guesses = []; // of all letters of all words so far

  controls() {
    this.shown = make("p", { class: "guessed", "aria-live": "polite" });
    this.said = make("p", { class: "quiet", role: "status" });
    this.input = make("input", { id: "guess-letter", type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none" });
    this.input.addEventListener("input", () => this.input.value && this.take([...this.input.value].at(-1)));
    this.end = make("button", { type: "button", onclick: () => this.take("") }, text("guess_end"));
    this.other = make("button", { type: "button", onclick: () => this.begin() }, text("guess_other"));
    if (!this.secret) this.begin();
    this.tell("");
    return [this.shown, make("div", { class: "row" }, make("label", { for: "guess-letter" }, text("guess_letter")), this.input, this.end, this.other), this.said];
  }

  changed(/** @type {string} */ change) {
    if (change === "run") this.guesses = [];
    if (change === "run" || change === "list") this.begin();
    super.changed(change);
  }

  /** Take another word of the list. */
  begin() {
    const words = (store.list?.examples ?? []).filter((each) => [...each].length < 16);
    this.secret = [...(words[Math.floor(Math.random() * words.length)] ?? "")];
    this.place = 0;
    this.tried = new Set();
    this.isOver = false;
    this.tell("");
    this.load.ask();
    this.schedule();
  }

  /** Take a guess; "" is the end of the word. */
  take(/** @type {string} */ symbol) {
    this.input.value = "";
    if (this.isOver || !this.secret.length || this.tried.has(symbol)) return;
    this.tried.add(symbol);
    if (symbol !== (this.secret[this.place] ?? "")) return this.tell(text("guess_wrong", { letter: symbol || "⏎", tried: this.tried.size }));
    this.guesses.push(this.tried.size);
    this.tell(text("guess_right", { tried: this.tried.size }));
    this.place += 1;
    this.tried = new Set();
    this.isOver = this.place > this.secret.length;
    this.tell(this.said.textContent);
    this.load.ask();
  }

  tell(/** @type {string} */ sentence) {
    if (!this.shown) return;
    this.shown.replaceChildren(...this.secret.slice(0, this.place).map(letter), this.isOver ? "⏎" : "▁");
    this.said.textContent = sentence;
    this.end.disabled = this.input.disabled = this.isOver || !this.secret.length;
  }

  /** Nothing is asked before the end: the answer would tell the word. */
  query() {
    return this.isOver ? { word: this.secret.join(""), guesses: this.guesses.join(",") } : null;
  }

  paint() {
    if (!this.isOver) return this.chart.replaceChildren();
    this.chart.replaceChildren(this.table());
  }

  cells() {
    const { models, person, symbols } = this.answer;
    const mine = this.guesses.slice(-symbols.length);
    const bits = person ? `${number(person.low, 1)}–${number(person.high, 1)}` : "";
    return [[text("guess_who"), text("guess_needed"), text("guess_bits")],
      [text("guess_you"), mine.join(" "), bits],
      ...models.map((each) => [each.name === "this model" ? text("guess_model") : text(`mark_${each.name}`), each.guesses.join(" "),
        number(each.total_bits / each.bits.length, 2)])];
  }
}

customElements.define("inside-guess", GuessPanel);
