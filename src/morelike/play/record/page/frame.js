// The page in a notebook begins here: the widget around it hands recordings over, and later ones while the run learns.

import { data } from "../api.js";
import { Recording, unpack } from "./recording.js";

/** @type {Recording | null} */ let recording = null;
let newest = ""; // what came last; older ones that wait are left out
let isBusy = false;

async function take() {
  isBusy = true;
  for (let packed = ""; packed !== newest; ) {
    packed = newest;
    const recorded = await unpack(packed);
    if (recording) recording.grow(recorded);
    else {
      data.source = recording = new Recording(recorded);
      await import("../main.js");
    }
  }
  isBusy = false;
}

addEventListener("message", (event) => {
  if (event.source !== parent || typeof event.data !== "string" || !event.data) return;
  newest = event.data;
  if (!isBusy) take();
});
parent.postMessage("ready", "*"); // a frame without an origin of its own: the parent knows it by its window
