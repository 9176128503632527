// A recording as the source of the page: the events of one run, and the answers of the server at some of its looks.

import { read, Refused } from "../api.js";
import { text } from "../texts.js";

/**
 * @typedef {{ events: RunEvent[], answers: Json, looks: Record<string, Record<string, Record<string, Json>>>,
 *   words: string[], seeds: number, layer: string, isComplete: boolean }} Recorded
 *   `looks` has, by panel, query and step, what the server answered.
 */

/** Return what was packed: base64 of compressed JSON. */
export async function unpack(/** @type {string} */ packed) {
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return /** @type {Promise<Recorded>} */ (new Response(stream).json());
}

/** What a recording does not hold; it may hold it later if the run still learns. */
class Missing extends Error {
  isPassing = false;
}

/** @implements {Source} */
export class Recording {
  isLive = false;

  constructor(/** @type {Recorded} */ recorded) {
    this.recorded = recorded;
    /** @type {((events: RunEvent[]) => void) | null} */ this.take = null;
  }

  get words() {
    return this.recorded.words;
  }

  /** Take a later state of the recording of a run that still learns. */
  grow(/** @type {Recorded} */ recorded) {
    const known = new Set(this.recorded.events.map((event) => JSON.stringify(event))); // a look may be recorded late
    this.recorded = recorded;
    this.take?.(recorded.events.filter((event) => event.type === "status" || !known.has(JSON.stringify(event))));
  }

  listen(/** @type {string} */ _, /** @type {(events: RunEvent[]) => void} */ take) {
    this.take = take;
    take(this.recorded.events);
    return () => {
      this.take = null;
    };
  }

  /** @returns {Promise<any>} */
  async post() {
    throw new Error(text("recorded_server"));
  }

  async get(/** @type {string} */ path) {
    const [, address, search] = /^([^?]*)\??(.*)$/s.exec(path);
    const query = Object.fromEntries(new URLSearchParams(search));
    const [, step, panel] = /^\/api\/runs\/[^/]+\/looks\/(\w+)\/(\w+)$/.exec(address) ?? [];
    if (panel) return this.panel(panel, step, query);
    const [, several] = /^\/api\/runs\/[^/]+\/over-time\/(\w+)$/.exec(address) ?? [];
    if (!several) return this.recorded.answers[path] ?? this.refuse();
    const { steps, ...more } = query;
    return { looks: steps.split(",").map((each) => this.panel(several, each, more)) };
  }

  panel(/** @type {string} */ name, /** @type {string} */ step, /** @type {Json} */ { count, guesses, temperature: _, ...query }) {
    const kept = this.find(name, step, query);
    if (!kept) return this.refuse();
    const found = read(JSON.stringify(kept)); // in the language of the page
    if (found.refused) throw new Refused(found.refused, found.unfit);
    if (count) return { ...found, words: found.words.slice(0, Number(count)) }; // each word has random numbers of its own
    return guesses ? { ...found, person: bounds(guesses.split(",").map(Number)) } : found;
  }

  find(/** @type {string} */ name, /** @type {string} */ step, /** @type {Json} */ query) {
    const { looks, layer, seeds } = this.recorded;
    const kept = looks[name] ?? {};
    if (kept[""]?.[""]) return kept[""][""]; // this kind of model cannot have the panel
    if ("seed" in query) query.seed = String(query.seed % seeds);
    if (query.layer === layer) query.layer = "";
    const order = Object.keys(query).sort().map((each) => `${each}=${query[each]}`).join("&");
    const steps = kept[order] ?? {};
    return steps[step] ?? near(steps, step === "last" ? Infinity : Number(step));
  }

  /** @returns {never} */
  refuse() {
    const { words, isComplete } = this.recorded;
    const missing = new Missing(isComplete ? text("recorded_missing", { words: words.join(", ") }) : text("recorded_later"));
    missing.isPassing = !isComplete;
    throw missing;
  }
}

/** The answer at the nearest step before this one, or at the first; a note names the step. */
function near(/** @type {Record<string, Json>} */ steps, /** @type {number} */ step) {
  const known = Object.keys(steps).map(Number);
  if (!known.length) return steps.last;
  const nearest = known.findLast((each) => each <= step) ?? known[0];
  const found = steps[nearest];
  const note = [found.note, step === Infinity ? null : text("recorded_step", { step: nearest })].filter(Boolean).join("; ");
  return { ...found, note };
}

/** Shannon's bounds on a person's bits per character, as the server computes them from numbers of guesses. */
function bounds(/** @type {number[]} */ guesses) {
  const share = (/** @type {number} */ rank) => guesses.filter((each) => each === rank).length / guesses.length;
  let [low, high] = [0, 0];
  for (let rank = 1; rank <= Math.max(...guesses); rank += 1) {
    const q = share(rank);
    low += rank * (q - share(rank + 1)) * Math.log2(rank);
    if (q) high -= q * Math.log2(q);
  }
  return { guesses, low: Math.max(low, 0), high: Math.max(high, 0) };
}
