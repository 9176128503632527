// Draws each picture of the page, shows values where a reader points, and saves a picture as a file.

const parseFigure = (id) => JSON.parse(document.getElementById(id).textContent);
const NARROW = 520;

// The height of a plot between its axes: as plotly's layout gives it, else by the width.
function plotHeight({ layout }, width) {
  if (layout.height) return layout.height - layout.margin.t - layout.margin.b;
  return Math.max(190, Math.min(300, 0.36 * width));
}

// Splits subplots into figures of their own, which stand beside one another as far as there is room.
function panels(figure) {
  const names = [...new Set(figure.data.map((trace) => trace.xaxis || "x"))];
  if (names.length < 2) return [figure];
  return names.map((name, i) => {
    const number = name.slice(1);
    const axes = { xaxis: figure.layout[`xaxis${number}`], yaxis: figure.layout[`yaxis${number}`] };
    const layout = { ...figure.layout, ...axes, annotations: [], height: undefined, title: figure.layout.annotations[i].text };
    return { data: figure.data.filter((trace) => (trace.xaxis || "x") === name), layout, panel: true };
  });
}

function drawInto(plot, figure, room, height) {
  const frame = document.createElement("div");
  frame.className = "drawing";
  if (figure.panel) frame.append(Object.assign(document.createElement("h4"), { textContent: plain(figure.layout.title) }));
  const stack = frame.appendChild(Object.assign(document.createElement("div"), { className: "stack" }));
  const svg = element(stack, "svg", { class: "main-svg" });
  plot.append(frame);
  const size = (each, width, tall) => Object.entries({ width, height: tall, viewBox: `0 0 ${width} ${tall}` })
    .forEach(([name, value]) => each.setAttribute(name, value));
  let drawn;
  if (figure.data[0].type === "heatmap") {
    const labels = element(stack, "svg", { class: "row-labels" });
    drawn = drawHeatMap(svg, labels, figure, room, height);
    size(labels, drawn.labelWidth, drawn.height);
  } else {
    drawn = drawChart(svg, figure, room, height || plotHeight(figure, room), Boolean(height));
  }
  size(svg, drawn.width || room, Math.ceil(drawn.height));
  if (drawn.width > room) plot.style.width = `${drawn.width}px`; // what sticks to an edge needs a parent as wide
  watch(stack, svg, drawn);
}

function draw(plot) {
  const holder = plot.parentElement;
  const room = Math.max(holder.clientWidth, Number(plot.dataset.least || 0));
  if (!holder.clientWidth) return; // in a folded section
  const fixed = Number(plot.dataset.fill); // on a slide
  const height = fixed || plot.dataset.fill ? fixed || innerHeight - holder.getBoundingClientRect().top - scrollY - 24 : 0;
  const figures = panels(parseFigure(plot.dataset.figure));
  const columns = figures.length > 1 ? Math.max(1, Math.min(figures.length, Math.floor(room / 230))) : 1;
  const rows = Math.ceil(figures.length / columns);
  plot.replaceChildren();
  plot.style.height = plot.style.width = "";
  plot.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  const width = (room - 24 * (columns - 1)) / columns;
  const each = figures.length > 1 ? Math.max(height / rows - 44, 150) : height && Math.max(height, 200);
  for (const figure of figures) drawInto(plot, figure, width, each);
  hint(holder);
}

// Values of the points at a place: on curves one of each curve, else the nearest mark.
function found(targets, x, y) {
  const inBox = targets.find(({ box }) => box && x >= box[0] && x < box[2] && y >= box[1] - 2 && y < box[3] + 2);
  const onLines = targets.filter(({ line, point }) => line && Number.isFinite(point[0]) && Number.isFinite(point[1]));
  if (onLines.length && !inBox) {
    const nearest = new Map();
    for (const target of onLines) {
      const before = nearest.get(target.trace);
      if (!before || Math.abs(target.point[0] - x) < Math.abs(before.point[0] - x)) nearest.set(target.trace, target);
    }
    return [...nearest.values()].filter(({ point }) => Math.abs(point[0] - x) < 40);
  }
  if (inBox) return [inBox];
  const far = ({ point }) => Math.hypot(point[0] - x, point[1] - y);
  const close = targets.filter(({ point }) => point && far(point ? { point } : {}) < 22).sort((a, b) => far(a) - far(b));
  return close.slice(0, 1);
}

