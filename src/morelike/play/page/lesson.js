// A lesson in a dialog: its Markdown as elements, made from text nodes alone.

import { get } from "./api.js";
import { make } from "./dom.js";
import { text } from "./texts.js";

/** Open the lesson of this number. */
export async function openLesson(/** @type {number} */ number) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("lesson"));
  const close = make("button", { type: "button", class: "close", onclick: () => dialog.close() }, text("close"));
  dialog.replaceChildren(close, make("h2", { id: "lesson-title" }, text("lesson")));
  if (!dialog.open) dialog.showModal();
  try {
    /** @type {Lesson} */ const lesson = await get(`/api/lessons/${number}`, { language: document.documentElement.lang });
    const [title, ...body] = blocks(lesson.markdown);
    title.id = "lesson-title";
    const article = make("article", { lang: lesson.language, tabindex: "0" }, title, ...body);
    dialog.replaceChildren(close, article);
    article.focus();
  } catch (error) {
    dialog.append(make("p", { class: "warning" }, error.message));
  }
}

/** Return the elements of Markdown: headings, paragraphs, items and code. */
function blocks(/** @type {string} */ markdown) {
  const parts = markdown.split(/^(```[^\n]*\n[\s\S]*?^```$)/m);
  return parts.flatMap((part) => {
    const code = /^```[^\n]*\n([\s\S]*?)\n?```$/.exec(part);
    if (code) return [make("pre", { tabindex: "0" }, make("code", {}, code[1]))];
    return part.split(/\n{2,}/).map((each) => each.trim()).filter(Boolean).flatMap(block);
  });
}

function block(/** @type {string} */ source) {
  const heading = /^(#+) (.*)$/s.exec(source);
  if (heading) return [make(heading[1].length > 1 ? "h3" : "h2", {}, ...inline(heading[2]))];
  if (/^(-|\d+\.) /.test(source)) {
    const items = source.split(/\n(?=(?:-|\d+\.) )/).map((item) => item.replace(/^(-|\d+\.) /, ""));
    return [make("ul", {}, ...items.map((item) => make("li", {}, ...inline(item))))];
  }
  if (source.startsWith("|")) return [make("pre", { tabindex: "0" }, source)];
  return [make("p", {}, ...inline(source))];
}

function inline(/** @type {string} */ source) {
  return source.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).filter(Boolean).map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
    const link = /^\[([^\]]+)\]\([^)]+\)$/.exec(part);
    return link ? link[1] : part;
  });
}
