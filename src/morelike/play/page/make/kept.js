// The kept words: starred ones with their figures, rejected ones in a fold, and the ways to take them along.

import { make, visible, word } from "../dom.js";
import { Panel } from "../panel.js";
import { store } from "../store.js";
import { number, text } from "../texts.js";
import { marked } from "../words.js";
import { bench } from "./bench.js";
import { address, keptWords } from "./kept_words.js";
import { finding, letters } from "./letters.js";

class KeptPanel extends Panel {
  static panel = "kept";
  static lesson = 10;
  static changes = ["run", "kept", "batch"];

  prepare() {
    this.ways = make("div", { class: "row" });
    this.words = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": text("kept_title") });
    this.body.append(this.words, this.ways);
    if (!this.listens) addEventListener("focus", () => store.view === "make" && bench.try(() => keptWords.load())); // another page may have changed them
    this.listens = true;
  }

  changed(/** @type {string} */ change) {
    if (change === "kept" && store.view === "make") bench.try(() => bench.score(keptWords.now.starred));
    this.schedule();
  }

  redraw() {
    const { starred, rejected, edited } = keptWords.now;
    const list = (/** @type {string[]} */ words, /** @type {"starred" | "rejected"} */ name) => (
      make("ul", { class: "plain kept" }, ...words.map((each) => this.item(each, name, edited.find(({ to }) => to === each)?.from))));
    const isOpen = this.words.querySelector("details")?.open ?? false;
    const hadFocus = this.words.contains(document.activeElement);
    this.words.replaceChildren(
      starred.length ? list(starred, "starred") : make("p", { class: "quiet" }, text("make_empty")),
      rejected.length ? make("details", { open: isOpen }, make("summary", {}, `${text("make_is_rejected")} (${number(rejected.length, 0)})`), list(rejected, "rejected")) : "");
    if (hadFocus) this.words.focus();
    this.ways.replaceChildren(...(starred.length ? this.exits(starred) : []));
  }

  /** The ways to take the starred words along. */
  exits(/** @type {string[]} */ starred) {
    const files = ["csv", "xlsx", "txt"].map((format) => (
      make("a", { class: "button", href: `${address("export")}?format=${format}`, download: "" }, format.toUpperCase())));
    return [make("button", { type: "button", onclick: () => this.copy(starred) }, text("make_copy")), text("make_export"), ...files];
  }

  item(/** @type {string} */ each, /** @type {"starred" | "rejected"} */ list, from = "") {
    const made = bench.facts.get(each);
    const name = text(list === "starred" ? "make_star" : "make_reject");
    const take = make("button", { type: "button", "aria-pressed": "true", "aria-label": `${name}: ${visible(each)}`, onclick: () => bench.place(each, list) }, list === "starred" ? "★" : "✕");
    const found = finding(bench.checks.get(each));
    return make("li", {}, take, ...(made ? [marked(made.mark), letters(made)] : [word(each)]),
      make("span", { class: "quiet" }, made?.bits ? number(made.bits, 1) : "", from && ` ← ${visible(from)}`),
      found && make("span", { class: "warning" }, `⚠ ${found}`));
  }

  async copy(/** @type {string[]} */ words) {
    const isDone = await bench.try(async () => (await navigator.clipboard.writeText(`${words.join("\n")}\n`)) ?? true);
    if (isDone) bench.say(text("make_copied", { count: words.length }));
  }
}

customElements.define("make-kept", KeptPanel);
