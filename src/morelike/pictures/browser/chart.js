// Charts of points, lines and bars, drawn from a figure of plotly as wide as there is room.

const LEGEND_ROW = 22;
let charts = 0; // names of clip paths are unique on a page

const named = (trace) => trace.name && trace.showlegend !== false;

// The rows of a legend: entries with their places. Entries that have no room stand on the next row.
function legendEntries(figure, width) {
  const shown = figure.data.filter(named);
  if (shown.length < 2 || figure.layout.showlegend === false) return [];
  let [x, row] = [0, 0];
  return shown.map((trace) => {
    const text = cut(plain(trace.name), width - 30, FONT);
    const room = textWidth(text, FONT) + 28;
    if (x && x + room > width) [x, row] = [0, row + 1];
    const entry = { trace, text, x, row };
    x += room + 12;
    return entry;
  });
}

function drawLegend(parent, entries) {
  for (const { trace, text, x, row } of entries) {
    const y = row * LEGEND_ROW + 12;
    const colour = colourOf(trace);
    if (trace.type === "bar") {
      paint(element(parent, "rect", { x, y: y - 6, width: 16, height: 12, rx: 2 }), "fill", colour);
    } else {
      if (trace.mode.includes("lines")) polyline(parent, [[x, y], [x + 16, y]], { ...trace.line, width: 2.5 });
      if (trace.mode.includes("markers")) marker(parent, x + 8, y, 4, trace.marker?.symbol || "circle", colour);
    }
    label(parent, x + 22, y + 4, text, { anchor: "start", role: "ink" }).classList.add("legendtext");
  }
}

function colourOf(trace) {
  const colour = trace.marker?.color ?? trace.line?.color;
  return Array.isArray(colour) ? colour[0] : colour || trace.line?.color;
}

function barAxes(figure) {
  const bars = figure.data.filter((trace) => trace.type === "bar");
  const horizontal = bars.some((trace) => trace.orientation === "h");
  return { vertical: bars.length > 0 && !horizontal, horizontal };
}

// All numbers along an axis, with the ends of bars and of error bars.
function extent(figure, name) {
  return figure.data.flatMap((trace) => {
    const values = trace[name] || [];
    if (name === "y" && trace.orientation === "h") return values.flatMap((y) => [y - 0.5, y + 0.5]);
    if (name === "x" && trace.width) return values.flatMap((x, i) => [x - trace.width[i] / 2, x + trace.width[i] / 2]);
    if (name !== "x" || !trace.error_x) return values;
    const { array, arrayminus } = trace.error_x;
    return values.flatMap((x, i) => [x - arrayminus[i], x, x + array[i]]);
  });
}

function chartAxes(figure) {
  const { xaxis = {}, yaxis = {} } = figure.layout;
  const bars = barAxes(figure);
  const points = figure.data.some((trace) => trace.mode?.includes("markers") && !trace.mode.includes("lines"));
  const guides = (figure.layout.shapes || []).filter((shape) => shape.type === "line").map((shape) => shape.x0);
  const curves = figure.data.some((trace) => trace.mode?.includes("lines"));
  const padX = curves || bars.vertical || bars.horizontal ? 0 : points || guides.length ? 0.07 : 0;
  return {
    x: makeAxis(xaxis, [...extent(figure, "x"), ...guides], { zero: bars.horizontal, pad: padX }),
    y: makeAxis(yaxis, extent(figure, "y"), { zero: bars.vertical, pad: points ? 0.07 : 0 }),
  };
}

