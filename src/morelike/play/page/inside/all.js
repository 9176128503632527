// The panels that look inside a model, in their order; they are loaded when the view is first opened.

import { make } from "../dom.js";

const PANELS = [
  "word", "embedding", "attention", "counts", "next", "states", "unit", "health", "memory", "guess", "lens", "graph",
];

await Promise.all(PANELS.map((name) => import(`./${name}.js`)));
document.getElementById("view-inside").append(...PANELS.map((name) => make(`inside-${name}`)));
