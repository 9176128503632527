// The marks of turned knobs on the chart of the loss: a shape and a label for each.

import { draw } from "../dom.js";
import { store } from "../store.js";
import { number, rate, text } from "../texts.js";

/** @type {Record<string, string>} the shape of each knob: a triangle, a square and a ring */
const SHAPES = {
  learning_rate: "m0,-5l5,9h-10z",
  batch_size: "m-4,-4h8v8h-8z",
  temperature: "m-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
};
const [ROW, LETTER] = [17, 6.6]; // pixels

/** Return what a turn changed, as words. */
export function turned(/** @type {Turn} */ { name, value }) {
  if (name === "learning_rate") return text("turned_rate", { value: rate(value) });
  if (name === "batch_size") return text("turned_batch", { value: number(value, 0) });
  return text("turned_temperature", { value: number(value, 1) });
}

/**
 * Return a line, a shape and a label for each turn; the labels of one knob do not lie on each other.
 * @param {{ right: number, x: (step: number) => number }} box
 * @param {number} top
 * @param {number} bottom
 */
export function marks({ right, x }, top, bottom) {
  return Object.keys(SHAPES).flatMap((name, row) => {
    const turns = store.knobs.filter((each) => each.name === name);
    const y = top + 6 + row * ROW;
    return turns.flatMap((turn, i) => {
      const [at, label] = [x(turn.step), turned(turn)];
      const end = i + 1 < turns.length ? x(turns[i + 1].step) - 6 : right;
      const hasRoom = at + 8 + LETTER * label.length <= end;
      const isLeft = !hasRoom && i + 1 === turns.length;
      return [
        draw("line", { class: "knob", x1: at, x2: at, y1: top, y2: bottom }),
        draw("path", { class: `knob-sign ${name}`, d: `M${at},${y}${SHAPES[name]}` }),
        hasRoom || isLeft
          ? draw("text", { class: "tick knob-label", x: at + (isLeft ? -8 : 8), y: y + 4, "text-anchor": isLeft ? "end" : "start" }, label)
          : null,
      ].filter(Boolean);
    });
  });
}
