// The page: makes words, scores a word, shows what comes next. Words are text nodes only.

const SLICE = 40; // milliseconds of work before the page may answer
const MOST_BARS = 12;
let payload = null, texts = {}, language = "en", model = null, run = 0;

const byId = (id) => document.getElementById(id);

/** Return an element with attributes and children; strings become text nodes. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Return a word as text: isolated from the direction of its surroundings, with control characters made visible. */
const shown = (word) => make("bdi", {}, word.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
  (character) => `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`));

/** Return the text of a name; `{key}` in it is replaced by a value. */
const text = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

const number = (value, digits = 0) => new Intl.NumberFormat(language,
  { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const percent = (share) => new Intl.NumberFormat(language, { style: "percent", maximumSignificantDigits: 3 }).format(share);

/** Return a table with a bar in each row: [name, figure, share of the longest bar]. */
function barTable(caption, figure, rows) {
  const head = make("tr", {}, ...[caption, figure, ""].map((title) => make(title ? "th" : "td", title ? { scope: "col" } : {}, title)));
  const body = rows.map(([name, value, share]) => {
    const bar = make("div", { class: "bar" });
    bar.style.width = `${100 * share}%`;
    return make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "number" }, value), make("td", {}, bar));
  });
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
}

const character = (token) => (token === END ? text("end") : shown(model.characters[token - 1]));

/** Show what `show` returns, or which character the model does not know. */
function fill(id, show) {
  let content;
  try {
    content = show();
  } catch (error) {
    if (error.character === undefined) throw error;
    content = [unknown(error.character)];
  }
  byId(id).replaceChildren(...content);
}

function unknown(found) {
  const [before, after] = text("unknown", { character: "\n" }).split("\n");
  return make("p", { class: "warn" }, before, shown(found), after);
}

const typed = (id) => byId(id).value.normalize("NFC");

function showScore() {
  const word = typed("word").trim();
  fill("score", () => {
    if (word === "") return [];
    const bits = model.surprisals(word).map((nats) => nats / Math.LN2), most = Math.max(...bits);
    const total = bits.reduce((sum, each) => sum + each, 0);
    const rows = [...model.encode(word), END].map((token, i) => [character(token), number(bits[i], 2), bits[i] / most]);
    const known = model.isKnown(word);
    return [
      make("p", {}, text("total", { bits: number(total, 2), mean: number(total / bits.length, 2) }),
        known === null ? null : ` ${text(known ? "known" : "not_known")}`),
      barTable(text("character"), text("bits"), rows),
    ];
  });
}

function showNext() {
  fill("next", () => {
    const shares = model.probabilities(typed("beginning").trimStart());
    const order = [...shares.keys()].sort((i, j) => shares[j] - shares[i]).slice(0, MOST_BARS);
    return [barTable(text("character"), text("probability"),
      order.map((token) => [character(token), percent(shares[token]), shares[token] / shares[order[0]]]))];
  });
}

function settings() {
  const between = (id, low, high) => Math.min(Math.max(Math.floor(byId(id).valueAsNumber) || low, low), high);
  return {
    count: between("count", 1, 1000), temperature: byId("temperature").valueAsNumber, topP: byId("top-p").valueAsNumber,
    prefix: typed("prefix").trimStart(), suffix: typed("suffix").trimEnd(),
    minimum: between("shortest", 1, 100), maximum: between("longest", 1, 100), onlyNew: byId("only-new").checked,
  };
}

/** Make words in slices of time, so that the page stays alive and can be told to stop. */
async function makeWords(event) {
  event?.preventDefault();
  const current = ++run, wanted = settings(), list = byId("words"), began = performance.now();
  let found = 0;
  list.replaceChildren();
  byId("stop").disabled = false;
  try {
    let slice = performance.now();
    for (const word of model.words(wanted)) {
      if (word !== undefined) {
        found++;
        list.append(make("li", {}, make("button", { type: "button", onclick: () => scoreWord(word) }, shown(word))));
      }
      if (performance.now() - slice > SLICE) {
        byId("status").textContent = text("making", { count: number(found) });
        await new Promise((resume) => setTimeout(resume));
        if (current !== run) return;
        slice = performance.now();
      }
    }
    const seconds = number((performance.now() - began) / 1000, 3);
    byId("status").textContent = text(found < wanted.count ? "too_few" : "made", { count: number(found), seconds });
  } catch (error) {
    if (error.character === undefined) throw error;
    byId("status").replaceChildren(unknown(error.character));
  }
  byId("stop").disabled = true;
}

function stop() {
  run++;
  byId("stop").disabled = true;
  byId("status").textContent = text("stopped");
}

function scoreWord(word) {
  byId("word").value = word;
  showScore();
  byId("word").scrollIntoView({ block: "nearest" });
}

function showCard() {
  const { facts, notes } = payload.card;
  const rows = facts.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, text(`card_${name}`)),
    make("td", {}, typeof value === "number" ? number(value) : shown(String(value)))));
  const losses = payload.card.losses.map(([part, nats, low, high]) => make("tr", {},
    make("th", { scope: "row" }, text("card_loss", { part: text(`part_${part}`) })),
    make("td", {}, text("loss", { nats: number(nats, 4), low: number(low, 4), high: number(high, 4) }))));
  byId("card").replaceChildren(make("table", {}, make("tbody", {}, ...rows, ...losses)),
    ...notes.map(([name, values]) => make("p", { class: name.startsWith("warning") ? "warn" : "soft" }, text(name, written(values)))));
}

/** Return values of a sentence as the language writes them: [number, decimals]. */
const written = (values) => Object.fromEntries(Object.entries(values).map(([key, [value, digits]]) => [key, number(value, digits)]));

function showRanges() {
  for (const output of document.querySelectorAll("output")) {
    output.textContent = number(byId(output.htmlFor.value).valueAsNumber, 2);
  }
}

function showTexts(name) {
  language = name;
  texts = payload.texts[name];
  document.documentElement.lang = name;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  const title = text("title", { list: "\n" }).split("\n");
  document.querySelector("h1").replaceChildren(title[0], shown(payload.title), title[1] ?? "");
  byId("only-new").disabled = model.known === null;
  byId("new-note").textContent = text(model.known === null ? "no_list" : "has_list");
  showRanges();
  showCard();
  showScore();
  showNext();
}

async function begin() {
  const { description, reader } = await unpack(byId("model").textContent);
  payload = description;
  model = new WordModel(description, reader);
  const names = Object.keys(payload.texts), chosen = navigator.languages.map((each) => each.slice(0, 2)).find((each) => names.includes(each));
  for (const name of names) byId("language").append(make("option", { value: name, lang: name }, payload.texts[name].name));
  byId("language").value = chosen ?? "en";
  byId("only-new").checked = model.known !== null;
  byId("language").addEventListener("change", () => {
    byId("status").replaceChildren();  // it is in the language before
    showTexts(byId("language").value);
  });
  byId("make").addEventListener("submit", makeWords);
  byId("stop").addEventListener("click", stop);
  byId("word").addEventListener("input", showScore);
  byId("beginning").addEventListener("input", showNext);
  for (const id of ["temperature", "top-p"]) byId(id).addEventListener("input", showRanges);
  showTexts(byId("language").value);
  await makeWords();
  document.body.dataset.ready = "true";
}

begin().catch((error) => {
  console.warn(error);
  document.querySelector("main").hidden = true;
  byId("failure").hidden = false;
  document.body.dataset.ready = "failed";
});
