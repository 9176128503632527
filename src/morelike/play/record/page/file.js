// The page of a recorded file begins here: it opens what is packed into the file, and asks no server.

import { data } from "../api.js";
import { Recording, unpack } from "./recording.js";

data.source = new Recording(await unpack(document.getElementById("recording").textContent));
await import("../main.js");
