// The view of a name maker: wishes, a batch of words, and the kept ones.

import { make } from "../dom.js";

const PANELS = ["wishes", "batch", "kept"];

await Promise.all(PANELS.map((name) => import(`./${name}.js`)));
document.getElementById("view-make").append(...PANELS.map((name) => make(`make-${name}`)));
