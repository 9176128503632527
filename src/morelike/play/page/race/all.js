// The view that compares: a race of runs, and the test of learning rates. It is loaded when it is first opened.

import { make } from "../dom.js";

await Promise.all([import("./race.js"), import("./rates.js")]);
document.getElementById("view-race").append(make("play-race"), make("play-rates"));
