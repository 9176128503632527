// Requests to the server of this page. Its errors are sentences.

import { text } from "./texts.js";

/**
 * Return the answer to a GET request.
 * @param {string} path
 * @param {Json} [query]
 * @returns {Promise<any>}
 */
export async function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return answer(await reach(search ? `${path}?${search}` : path, {}));
}

/**
 * Return the answer to a POST request, or to a PUT request.
 * @param {string} path
 * @param {Json} body
 * @param {"POST" | "PUT"} [method]
 * @returns {Promise<any>}
 */
export async function post(path, body, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  return answer(await reach(path, { method, headers, body: JSON.stringify(body) }));
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
