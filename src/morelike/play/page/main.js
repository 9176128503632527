// The page begins here: its texts, the state of the server, and the newest run.

import { data, get, loadTexts } from "./api.js";
import { follow } from "./address.js";
import { openLesson } from "./lesson.js";
import { store } from "./store.js";
import { number, text } from "./texts.js";

const chosen = new URLSearchParams(location.search).get("lang");

async function start() {
  store.server = await get("/api/state");
  await loadTexts(chosen && chosen in store.server.languages ? chosen : store.server.language);
  const parts = ["controls", "list", "loss", "heat", "words", "timeline", "share", "inside/views"];
  if (data.source.isLive) parts.push("knobs/knobs");
  await Promise.all(parts.map((name) => import(`./${name}.js`)));
  document.addEventListener("lesson", (event) => openLesson(/** @type {CustomEvent} */ (event).detail));
  store.addEventListener("evaluated", speak);
  addEventListener("keydown", key);
  await follow();
}

/** Tell a screen reader how the model does, at each evaluation. */
function speak() {
  const last = store.evaluations.at(-1);
  if (!last) return;
  document.getElementById("spoken").textContent = text("spoken", { step: last.step, loss: number(last.dev, 2) });
}

/** Space pauses and goes on, unless the keyboard is used by an element, or by the view in which words are made. */
function key(/** @type {KeyboardEvent} */ event) {
  if (event.key !== " " || store.view === "make" || event.target !== document.body || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  /** @type {any} */ (document.querySelector("play-controls")).togglePause();
}

start();
