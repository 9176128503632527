"use strict";
// Draws the figures of the page, which are given as JSON, in light or dark colours and as wide as their container.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");
  const parse = (id) => JSON.parse(document.getElementById(id).textContent);
  const inDark = parse("dark-colours");
  const NARROW = 520;
  const LEAST_CELL = 21; // pixels; a narrower cell of a heat map shows no number

  // Replaces the colours by those of a dark page. A key that ends in `color` has a colour as its value.
  function darkened(value, isColour) {
    if (typeof value === "string") return isColour && inDark[value] ? inDark[value] : value;
    if (Array.isArray(value)) return value.map((each) => darkened(each, isColour));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, darkened(each, /color(scale)?$/.test(key))]),
    );
  }

  function fitted(figure, width) {
    const { data, layout } = figure;
    const style = getComputedStyle(document.body);
    const narrow = width < NARROW;
    layout.autosize = true;
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.font = { ...layout.font, color: style.color, family: style.fontFamily, size: narrow ? 12 : 13 };
    layout.hoverlabel = { font: { family: style.fontFamily, size: 13 } };
    if (narrow) layout.margin = { ...layout.margin, l: Math.min(layout.margin.l, 46), r: 8 };
    if (touch.matches) layout.dragmode = false; // a finger on a picture scrolls the page
    if (layout.meta === "square") layout.height = Math.min(layout.height, width + 40);
    for (const trace of data) {
      if (layout.meta !== "pairs") continue;
      const columns = layout.xaxis.tickvals.length;
      const cell = (width - layout.margin.l - layout.margin.r) / columns;
      if (cell < LEAST_CELL) trace.texttemplate = "";
      if (cell < LEAST_CELL) trace.xgap = trace.ygap = 0;
      layout.height = Math.min(layout.height, Math.max(cell, 11) * columns + 90);
      layout.xaxis.tickfont = layout.yaxis.tickfont = { size: cell < 15 ? 9 : 12 };
    }
    return { data, layout };
  }

  function draw(plot) {
    const room = plot.parentElement.clientWidth;
    const width = Math.max(room, Number(plot.dataset.least || 0));
    plot.style.width = `${width}px`;
    const figure = parse(plot.dataset.figure);
    const { data, layout } = fitted(dark.matches ? darkened(figure, false) : figure, width);
    plot.style.height = `${layout.height || 360}px`;
    layout.width = width;
    layout.height = layout.height || 360;
    Plotly.react(plot, data, layout, { displayModeBar: false, showTips: false });
  }

  const plots = [...document.querySelectorAll(".plot")];
  const drawAll = () => plots.forEach(draw);
  for (const choice of document.querySelectorAll(".choice")) {
    choice.addEventListener("click", ({ target }) => {
      if (!target.dataset.figure) return;
      for (const button of choice.children) button.setAttribute("aria-pressed", String(button === target));
      const plot = choice.closest("figure").querySelector(".plot");
      plot.dataset.figure = target.dataset.figure;
      draw(plot);
    });
  }
  let waiting = 0;
  let before = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === before) return; // a phone's address bar changes only the height
    before = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  dark.addEventListener("change", drawAll);
  drawAll();
})();
