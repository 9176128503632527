// Elements of an SVG: text that is measured, colours for light and dark pages, and the marks of a picture.

const SVG = "http://www.w3.org/2000/svg";
const IN_DARK = JSON.parse(document.getElementById("dark-colours").textContent);
const canvas = document.createElement("canvas").getContext("2d");

function element(parent, name, attributes = {}, text = undefined) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// Colours an element. The style sheet chooses between the colours of a light and of a dark page.
function paint(node, property, light, dark = IN_DARK[light] || light) {
  node.classList.add(property);
  node.style.setProperty(`--${property}-light`, light);
  node.style.setProperty(`--${property}-dark`, dark);
  return node;
}

// Labels come with the few tags and entities that plotly reads. They are shown as text nodes.
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (text) => String(text).replace(/<\/?b>/g, "").replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);
const lines = (text) => String(text).split("<br>");

function textWidth(text, size, weight = 400) {
  canvas.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return canvas.measureText(text).width;
}

// Returns a text cut to a width in pixels, with an ellipsis.
function cut(text, width, size) {
  if (textWidth(text, size) <= width) return text;
  let end = text.length;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, size) > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

function label(parent, x, y, text, { size = 12, anchor = "middle", role = "soft", weight } = {}) {
  const attributes = { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, "font-size": size, class: `label label-${role}` };
  return element(parent, "text", { ...attributes, "font-weight": weight }, text);
}

// Several lines of text, of which bold ones stand in <b>. `y` is the place of the first baseline.
function labelLines(parent, x, y, text, { size = 12, anchor = "middle" } = {}) {
  lines(text).forEach((line, i) => {
    const weight = line.includes("<b>") ? 620 : 400;
    label(parent, x, y + i * size * 1.3, plain(line), { size, anchor, role: "ink", weight });
  });
}

function marker(parent, x, y, radius, symbol, colour) {
  const open = symbol.endsWith("-open");
  const r = radius.toFixed(1);
  const made = symbol.startsWith("diamond")
    ? element(parent, "path", { d: `M${x} ${y - radius - 1}l${r} ${r}l${-r} ${r}l${-r} ${-r}z` })
    : element(parent, "circle", { cx: x.toFixed(1), cy: y.toFixed(1), r });
  made.classList.add("mark");
  if (!open) return paint(made, "fill", colour);
  made.setAttribute("fill", "none");
  made.setAttribute("stroke-width", 2);
  return paint(made, "stroke", colour);
}

// A line through points. It is interrupted where a point is missing.
function polyline(parent, points, { color, width, dash }) {
  let pen = "M";
  const path = points.map(([x, y]) => {
    const drawn = Number.isFinite(x) && Number.isFinite(y) ? `${pen}${x.toFixed(1)} ${y.toFixed(1)}` : "";
    pen = drawn ? "L" : "M";
    return drawn;
  });
  const dashes = { dash: "7 4", dot: "2 4" }[dash];
  const attributes = { d: path.join(""), fill: "none", "stroke-width": width || 1.5, "stroke-dasharray": dashes };
  const made = element(parent, "path", { ...attributes, "stroke-linejoin": "round", "stroke-linecap": "round" });
  return paint(made, "stroke", color);
}

function arrow(parent, [x0, y0], [x1, y1], colour) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  polyline(parent, [[x0, y0], [x1 - 5 * dx, y1 - 5 * dy]], { color: colour, width: 1.5 });
  const [bx, by] = [x1 - 7 * dx, y1 - 7 * dy];
  const wings = `${bx - 3.5 * dy} ${by + 3.5 * dx}L${bx + 3.5 * dy} ${by - 3.5 * dx}`;
  paint(element(parent, "path", { d: `M${x1} ${y1}L${wings}z` }), "fill", colour);
}

const apart = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];

// Places a label at each point, where it covers neither a point nor another label. A label without such a place is
// left out: pointing at its point shows it.
function placeLabels(parent, points, texts, size, bounds) {
  const taken = points.map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
  const height = 1.05 * size;
  points.forEach(([x, y], i) => {
    const text = plain(texts[i]);
    const width = textWidth(text, size) + 2;
    for (const distance of [5, 9, 14]) {
      const d = distance + 1;
      const centres = [
        [x, y - d - height / 2], [x + d + width / 2, y], [x - d - width / 2, y], [x, y + d + height / 2],
        [x + d / 1.4 + width / 2, y - d / 1.4 - height / 3], [x - d / 1.4 - width / 2, y - d / 1.4 - height / 3],
        [x + d / 1.4 + width / 2, y + d / 1.4 + height / 3], [x - d / 1.4 - width / 2, y + d / 1.4 + height / 3],
      ];
      const boxes = centres.map(([cx, cy]) => [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]);
      const inside = (box) => box[0] >= bounds[0] && box[1] >= bounds[1] && box[2] <= bounds[2] && box[3] <= bounds[3];
      const found = boxes.find((box) => inside(box) && taken.every((other, j) => j === i || apart(box, other)));
      if (!found) continue;
      taken.push(found);
      const made = label(parent, (found[0] + found[2]) / 2, found[3] - 0.2 * size, text, { size, role: "ink" });
      made.classList.add("textpoint");
      return;
    }
  });
}
