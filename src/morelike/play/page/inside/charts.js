// Charts of the inside: a map of numbers on a canvas, and bars beside their names.

import { make } from "../dom.js";
import { mixed } from "../heat.js";
import { sign } from "./look.js";

const [LEFT, TOP] = [22, 18];

/**
 * Paint a map of numbers between -most and most: blue above zero, orange below. Return the size of a cell.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width in CSS pixels
 * @param {number} height
 * @param {{ rows: string[], columns: string[], values: (number | null)[][], most?: number, row?: number, column?: number }} map
 */
export function paintMap(canvas, width, height, map) {
  const { rows, columns, values, most = 1, row = -1, column = -1 } = map;
  const ratio = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  const [ink, none, above, below] = ["--ink", "--cold", "--blue", "--orange"].map((name) => style.getPropertyValue(name).trim());
  const [w, h] = [(width - LEFT - 2) / columns.length, (height - TOP - 2) / rows.length];
  values.forEach((line, i) => line.forEach((value, j) => {
    context.fillStyle = mixed(none, value < 0 ? below : above, Math.min(Math.abs(value ?? 0) / (most || 1), 1));
    context.fillRect(LEFT + j * w, TOP + i * h, w + 0.4, h + 0.4);
  }));
  context.fillStyle = ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.max(Math.min(h * 0.85, 14), 7)}px ui-monospace, monospace`;
  if (h >= 6) rows.forEach((name, i) => context.fillText(sign(name), LEFT / 2, TOP + (i + 0.5) * h));
  const size = Math.max(Math.min(w * 0.95, 14), columns.some((name) => /\d\d/.test(name)) ? 11 : 7); // a number may be wider than its column
  context.font = `${size}px ui-monospace, monospace`;
  columns.forEach((name, j) => (name.length > 1 || w >= 6) && context.fillText(sign(name), LEFT + (j + 0.5) * w, TOP / 2));
  context.strokeStyle = ink;
  context.lineWidth = 2;
  if (row >= 0) context.strokeRect(LEFT, TOP + row * h, width - LEFT - 2, h);
  if (column >= 0) context.strokeRect(LEFT + column * w, TOP, w, height - TOP - 2);
  return { left: LEFT, top: TOP, width: w, height: h };
}

/** A bar whose length is a share of the row. */
export function bar(/** @type {number} */ share, kind = "") {
  const inside = make("span", { class: `length ${kind}` });
  inside.style.width = `${Math.max(Math.min(share, 1), 0) * 100}%`;
  return make("span", { class: "track", "aria-hidden": "true" }, inside);
}
