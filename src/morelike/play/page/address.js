// The settings of the page in its address, and back: list, kind, settings, seed, word, look, language; the view is the hash.

import { data, get } from "./api.js";
import { begin } from "./begin.js";
import { store } from "./store.js";
import { text } from "./texts.js";

const PAUSE = 300; // milliseconds between two changes of the address: browsers refuse more than a few a second
const LONGEST = 200; // characters of a word in the address
const OWN = ["word", "look", "lang", "token"]; // all others are settings of the run
const STEP = /^\d{1,9}$/;
let look = 0; // the step that the address asked for, until it is there
/** @type {number | undefined} */ let waiting;

/** Write what the page shows into its address. The token is never in it. */
export function reflect() {
  clearTimeout(waiting);
  const run = store.run;
  if (!run || !data.source.isLive) return;
  const isShipped = store.server.lists.some(({ id }) => id === run.list);
  const shown = {
    ...(isShipped ? { list: run.list } : {}), kind: run.kind, ...run.settings, ...(run.seed ? { seed: run.seed } : {}),
    ...(store.word ? { word: store.word.slice(0, LONGEST) } : {}), ...(store.chosen === null ? {} : { look: store.chosen }),
    lang: document.documentElement.lang,
  };
  history.replaceState(null, "", `?${new URLSearchParams(/** @type {any} */ (shown))}${location.hash}`);
}

/** Show what the address asks for: a run that is there already, or a new one. What makes no sense is left out. */
export async function follow() {
  const asked = new URLSearchParams(location.search);
  const leftOut = [...refused(asked)];
  const settings = Object.fromEntries([...asked].filter(([name]) => !OWN.includes(name)));
  let wanted = {};
  if (data.source.isLive && Object.keys(settings).length) {
    const found = await get("/api/address", settings);
    wanted = found.run;
    leftOut.push(...found.left_out);
  }
  const there = store.server.runs.find((run) => fits(run, wanted));
  if (there) store.open(there);
  else await begin(wanted);
  if (!store.run && store.server.runs.length) store.open(store.server.runs[0]); // the settings do not go together
  if (asked.get("word")) store.write(asked.get("word").slice(0, 5000));
  if (STEP.test(asked.get("look") ?? "")) {
    look = Number(asked.get("look"));
    for (const change of ["looks", "status"]) store.addEventListener(change, choose);
  }
  if (leftOut.length) complain(leftOut);
  for (const change of ["run", "chosen", "word", "language"]) store.addEventListener(change, later);
  later();
}

/** The parts of the address that are for the page itself and make no sense. */
function* refused(/** @type {URLSearchParams} */ asked) {
  const shown = (/** @type {string} */ name) => `${name} = ${asked.get(name).slice(0, 40)}`;
  if (asked.has("lang") && !(asked.get("lang") in store.server.languages)) yield shown("lang");
  if (asked.has("look") && !STEP.test(asked.get("look"))) yield shown("look");
}

/** Whether a run has the wanted settings. */
function fits(/** @type {Run} */ run, /** @type {Json} */ { list, kind, seed, settings }) {
  return (!list || run.list === list) && (!kind || run.kind === kind) && (seed === undefined || run.seed === seed)
    && (!settings || sorted(settings) === sorted(run.settings));
}

function sorted(/** @type {Json} */ settings) {
  return JSON.stringify(Object.entries(settings).map(([name, value]) => `${name}=${value}`).sort());
}

/** Go to the look of the address as soon as it is there. */
function choose() {
  const isThere = store.looks.includes(look);
  if (!isThere && store.status !== "finished") return;
  for (const change of ["looks", "status"]) store.removeEventListener(change, choose);
  if (isThere) store.choose(look);
  else complain([`look = ${look}`]);
}

/** Say in one sentence what the address asked for in vain. */
function complain(/** @type {string[]} */ names) {
  store.problem = new Error(text("address_left_out", { names: names.join(", ") }));
  store.tell("problem");
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(reflect, PAUSE);
}
