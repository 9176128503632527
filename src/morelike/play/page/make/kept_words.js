// The words that a person starred, rejected or edited. They live in the folder of the run, and several pages may change them.

import { get, post } from "../api.js";
import { store } from "../store.js";

/** @type {Kept} */
const NONE = { starred: [], rejected: [], edited: [], version: 0 };

/** Return the address of a route of this view for a run. */
export function address(/** @type {string} */ name, run = store.run) {
  return `/api/runs/${encodeURIComponent(run.id)}/make/${name}`;
}

/** The state on the server and the changes that it does not have yet: they are repeated if another page was first. */
class KeptWords {
  saved = NONE;
  /** @type {Change[]} */ changes = [];

  /** The state with all changes. */
  get now() {
    return this.changes.reduce((kept, change) => change(kept), this.saved);
  }

  /** Read the state of the run that is shown. */
  async load() {
    const run = store.run;
    if (!run) return;
    const found = await get(address("kept"));
    if (store.run === run && !this.changes.length) this.take(found);
  }

  forget() {
    this.changes = [];
    this.take(NONE);
  }

  take(/** @type {Kept} */ kept) {
    this.saved = kept;
    store.tell("kept");
  }

  /** Show a change at once, and save it. Return whether another page had changed the words. */
  async change(/** @type {Change} */ change) {
    this.changes.push(change);
    store.tell("kept");
    if (this.isBusy) return false;
    this.isBusy = true;
    try {
      return await this.save(store.run);
    } finally {
      this.isBusy = false;
    }
  }

  async save(/** @type {Run} */ run) {
    let wasLate = false;
    while (this.changes.length && store.run === run) {
      const count = this.changes.length;
      try {
        const saved = await post(address("kept", run), this.now, "PUT");
        if (store.run !== run) break;
        this.changes.splice(0, count);
        this.take(saved);
      } catch (error) {
        if (store.run !== run) break;
        if (error.status !== 409) {
          if (error.status) this.changes.splice(0, count); // refused for good
          store.tell("kept");
          throw error;
        }
        wasLate = true;
        const { error: _, ...newest } = error.found;
        this.take(newest);
      }
    }
    return wasLate;
  }
}

export const keptWords = new KeptWords();

/**
 * Return the state with a word in one of the lists, or in none.
 * @param {Kept} kept
 * @param {string} word
 * @param {"" | "starred" | "rejected"} list
 * @returns {Kept}
 */
export function placed(kept, word, list) {
  const place = (/** @type {"starred" | "rejected"} */ name) => {
    if (name === list) return kept[name].includes(word) ? kept[name] : [...kept[name], word];
    return kept[name].filter((each) => each !== word);
  };
  return { ...kept, starred: place("starred"), rejected: place("rejected") };
}

/**
 * Return in which list a word is.
 * @param {Kept} kept
 * @param {string} word
 */
export function placeOf(kept, word) {
  return kept.starred.includes(word) ? "starred" : kept.rejected.includes(word) ? "rejected" : "";
}