// Places the plot between its labels: `height` is that of the plot itself, or of the whole chart if `whole`.
function arrange(figure, axes, width, height, whole) {
  const entries = legendEntries(figure, width);
  const legend = entries.length ? (entries.at(-1).row + 1) * LEGEND_ROW + 6 : 0;
  const yShown = axes.y.options.visible !== false;
  const xShown = axes.x.options.visible !== false;
  const top = legend + (yShown && axes.y.titles ? 32 : 10);
  const below = xShown ? (axes.x.titles ? 44 : 26) : 4;
  const tall = whole ? Math.max(height - top - below, 80) : height;
  const count = Math.max(2, Math.floor(tall / 38));
  roundOut(axes.y, count);
  const ticks = yShown ? ticksOf(axes.y, count) : [];
  const widest = Math.max(0, ...ticks.map(({ text }) => textWidth(text, FONT)));
  const left = yShown ? Math.min(Math.ceil(widest) + 10, 0.42 * width) : 0;
  const right = width - (xShown ? 10 : 0);
  const plot = { left, right, top, bottom: top + tall, width: right - left, edgeLeft: 0, edgeRight: width };
  if (figure.layout.meta === "square") {
    const side = Math.min(plot.width, tall);
    plot.left += (plot.width - side) / 2;
    plot.edgeLeft = plot.left - left;
    plot.right = plot.left + side;
    plot.bottom = top + side;
    plot.width = side;
    equalUnits(axes);
  }
  axes.x.set(plot.left, plot.right);
  axes.y.set(plot.bottom, plot.top);
  return { plot, entries, ticks: yShown ? ticksOf(axes.y, count) : [], height: plot.bottom + below };
}

// One unit is as long on one axis as on the other.
function equalUnits(axes) {
  const spans = [axes.x, axes.y].map(({ range }) => Math.abs(range[1] - range[0]));
  const span = Math.max(...spans);
  [axes.x, axes.y].forEach((axis, i) => {
    const middle = (axis.range[0] + axis.range[1]) / 2;
    if (spans[i] < span) axis.range = [middle - span / 2, middle + span / 2];
  });
}

function drawBars(parent, traces, axes, targets) {
  const ends = new Map();
  for (const trace of traces) {
    const flat = trace.orientation === "h";
    const [along, across] = flat ? [axes.x, axes.y] : [axes.y, axes.x];
    const [values, places] = flat ? [trace.x, trace.y] : [trace.y, trace.x];
    places.forEach((place, i) => {
      const start = flat ? ends.get(place) || 0 : 0;
      ends.set(place, start + values[i]);
      const half = (trace.width ? trace.width[i] : flat ? 0.72 : 0.85) / 2;
      const [a, b] = [along.at(start), along.at(start + values[i])].sort((p, q) => p - q);
      const [c, d] = [across.at(place - half), across.at(place + half)].sort((p, q) => p - q);
      const [x, y, width, height] = flat ? [a, c, b - a, d - c] : [c, a, Math.max(d - c, 0.5), b - a];
      const bar = element(parent, "rect", { x, y, width, height, opacity: trace.marker.opacity });
      paint(bar, "fill", colourOf(trace)).classList.add("mark");
      targets.push({ box: [x, y, x + width, y + height], trace, i });
      if (!trace.texttemplate) return;
      const text = filled(trace.texttemplate, trace, i);
      if (textWidth(text, FONT) + 10 > width) return;
      const colour = colourOf(trace);
      const dark = IN_DARK[colour] || colour;
      const made = label(parent, x + width / 2, y + height / 2 + 4, text, { role: "on-mark" });
      paint(made, "fill", inkOn(colour), inkOn(dark));
    });
  }
}

function drawErrors(parent, trace, axes) {
  const { array, arrayminus, color } = trace.error_x;
  trace.x.forEach((x, i) => {
    const y = axes.y.at(trace.y[i]);
    const [low, high] = [axes.x.at(x - arrayminus[i]), axes.x.at(x + array[i])];
    for (const ends of [[[low, y], [high, y]], [[low, y - 5], [low, y + 5]], [[high, y - 5], [high, y + 5]]]) {
      polyline(parent, ends, { color, width: 2 });
    }
  });
}

function drawPoints(parent, trace, axes, plot, targets) {
  const points = trace.x.map((x, i) => [axes.x.at(x), axes.y.at(trace.y[i])]);
  if (trace.mode.includes("lines")) polyline(parent, points, trace.line || {});
  if (trace.error_x) drawErrors(parent, trace, axes);
  const sure = (value, i) => (Array.isArray(value) ? value[i] : value);
  if (trace.mode.includes("markers")) {
    points.forEach(([x, y], i) => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) return;
      const { size = 6, symbol = "circle", color } = trace.marker || {};
      marker(parent, x, y, size / 2, symbol, sure(color, i) || colourOf(trace));
    });
  }
  if (trace.mode.includes("text")) {
    const size = trace.textfont?.size || FONT;
    placeLabels(parent, points, trace.text, Math.min(size, 14), [plot.left, plot.top - 8, plot.right, plot.bottom + 8]);
  }
  if (trace.hoverinfo === "skip") return;
  points.forEach((point, i) => targets.push({ point, trace, i, line: trace.mode.includes("lines") }));
}

