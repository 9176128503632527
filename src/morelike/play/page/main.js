// The page begins here: its texts, the state of the server, and the newest run.

import { get } from "./api.js";
import { begin } from "./begin.js";
import { openLesson } from "./lesson.js";
import { store } from "./store.js";
import { loadTexts, number, text } from "./texts.js";

const chosen = new URLSearchParams(location.search).get("lang");

async function start() {
  store.server = await get("/api/state");
  await loadTexts(chosen && chosen in store.server.languages ? chosen : store.server.language);
  await Promise.all(["controls", "list", "loss", "heat", "words", "timeline", "inside/views", "knobs/knobs"].map((name) => import(`./${name}.js`)));
  document.addEventListener("lesson", (event) => openLesson(/** @type {CustomEvent} */ (event).detail));
  store.addEventListener("evaluated", speak);
  addEventListener("keydown", key);
  const [newest] = store.server.runs;
  if (newest) store.open(newest);
  else await begin({});
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