function watch(stack, svg, { targets, plot }) {
  const tip = stack.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }));
  const pointer = element(svg, "g", { class: "pointer" });
  const leave = () => {
    tip.hidden = true;
    pointer.replaceChildren();
  };
  const point = ({ clientX, clientY }) => {
    const bounds = svg.getBoundingClientRect();
    const enlarged = bounds.width / svg.width.baseVal.value || 1; // on a slide
    const [x, y] = [(clientX - bounds.left) / enlarged, (clientY - bounds.top) / enlarged];
    const hits = found(targets, x, y);
    leave();
    if (!hits.length) return;
    for (const { point: at, box, trace } of hits) {
      if (box) element(pointer, "rect", { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1], rx: 2 });
      else marker(pointer, ...at, 4.5, "circle", colourOf(trace));
    }
    const [{ line, point: first, box }] = hits;
    if (line) element(pointer, "line", { x1: first[0], x2: first[0], y1: plot.top, y2: plot.bottom });
    tip.replaceChildren(...hits.map(({ trace, i }) => {
      const text = filled(trace.hovertemplate || "%{x}: %{y}", trace, i);
      const name = hits.length > 1 && named(trace) ? `${plain(trace.name)} · ` : "";
      return Object.assign(document.createElement("div"), { textContent: name + text });
    }));
    tip.hidden = false;
    const anchor = box ? (box[0] + box[2]) / 2 : first[0];
    const seen = stack.closest(".scroll");
    const [from, to] = [seen.scrollLeft, seen.scrollLeft + seen.clientWidth];
    tip.style.left = `${Math.max(from, Math.min(anchor + 12, to - tip.offsetWidth))}px`;
    const above = (box ? box[1] : Math.min(...hits.map(({ point: at }) => at[1]))) - tip.offsetHeight - 8;
    tip.style.top = `${above < 0 ? (box ? box[3] : y) + 12 : above}px`;
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", leave);
}

// Shows at the edges of a scrolled part whether there is more.
function hint(holder) {
  const show = () => {
    const rest = holder.scrollWidth - holder.clientWidth;
    holder.parentElement.classList.toggle("more-right", rest - holder.scrollLeft > 2);
    holder.parentElement.classList.toggle("more-left", holder.scrollLeft > 2 && !holder.querySelector(".row-labels"));
  };
  if (!holder.dataset.watched) holder.addEventListener("scroll", show, { passive: true });
  holder.dataset.watched = "yes";
  show();
}

// Returns a picture as an SVG with its colours and fonts written out, as a reader sees them.
function standalone(plot) {
  const parts = [...plot.querySelectorAll("svg")];
  const origin = plot.getBoundingClientRect();
  const whole = document.createElementNS(SVG, "svg");
  const [width, height] = [plot.scrollWidth, plot.scrollHeight];
  Object.entries({ xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` }).forEach((pair) => whole.setAttribute(...pair));
  const enlarged = origin.width / plot.offsetWidth || 1; // on a slide
  const backdrop = element(whole, "rect", { width, height });
  backdrop.setAttribute("fill", getComputedStyle(plot.closest(".picture")).backgroundColor);
  for (const part of parts) {
    const bounds = part.getBoundingClientRect();
    const place = part.classList.contains("row-labels") ? 0 : (bounds.left - origin.left) / enlarged;
    const group = element(whole, "g", { transform: `translate(${place} ${(bounds.top - origin.top) / enlarged})` });
    const copies = [...part.children].filter((child) => !child.classList.contains("pointer"));
    for (const child of copies) group.append(writtenOut(child));
  }
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

function writtenOut(node) {
  const copy = node.cloneNode(true);
  const [from, to] = [[node, ...node.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  from.forEach((each, i) => {
    const style = getComputedStyle(each);
    for (const name of ["fill", "stroke", "font-family"]) {
      if (name !== "font-family" || each.localName === "text") to[i].setAttribute(name, style.getPropertyValue(name));
    }
    to[i].removeAttribute("class");
    to[i].removeAttribute("style");
  });
  return copy;
}

async function save(plot, ending) {
  const { text, width, height } = standalone(plot);
  const link = document.createElement("a");
  link.href = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  if (ending === "png") {
    const image = new Image();
    image.src = link.href;
    await image.decode();
    const sheet = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    sheet.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    link.href = sheet.toDataURL("image/png");
  }
  link.download = `${plot.dataset.figure.replace(/-\d+$/, "")}.${ending}`;
  link.click();
}

const plots = [...document.querySelectorAll(".plot")];
const drawAll = () => {
  plots.forEach(draw);
  const slide = document.querySelector("[data-slide]");
  if (!slide) return;
  const [width, height] = [slide.offsetWidth, slide.offsetHeight]; // a large picture makes the slide higher
  const scale = Math.min(innerWidth / width, innerHeight / height);
  slide.style.transform = `translate(${(innerWidth - scale * width) / 2}px) scale(${scale})`;
};
for (const figure of document.querySelectorAll("figure.picture")) {
  figure.addEventListener("click", ({ target }) => {
    const plot = figure.querySelector(".plot");
    if (target.dataset.save) save(plot, target.dataset.save);
    if (!target.dataset.figure || target === plot || target.localName !== "button") return;
    for (const button of target.parentElement.children) button.setAttribute("aria-pressed", String(button === target));
    plot.dataset.figure = target.dataset.figure;
    draw(plot);
  });
}
let waiting = 0;
let before = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === before && !document.querySelector("[data-fill]")) return; // a phone's address bar changes only the height
  before = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 120);
});
drawAll();
