// Passing a run on: the address of its settings, and the run as one file that replays without a server.

import { data } from "./api.js";
import { reflect } from "./address.js";
import { make } from "./dom.js";
import { store } from "./store.js";
import { text } from "./texts.js";

const MOST_WORDS = 8;
const SECONDS = 10;

class Share extends HTMLElement {
  connectedCallback() {
    store.addEventListener("language", () => this.build());
    this.build();
  }

  build() {
    if (!data.source.isLive) return;
    this.link = make("button", { type: "button", class: "why", onclick: () => this.copy() }, text("share_link"));
    this.file = make("button", { type: "button", class: "why", onclick: () => this.save() }, text("share_file"));
    this.replaceChildren(this.link, this.file);
  }

  async copy() {
    reflect();
    try {
      await navigator.clipboard.writeText(location.href);
      this.say(text("share_copied"));
    } catch {
      this.say(text("share_by_hand")); // the browser allows no copying: the address stands above
    }
  }

  /** Say a sentence in the place of the status, for a while or until another one. */
  say(/** @type {string} */ sentence, isPassing = true) {
    const said = new Error(sentence);
    store.problem = said;
    store.tell("problem");
    setTimeout(() => {
      if (store.problem !== said || !isPassing) return;
      store.problem = null;
      store.tell("problem");
    }, SECONDS * 1000);
  }

  /** Save the run that is shown, with the words that a person has typed. */
  async save() {
    if (!store.run) return;
    this.say(text("share_making"), false);
    this.file.disabled = true;
    try {
      const words = [...new Set([store.word, ...[...store.words].reverse()])].filter(Boolean).slice(0, MOST_WORDS);
      const query = new URLSearchParams({ words: words.join("\n"), language: document.documentElement.lang });
      const content = await data.source.file(`/api/runs/${encodeURIComponent(store.run.id)}/recording?${query}`);
      const link = make("a", { href: URL.createObjectURL(content), download: `${store.run.id}.html` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.say(text("share_saved"));
    } catch (error) {
      this.say(error.message);
    }
    this.file.disabled = false;
  }
}

customElements.define("play-share", Share);