// Fills a template such as "step %{x:,.0f}: %{y:.4f}" with the values of a point.
function filled(template, trace, i) {
  const value = (name) => {
    const found = trace[name];
    return Array.isArray(found?.[0]) ? found.flat()[i] : Array.isArray(found) ? found[i] : found;
  };
  const text = template.replace(/<extra>.*/, "").replace(/%\{(\w+)(?::([^}]*))?\}/g, (_, name, format) => {
    const found = value(name);
    return typeof found === "number" ? formatNumber(found, format) : String(found ?? "");
  });
  return plain(text);
}

function drawShapes(parent, figure, axes, plot) {
  for (const shape of figure.layout.shapes || []) {
    const line = { color: shape.line.color, width: shape.line.width, dash: shape.line.dash };
    const y = (value) => (String(shape.yref).endsWith("domain") ? plot.bottom + value * (plot.top - plot.bottom) : axes.y.at(value));
    if (shape.type === "path") {
      const numbers = shape.path.replace(/(-?[\d.e-]+),(-?[\d.e-]+)/g, (_, a, b) => `${axes.x.at(+a)},${axes.y.at(+b)}`);
      const drawn = element(parent, "path", { d: numbers, fill: "none", "stroke-width": line.width });
      paint(drawn, "stroke", line.color);
    } else {
      const [x0, x1] = [axes.x.at(shape.x0), axes.x.at(shape.x1)];
      const [y0, y1] = [y(shape.y0), y(shape.y1)];
      const corners = shape.type === "rect" ? [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]] : [[x0, y0], [x1, y1]];
      polyline(parent, corners, line);
    }
  }
}

function drawAnnotations(parent, figure, axes, plot) {
  for (const note of figure.layout.annotations || []) {
    const x = axes.x.place(note.x);
    const y = String(note.yref).endsWith("domain") ? plot.bottom + note.y * (plot.top - plot.bottom) : axes.y.place(note.y);
    if (note.axref === "x") arrow(parent, [axes.x.place(note.ax), axes.y.place(note.ay)], [x, y], note.arrowcolor);
    if (!note.text) continue;
    const size = note.font?.size || FONT;
    const count = lines(note.text).length;
    const width = Math.max(...lines(note.text).map((line) => textWidth(plain(line), size)));
    const first = { top: size, bottom: -4 - (count - 1) * size * 1.3 }[note.yanchor] ?? size * 0.36;
    const anchor = { left: "start", right: "end" }[note.xanchor] || "middle";
    const left = { start: x, end: x - width, middle: x - width / 2 }[anchor];
    const shift = Math.max(plot.edgeLeft - left, 0) || Math.min(plot.edgeRight - left - width, 0);
    labelLines(parent, x + shift + (note.xshift || 0), y + first, note.text, { size, anchor });
  }
}

function drawChart(svg, figure, width, height, whole) {
  const axes = chartAxes(figure);
  const { plot, entries, ticks, height: total } = arrange(figure, axes, width, height, whole);
  drawLegend(svg, entries);
  drawVerticalAxis(svg, axes.y, plot, ticks);
  drawHorizontalAxis(svg, axes.x, plot);
  const clip = `clip-${(charts += 1)}`;
  const rect = { x: plot.left - 9, y: plot.top - 9, width: plot.width + 18, height: plot.bottom - plot.top + 18 };
  element(element(svg, "clipPath", { id: clip }), "rect", rect);
  const marks = element(svg, "g", { "clip-path": `url(#${clip})` });
  const targets = [];
  drawShapes(svg, figure, axes, plot);
  drawBars(marks, figure.data.filter((trace) => trace.type === "bar"), axes, targets);
  for (const trace of figure.data.filter(({ type }) => type !== "bar")) drawPoints(marks, trace, axes, plot, targets);
  drawAnnotations(svg, figure, axes, plot);
  return { height: total, plot, targets };
}
