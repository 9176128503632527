// The two views of the page: watch the model learn, or look inside it. The hash of the address names the view.

import { make } from "../dom.js";
import { store } from "../store.js";
import { text } from "../texts.js";

const INSIDE = "#inside";

class Views extends HTMLElement {
  connectedCallback() {
    addEventListener("hashchange", () => this.show());
    store.addEventListener("language", () => this.build());
    this.build();
    this.show();
  }

  build() {
    this.watch = make("a", { href: "#watch" }, text("view_watch"));
    this.inside = make("a", { href: INSIDE }, text("view_inside"));
    this.replaceChildren(make("nav", { "aria-label": text("views") }, this.watch, this.inside));
    this.mark();
  }

  async show() {
    const isInside = location.hash === INSIDE;
    store.view = isInside ? "inside" : "watch";
    const main = document.getElementById("view-inside");
    main.hidden = !isInside;
    document.getElementById("view-watch").hidden = isInside;
    this.mark();
    if (isInside) await import("./all.js");
    store.tell("view");
  }

  mark() {
    const isInside = store.view === "inside";
    this.inside.toggleAttribute("aria-current", isInside);
    this.watch.toggleAttribute("aria-current", !isInside);
    (isInside ? this.inside : this.watch).setAttribute("aria-current", "page");
  }
}

customElements.define("play-views", Views);
