// Beginning a run: the settings of the last one, with changes.

import { post } from "./api.js";
import { store } from "./store.js";

/**
 * Begin a run and show it.
 * @param {Json} changes
 */
export async function begin(changes) {
  const now = store.run;
  const settings = { list: now?.list_id ?? now?.list ?? "names", kind: now?.kind ?? "gru", quick: true, seed: now?.seed ?? 0 };
  const given = changes.kind && changes.kind !== now?.kind ? {} : now?.settings; // another kind has other settings
  try {
    if (["training", "paused", "starting"].includes(store.status)) await command({ command: "stop" });
    const run = await post("/api/runs", { ...settings, settings: given ?? {}, ...changes });
    store.problem = null;
    store.open(run);
  } catch (error) {
    store.problem = error;
    store.tell("problem");
  }
}

/**
 * Send a command to the run that is shown.
 * @param {{ command: string } & Json} body
 */
export async function command(body) {
  try {
    await post(`/api/runs/${encodeURIComponent(store.run.id)}/command`, body);
    store.problem = null;
  } catch (error) {
    store.problem = error;
  }
  store.tell("problem");
}
