// What the page asks for, of its server or of a recording. Errors are sentences.

import { said, speak, text } from "./texts.js";

const SENTENCES = ["error", "refused", "note", "sentence", "advice", "what", "where"];

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
    events.onmessage = (message) => take(read(message.data));
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
  const files = ["texts", "sentences"].map((folder) => get(`/page/${folder}/${encodeURIComponent(language)}.json`));
  const [found, ofServer] = await Promise.all(files);
  speak(language, found, ofServer);
}

async function reach(/** @type {string} */ path, /** @type {RequestInit} */ options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Gone(text("gone"));
  }
}

async function answer(/** @type {Response} */ response) {
  const found = read(await response.text());
  if (!response.ok) throw Object.assign(new Error(found.error), { status: response.status, found });
  if (found.refused) throw new Refused(found.refused, found.unfit);
  return found;
}

/**
 * Return a value that the server sent as JSON, with its sentences in the language of the page.
 * @param {string} json
 * @returns {any}
 */
export function read(json) {
  return JSON.parse(json, (key, value) => (typeof value === "string" && SENTENCES.includes(key) ? said(value) : value));
}

/** Why a panel shows nothing; `isUnfit` if the kind of the model cannot have it, whatever the word and the look. */
export class Refused extends Error {
  constructor(/** @type {string} */ sentence, /** @type {boolean} */ isUnfit) {
    super(sentence);
    this.isUnfit = isUnfit;
  }
}

/** The server does not answer any more. */
export class Gone extends Error {}
