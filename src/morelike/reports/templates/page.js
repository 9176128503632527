"use strict";
// Folds the sections of the page, marks the section that is read in the menu, and fits tables to a phone.
(() => {
  const folds = [...document.querySelectorAll("section > details")];
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const everything = document.getElementById("unfold");

  const label = () => {
    everything.textContent = folds.every((fold) => fold.open) ? "Fold all" : "Unfold all";
  };
  for (const fold of folds) {
    fold.addEventListener("toggle", () => {
      if (fold.open) fold.querySelectorAll(".plot").forEach(draw);
      if (fold.open) fold.querySelectorAll(".scroll").forEach(hint);
      label();
    });
  }
  everything.addEventListener("click", () => {
    const open = !folds.every((fold) => fold.open);
    for (const fold of folds) fold.open = open;
  });
  label();

  // A link to a section, or to a place in it, opens it.
  const reach = () => {
    const place = document.getElementById(location.hash.slice(1));
    const fold = place?.closest("section")?.querySelector("details");
    if (!fold) return;
    fold.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", reach);
  for (const link of links.values()) link.addEventListener("click", () => setTimeout(reach));
  reach();

  const mark = () => {
    const passed = folds.map((fold) => fold.parentElement).filter((section) => section.getBoundingClientRect().top < 120);
    const current = links.get(passed.at(-1)?.id);
    for (const link of links.values()) {
      if (link !== current) link.removeAttribute("aria-current");
    }
    if (!current || current.hasAttribute("aria-current")) return;
    current.setAttribute("aria-current", "true");
    const menu = current.parentElement;
    menu.scrollTo({ left: current.offsetLeft - menu.clientWidth / 2 + current.clientWidth / 2 });
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  // On a phone, the cells of some tables stand below one another, each with the heading of its column.
  for (const table of document.querySelectorAll("table.stacked")) {
    const heads = [...table.querySelectorAll("th")].map((head) => head.textContent);
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, i) => heads[i] && cell.setAttribute("data-label", heads[i]));
    }
  }
  document.querySelectorAll(".scroll").forEach(hint);
  addEventListener("resize", () => document.querySelectorAll(".scroll").forEach(hint));
  addEventListener("beforeprint", () => folds.forEach((fold) => (fold.open = true)));
})();
