// Where the story begins: the list, its alphabet, its duplicates and leaks.

import { data, get, post } from "./api.js";
import { make, word } from "./dom.js";
import { Panel } from "./panel.js";
import { begin } from "./begin.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

const LETTERS = 40;

class ListPanel extends Panel {
  static panel = "list";
  static lesson = 10;
  static changes = ["run"];

  prepare() {
    this.choice = make("select", { id: "list-choice", onchange: () => this.choose(this.choice.value) });
    const label = make("label", { class: "unseen", for: "list-choice" }, text("list_choose"));
    const paste = make("button", { type: "button", onclick: () => this.openPaste() }, text("list_paste"));
    this.facts = make("div", { class: "facts", tabindex: "0", role: "region", "aria-label": text("list_title") });
    this.body.append(make("div", { class: "row" }, label, this.choice, paste), this.facts);
    this.fillChoice();
    if (!this.canDrop) {
      this.canDrop = true;
      addEventListener("dragover", (event) => event.preventDefault());
      addEventListener("drop", (event) => {
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file) this.read(file);
        else this.add(event.dataTransfer?.getData("text/plain") ?? "", "");
      });
    }
  }

  fillChoice() {
    const lists = [...(store.server?.lists ?? []), ...store.pasted];
    if (store.list && !lists.some((each) => each.id === store.list.id)) lists.push(store.list);
    const options = lists.map(({ id, name }) => make("option", { value: id }, name));
    this.choice.replaceChildren(...options);
    if (store.list) this.choice.value = store.list.id;
  }

  async changed() {
    const run = store.run;
    if (!run) return;
    if (store.list?.run !== run.id) {
      const found = await get(`/api/lists/${encodeURIComponent(run.list_id ?? run.list)}`).catch(/** @returns {null} */ () => null);
      if (store.run !== run) return; // an answer about an earlier run, which comes late
      store.list = found && { ...found, run: run.id };
      store.tell("list");
    }
    this.fillChoice();
    this.schedule();
  }

  redraw() {
    const facts = store.list;
    if (!facts) return;
    const sentences = [text("list_lines", { lines: facts.lines, distinct: facts.distinct, symbols: facts.symbols })];
    if (facts.splits.dev) sentences.push(text("list_splits", facts.splits));
    const warnings = [];
    if (facts.leaks.dev + facts.leaks.test) warnings.push(text("list_leaks", facts.leaks));
    if (facts.lines > facts.distinct) warnings.push(text("list_duplicates", { count: facts.lines - facts.distinct }));
    if (facts.few) warnings.push(text("list_few"));
    if (facts.many_symbols) warnings.push(text("list_many_symbols"));
    const examples = facts.examples.flatMap((each, i) => (i ? [", ", word(each)] : [word(each)]));
    this.facts.replaceChildren(
      ...sentences.map((each) => make("p", {}, each)),
      make("p", { class: "examples" }, ...examples, " …"),
      ...warnings.map((each) => make("p", { class: "warning" }, each)),
      ...(data.source.isLive ? [] : [make("p", { class: "quiet" }, this.licences())]),
      make("h3", {}, text("list_alphabet")),
      this.alphabet(facts.alphabet.slice(0, LETTERS)),
    );
  }

  /** Under which licences a recording may be passed on. */
  licences() {
    const { licence, version } = store.server;
    return `${licence ? text("recorded_licence", { licence }) : text("recorded_own")} ${text("recorded_by", { version })}`;
  }

  /** The letters with a bar for each: how often it stands in the list. */
  alphabet(/** @type {[string, number][]} */ counts) {
    const most = Math.max(...counts.map(([, count]) => count), 1);
    return make("ol", { class: "alphabet" }, ...counts.map(([letter, count]) => {
      const bar = make("span", { class: "bar" });
      bar.style.height = `calc((100% - 18px) * ${count / most})`; // 18 pixels for the letter
      const label = text("list_letter", { letter, count });
      return make("li", { title: label }, bar, make("span", { "aria-hidden": "true" }, word(letter)),
        make("span", { class: "unseen" }, number(count, 0)));
    }));
  }

  openPaste() {
    if (!data.source.isLive) return this.refuse(text("recorded_server"));
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("paste"));
    const area = make("textarea", { id: "pasted", rows: "12", spellcheck: "false", autocapitalize: "none" });
    const file = make("input", { type: "file", id: "file", accept: ".txt,.csv,.tsv,text/plain" });
    const problem = make("p", { class: "warning", role: "alert" });
    file.addEventListener("change", () => file.files[0] && this.read(file.files[0], dialog, problem));
    const take = () => this.add(area.value, "", dialog, problem);
    dialog.replaceChildren(
      make("h2", { id: "paste-title" }, text("paste_title")),
      make("label", { for: "pasted" }, text("paste_hint")), area,
      make("label", { for: "file" }, text("paste_file")), file, problem,
      make("div", { class: "row end" },
        make("button", { type: "button", onclick: () => dialog.close() }, text("cancel")),
        make("button", { type: "button", class: "main", onclick: take }, text("paste_take"))),
    );
    dialog.showModal();
    area.focus();
  }

  /**
   * @param {File} file
   * @param {HTMLDialogElement} [dialog]
   * @param {HTMLElement} [problem]
   */
  async read(file, dialog, problem) {
    if (file.size > store.server.most_bytes) {
      this.refuse(text("paste_large", { bytes: store.server.most_bytes }), problem);
      return;
    }
    await this.add(await file.text(), file.name.replace(/\.[^.]*$/, ""), dialog, problem);
  }

  /**
   * @param {string} words
   * @param {string} name
   * @param {HTMLDialogElement} [dialog]
   * @param {HTMLElement} [problem]
   */
  async add(words, name, dialog, problem) {
    try {
      const found = await post("/api/lists", { text: words, name });
      store.pasted = [...store.pasted.filter((each) => each.id !== found.id), { id: found.id, name: found.name }];
      dialog?.close();
      await this.choose(found.id);
    } catch (error) {
      this.refuse(error.message, problem);
    }
  }

  refuse(/** @type {string} */ sentence, /** @type {HTMLElement} */ problem = undefined) {
    if (problem) problem.textContent = sentence;
    else {
      store.problem = new Error(sentence);
      store.tell("problem");
    }
  }

  async choose(/** @type {string} */ id) {
    await begin({ list: id });
  }
}

customElements.define("play-list", ListPanel);
