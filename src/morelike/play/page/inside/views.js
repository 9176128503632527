// The views of the page, one at a time: watch the model learn, look inside it, or make words. The hash of the address names the view.

import { data } from "../api.js";
import { make } from "../dom.js";
import { store } from "../store.js";
import { text } from "../texts.js";

/** Each view is a `main` element; all but the first load `NAME/all.js` when they are first opened. */
const VIEWS = ["watch", "inside", "race", "break", "make"];
const NEEDING_NO_SERVER = ["watch", "inside"];

class Views extends HTMLElement {
  connectedCallback() {
    this.views = data.source.isLive ? VIEWS : NEEDING_NO_SERVER;
    addEventListener("hashchange", () => this.show());
    store.addEventListener("language", () => this.build());
    this.build();
    this.show();
  }

  build() {
    this.links = this.views.map((name) => make("a", { href: `#${name}`, onclick: (/** @type {Event} */ event) => this.go(event, name) }, text(`view_${name}`)));
    this.replaceChildren(make("nav", { "aria-label": text("views") }, ...this.links));
    this.mark();
  }

  /** A frame of a notebook has no address whose hash could change. */
  go(/** @type {Event} */ event, /** @type {string} */ name) {
    if (location.protocol !== "about:") return;
    event.preventDefault();
    this.show(name);
  }

  async show(asked = location.hash.slice(1)) {
    store.view = this.views.includes(asked) ? asked : this.views[0];
    for (const name of this.views) document.getElementById(`view-${name}`).hidden = name !== store.view;
    this.mark();
    if (store.view !== this.views[0]) await import(`../${store.view}/all.js`);
    store.tell("view");
  }

  mark() {
    document.body.dataset.view = store.view;
    for (const [i, link] of this.links.entries()) {
      if (this.views[i] === store.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

customElements.define("play-views", Views);
