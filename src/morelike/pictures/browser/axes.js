// The axes of a chart: from data to pixels, ticks, and titles. Logarithmic axes count in powers of ten.

const FONT = 12;

function dataRange(options, values, { zero = false, pad = 0 }) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  let low = Math.min(...known);
  let high = Math.max(...known);
  if (!known.length) [low, high] = [0, 1];
  const bound = zero || options.rangemode === "tozero";
  if (bound) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === high) [low, high] = [low - (bound ? 0 : 0.5 * Math.abs(low) || 0.5), high + (0.5 * Math.abs(high) || 0.5)];
  const margin = pad * (high - low);
  return [bound && low === 0 ? 0 : low - margin, bound && high === 0 ? 0 : high + margin];
}

// An axis without its place: `values` are all the numbers along it. `set(from, to)` gives it its pixels.
function makeAxis(options, values, how = {}) {
  const log = options.type === "log";
  const measure = log ? (value) => (value > 0 ? Math.log10(value) : NaN) : (value) => (value === null ? NaN : value);
  let range = options.range ? [...options.range] : dataRange(options, values.map(measure), how);
  if (options.autorange === "reversed") range = [Math.max(...range), Math.min(...range)];
  const axis = { options, log, measure, range, titles: options.title?.text || "" };
  axis.set = (from, to) => {
    axis.from = from;
    axis.to = to;
    axis.place = (raw) => from + ((raw - axis.range[0]) / (axis.range[1] - axis.range[0] || 1)) * (to - from);
    axis.at = (value) => axis.place(measure(value));
  };
  return axis;
}

// Extends a vertical axis to whole ticks, so that the first and the last tick stand at its ends.
function roundOut(axis, count) {
  const { options, log } = axis;
  if (options.range || options.tickvals || log || options.autorange === "reversed") return;
  const [low, high] = axis.range;
  const step = niceStep(high - low, count);
  axis.range = [Math.floor(low / step + 1e-6) * step, Math.ceil(high / step - 1e-6) * step];
}

// Returns the ticks of an axis: their raw places and texts, at most `count`.
function ticksOf(axis, count) {
  const { options, log } = axis;
  const [low, high] = [Math.min(...axis.range), Math.max(...axis.range)];
  if (options.tickvals) {
    return options.tickvals.map((value, i) => ({ raw: axis.measure(value), text: plain(options.ticktext[i]) }));
  }
  if (log) return logTicks(low, high, count).map((raw) => ({ raw, text: short(10 ** raw, 1) }));
  const step = Math.max(niceStep(high - low, count), options.dtick || 0);
  const raws = multiples(low, high, step);
  const texts = tickTexts(raws, step, options.tickformat);
  return raws.map((raw, i) => ({ raw, text: texts[i] }));
}

// Whether the texts of two neighbouring ticks have no gap between them.
function touching(axis, a, b) {
  return axis.place(b.raw) - axis.place(a.raw) < (textWidth(a.text, FONT) + textWidth(b.text, FONT)) / 2 + 9;
}

// Ends the ticks of a run at its last step.
function withLastStep(axis, ticks) {
  const end = axis.range[1];
  const { rangemode, tickvals } = axis.options;
  if (rangemode !== "tozero" || tickvals || !ticks.length || ticks.at(-1).raw >= end) return ticks;
  const last = { raw: end, text: formatNumber(Math.round(end), ",") };
  const crowded = ticks.length > 1 && touching(axis, ticks.at(-1), last);
  return [...(crowded ? ticks.slice(0, -1) : ticks), last];
}

// Ticks of a horizontal axis whose texts do not touch: three or more, if there is room for them.
function horizontalTicks(axis, width) {
  const most = Math.max(2, Math.floor(width / 75));
  const counts = Array.from({ length: 2 * most + 1 }, (_, i) => (i <= most ? most + i : 2 * most - i));
  const choices = counts.filter((count) => count >= 1).map((count) => withLastStep(axis, ticksOf(axis, count)));
  const clear = choices.filter((ticks) => ticks.every((tick, i) => !i || !touching(axis, ticks[i - 1], tick)));
  const enough = clear.filter((ticks) => ticks.length > 2);
  const best = enough.filter((ticks) => ticks.length <= most + 2).sort((a, b) => b.length - a.length)[0] || enough[0];
  return best || aroundZero(axis, clear[0] || choices.at(-1));
}

// Three ticks, of which zero is the middle one, for a narrow axis on both sides of zero.
function aroundZero(axis, ticks) {
  const reach = Math.min(-axis.range[0], axis.range[1]);
  if (axis.log || axis.options.tickvals || reach <= 0) return ticks;
  const power = 10 ** Math.floor(Math.log10(reach));
  const value = [5, 2, 1].find((factor) => factor * power <= reach) * power;
  const found = [-value, 0, value].map((raw) => ({ raw, text: short(raw, 1).replace("-", "−") }));
  const room = (axis.place(value) - axis.place(0)) - textWidth(found[0].text, FONT) / 2;
  return room > 14 ? found : [found[0], found[2]];
}

function drawHorizontalAxis(parent, axis, plot) {
  const { options } = axis;
  if (options.visible === false) return;
  for (const { raw, text } of horizontalTicks(axis, plot.width)) {
    const at = axis.place(raw);
    if (options.showgrid !== false) {
      element(parent, "line", { x1: at, x2: at, y1: plot.top, y2: plot.bottom, class: "gridline" });
    }
    const half = textWidth(text, FONT) / 2;
    const x = Math.min(Math.max(at, plot.edgeLeft + half), plot.edgeRight - half);
    label(parent, x, plot.bottom + 17, text).classList.add("xtick");
  }
  if (axis.titles) {
    const title = label(parent, plot.right, plot.bottom + 36, plain(axis.titles), { anchor: "end" });
    title.classList.add("xtitle");
  }
}

function drawVerticalAxis(parent, axis, plot, ticks) {
  const { options } = axis;
  if (options.visible === false) return;
  for (const { raw, text } of ticks) {
    const at = axis.place(raw);
    if (options.showgrid !== false) {
      element(parent, "line", { x1: plot.left, x2: plot.right, y1: at, y2: at, class: "gridline" });
    }
    const shown = cut(text, plot.left - plot.edgeLeft - 8, FONT);
    const made = label(parent, plot.left - 8, at + 4, shown, { anchor: "end", role: options.tickvals ? "ink" : "soft" });
    made.classList.add("ytick");
    if (shown !== text) element(made, "title", {}, text);
  }
  if (axis.titles) {
    const title = label(parent, plot.edgeLeft, plot.top - 16, plain(axis.titles), { anchor: "start" });
    title.classList.add("ytitle");
  }
}
