// The batch of words on the table, what may be done with a word, and the way back.

import { post } from "../api.js";
import { visible } from "../dom.js";
import { store } from "../store.js";
import { text } from "../texts.js";
import { address, keptWords, placed, placeOf } from "./kept_words.js";

class Bench {
  /** @type {import("./wishes.js").WishesPanel} */ wishes = null;
  sentence = "";
  isProblem = false;
  isBusy = false;
  /** @type {string[]} */ words = null; // null before the first batch
  row = 0;
  /** @type {(() => void)[]} */ past = []; // each takes an action back
  /** @type {Map<string, Made>} */ facts = new Map(); // of all words seen
  /** @type {Map<string, Checked>} */ checks = new Map();

  /** Forget the words of the last run. */
  forget() {
    this.words = null;
    this.isBusy = false;
    this.past = [];
    this.facts.clear();
    this.checks.clear();
    this.say("");
  }

  /** Tell a person what happened, or what is wrong. */
  say(/** @type {string} */ sentence, isProblem = false) {
    this.sentence = sentence;
    this.isProblem = isProblem;
    store.tell("said");
  }

  /** Run a task, and tell its error as a sentence. */
  async try(/** @type {() => Promise<any>} */ task) {
    try {
      return await task();
    } catch (error) {
      this.say(error.message, true);
      return null;
    }
  }

  /** Ask the server for a batch, near a word if one is given, and show it. */
  async ask(/** @type {string} */ route, /** @type {Json} */ body, near = "") {
    const run = store.run;
    if (this.isBusy) return;
    this.isBusy = true;
    this.say(text("make_busy"));
    const found = await this.try(() => post(address(route, run), body));
    this.isBusy = false;
    store.tell("said");
    if (!found || store.run !== run) return;
    const { words, row } = this;
    if (words) this.past.push(() => this.show(words, row));
    this.learn(found.words);
    this.show(found.words.map((/** @type {Made} */ each) => each.word), 0);
    const about = this.words.length ? text("make_about", { count: this.words.length, step: found.step }) : "";
    this.say([near && `≈ ${visible(near)} –`, about, found.note].filter(Boolean).join(" "), !about);
    await this.check(this.words, false);
  }

  learn(/** @type {Made[]} */ words) {
    for (const each of words) this.facts.set(each.word, each);
  }

  show(/** @type {string[]} */ words, /** @type {number} */ row) {
    this.words = words;
    this.row = row;
    store.tell("batch");
  }

  /** Ask for the figures of words that have none yet. */
  async score(/** @type {string[]} */ words) {
    const run = store.run;
    const unknown = words.filter((word) => !this.facts.has(word));
    if (!unknown.length) return;
    const found = await post(address("score", run), { words: unknown });
    if (store.run !== run) return;
    this.learn(found.words);
    store.tell("batch");
  }

  /** Look words up in the lists that a person chose. */
  async check(/** @type {string[]} */ words, isTold = true) {
    const against = this.wishes.against();
    this.checks.clear();
    const found = against && words.length ? await this.try(() => post(address("check"), { words, ...against })) : null;
    for (const each of found?.words ?? []) this.checks.set(each.word, each);
    store.tell("batch");
    const bad = [...this.checks.values()].filter((each) => each.in.length + each.blocked_by.length).length;
    if (found && (isTold || bad)) this.say(text("make_checked", { bad, count: words.length }));
  }

  /**
   * Change the kept words; `back` takes it back.
   * @param {Change} change
   * @param {Change | null} back
   * @param {string} sentence
   * @param {() => void} [also] what else is taken back
   */
  async keep(change, back, sentence, also) {
    this.say(sentence);
    if (back) {
      this.past.push(() => {
        also?.();
        this.keep(back, null, text("make_undone"));
      });
    }
    if (await this.try(() => keptWords.change(change))) this.say(text("make_late"));
  }

  /** Put a word into one of the lists, or out of it if it is there. */
  place(/** @type {string} */ word, /** @type {"starred" | "rejected"} */ list) {
    const before = placeOf(keptWords.now, word);
    const after = before === list ? "" : list;
    this.keep((kept) => placed(kept, word, after), (kept) => placed(kept, word, before), `${visible(word)} – ${text(`make_is_${after || "free"}`)}`);
  }

  /** Replace a word of the batch by another spelling, which is starred. Return whether the model can read it. */
  async edit(/** @type {number} */ row, /** @type {string} */ to) {
    const [words, from] = [this.words, this.words[row]];
    const isRead = await this.try(async () => (await this.score([to])) ?? true);
    if (!isRead || this.words !== words) return false;
    const place = placeOf(keptWords.now, from);
    this.show(words.with(row, to), row);
    await this.keep(
      (kept) => ({ ...placed(placed(kept, from, ""), to, "starred"), edited: [...kept.edited, { from, to }] }),
      (kept) => ({ ...placed(placed(kept, to, ""), from, place), edited: kept.edited.filter((each) => each.from !== from || each.to !== to) }),
      `${visible(to)} – ${text("make_is_starred")}`,
      () => this.show(words, row));
    return true;
  }

  /** Take the last action back. */
  undo() {
    const back = this.past.pop();
    if (!back) return;
    this.say(text("make_undone"));
    back();
  }
}

export const bench = new Bench();
