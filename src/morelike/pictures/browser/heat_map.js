// Heat maps of characters. If the cells have no room, the map is wider than the page and its row labels stay in view.

const LEAST_CELL = 28; // pixels; a narrower cell has no room for a count
const LEAST_LETTER_CELL = 16;
const LEAST_ROW = 19;
const LEAST_SIZE = 7; // pixels; smaller text cannot be read

const SCALE_HEIGHT = 34;

function drawColourBar(svg, trace, left, width) {
  const { tickvals, ticktext, title } = trace.colorbar;
  const bar = Math.min(200, 0.5 * width);
  const start = left;
  const stops = trace.colorscale.map(([, colour]) => colour);
  const steps = 24;
  for (let i = 0; i < steps; i += 1) {
    const rect = { x: start + (i * bar) / steps, y: 2, width: bar / steps + 0.5, height: 8 };
    const share = i / (steps - 1);
    paint(element(svg, "rect", rect), "fill", mixed(stops, share), mixed(stops.map((s) => IN_DARK[s] || s), share));
  }
  tickvals.forEach((value, i) => {
    const share = (value - trace.zmin) / (trace.zmax - trace.zmin);
    label(svg, start + share * bar, 23, ticktext[i], { size: 11 });
  });
  label(svg, start + bar + 16, 12, title.text, { anchor: "start", size: 11 });
}

// A text that fits a width: smaller, or a box in place of a code point that would be too small to read.
function fitted(text, width, size) {
  const fitting = Math.min(size, (size * width) / textWidth(text, size));
  return fitting < LEAST_SIZE ? { text: "□", size } : { text, size: Number(fitting.toFixed(1)) };
}

// The columns up to the last cell that is not empty: short words leave the others to wider cells.
function usedColumns(trace) {
  return Math.max(...trace.z.map((row) => row.findLastIndex((value) => value !== null) + 1));
}

// Returns the width and the height of a cell. A map of pairs that is given a height fills its place.
function cellSize(figure, room, height) {
  const [trace] = figure.data;
  const columns = usedColumns(trace);
  if (figure.layout.meta !== "pairs") return [Math.max(LEAST_LETTER_CELL, Math.min(38, room / columns)), 34];
  const least = trace.texttemplate ? LEAST_CELL : 11;
  const cell = Math.max(least, Math.min(height ? Infinity : 44, room / columns));
  return [cell, height ? Math.max(height / trace.z.length, Math.min(least, LEAST_ROW)) : cell];
}

// Returns the values of a scale from 0 to 1, and NaN for an empty cell.
function shares(trace) {
  const known = trace.z.flat().filter((value) => value !== null);
  const [low, high] = [trace.zmin ?? Math.min(...known), trace.zmax ?? Math.max(...known)];
  return trace.z.map((row) => row.map((value) => (value === null ? NaN : (value - low) / (high - low || 1))));
}

function drawCells(svg, figure, [left, top], [cell, tall], targets) {
  const [trace] = figure.data;
  const stops = trace.colorscale.map(([, colour]) => colour);
  const inDark = stops.map((colour) => IN_DARK[colour] || colour);
  const size = figure.layout.meta === "pairs" ? Math.min(12, 0.36 * cell, 0.6 * tall) : Math.min(15, 0.75 * cell);
  shares(trace).forEach((row, r) => {
    row.forEach((share, c) => {
      if (Number.isNaN(share)) return;
      const [light, dark] = [mixed(stops, share), mixed(inDark, share)];
      const [x, y] = [left + c * cell, top + r * tall];
      const gap = trace.xgap ? 1 : 0;
      const rect = element(svg, "rect", { x: x + gap, y: y + gap, width: cell - 2 * gap, height: tall - 2 * gap, rx: 2 });
      paint(rect, "fill", light, dark).classList.add("mark");
      targets.push({ box: [x, y, x + cell, y + tall], trace, i: r * row.length + c });
      const text = trace.texttemplate ? trace.text[r][c] : "";
      if (!text) return;
      const shown = fitted(plain(text), cell - 3, size);
      const made = label(svg, x + cell / 2, y + tall / 2 + 0.36 * shown.size, shown.text, { ...shown, role: "on-mark" });
      paint(made, "fill", inkOn(light), inkOn(dark));
    });
  });
}

// "bits per character" in two lines of like length.
function titleLines(axis) {
  const words = plain(axis.title?.text || "").split(" ");
  return [words.slice(0, -1).join(" "), words.at(-1)];
}

// The labels of the rows, in an SVG of their own that stays where it is while the map is scrolled.
function drawRowLabels(svg, figure, left, top, tall, height) {
  const { yaxis } = figure.layout;
  element(svg, "rect", { x: 0, y: 0, width: left - 4, height, class: "backdrop" });
  yaxis.tickvals.forEach((row, i) => {
    const made = label(svg, left - 10, top + (row + 0.5) * tall + 4, plain(yaxis.ticktext[i]), { anchor: "end" });
    made.classList.add("ytick");
  });
  if (figure.layout.meta !== "pairs" && yaxis.title?.text) {
    titleLines(yaxis).forEach((line, i) => {
      label(svg, left - 10, 10 + 13 * i, line, { anchor: "end", size: 11 }).classList.add("ytitle");
    });
  }
}

function drawHeatMap(svg, labels, figure, room, height) {
  const [trace] = figure.data;
  const pairs = figure.layout.meta === "pairs";
  const { xaxis, yaxis, annotations = [] } = figure.layout;
  const texts = [...yaxis.ticktext.map(plain), ...(pairs ? [] : titleLines(yaxis))];
  const left = Math.ceil(Math.max(18, ...texts.map((text) => textWidth(text, FONT)))) + 14;
  const top = pairs ? 24 : SCALE_HEIGHT;
  const [cell, tall] = cellSize(figure, room - left, height && height - top - 8);
  const titled = annotations.map((note) => textWidth(plain(note.text), 13, 600));
  const width = left + Math.max(cell * usedColumns(trace), Math.min(room - left, Math.max(0, ...titled)));
  const total = top + tall * trace.z.length + 4;
  const targets = [];
  drawCells(svg, figure, [left, top], [cell, tall], targets);
  if (trace.colorbar && trace.showscale !== false) drawColourBar(svg, trace, left, Math.min(room, width) - left);
  for (const note of annotations) {
    label(svg, left, top + (note.y + 0.5) * tall + 5, plain(note.text), { anchor: "start", size: 13, role: "ink", weight: 600 });
  }
  if (xaxis.visible !== false) {
    xaxis.tickvals.forEach((column, i) => {
      const shown = fitted(plain(xaxis.ticktext[i]), cell - 3, FONT);
      label(svg, left + (column + 0.5) * cell, top - 8, shown.text, shown).classList.add("xtick");
    });
  }
  drawRowLabels(labels, figure, left, top, tall, total);
  return { width, height: total, labelWidth: left, targets, plot: { top, bottom: total } };
}
