// What the page asks for, of its server or of a recording. Errors are sentences.

import { speak, text } from "./texts.js";

/** @type {Source} The server as the source of the page. A recording is another one: see `record/recording.js`. */
const server = {
  isLive: true,
  get: async (path) => answer(await reach(path, {})),
  post: async (path, body, method) => {
    const headers = { "Content-Type": "application/json" };
    return answer(await reach(path, { method, headers, body: JSON.stringify(body) }));
  },
  file: async (path) => {
    const response = await reach(path, {});
    return response.ok ? response.blob() : answer(response);
  },
  listen(run, take, tell) {
    const events = new EventSource(`/api/runs/${encodeURIComponent(run)}/events`);
    events.onmessage = (message) => take(JSON.parse(message.data));
    events.onerror = () => tell("lost", events.readyState === EventSource.CLOSED);
    events.onopen = () => tell("found", false);
    return () => events.close();
  },
};

/** Where the data of the page come from. */
export const data = { source: server };

/**
 * Return the answer to a GET request.
 * @param {string} path
 * @param {Json} [query]
 * @returns {Promise<any>}
 */
export function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return data.source.get(search ? `${path}?${search}` : path);
}

/**
 * Return the answer to a POST request, or to a PUT request.
 * @param {string} path
 * @param {Json} body
 * @param {"POST" | "PUT"} [method]
 * @returns {Promise<any>}
 */
export function post(path, body, method = "POST") {
  return data.source.post(path, body, method);
}

/** Let the page speak a language. */
export async function loadTexts(/** @type {string} */ language) {
  speak(language, await get(`/page/texts/${encodeURIComponent(language)}.json`));
}

async function reach(/** @type {string} */ path, /** @type {RequestInit} */ options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Gone(text("gone"));
  }
}

async function answer(/** @type {Response} */ response) {
  const found = await response.json();
  if (!response.ok) throw Object.assign(new Error(found.error), { status: response.status, found });
  return found;
}

/** The server does not answer any more. */
export class Gone extends Error {}
