// The widget of a notebook: a frame with the page, to which it hands what the kernel has recorded. No server is asked.

const PAGE = ""; // the page as one file; the kernel writes it here

/**
 * @typedef {{ get(name: string): any, on(name: string, call: () => void): void, off(name: string, call: () => void): void }} Model
 */

function render(/** @type {{ model: Model, el: HTMLElement }} */ { model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts"); // it reads nothing of the notebook
  frame.title = model.get("title");
  frame.style.cssText = `width: 100%; height: ${Number(model.get("height"))}px; border: 0`;
  frame.srcdoc = PAGE;
  const send = () => frame.contentWindow?.postMessage(model.get("recording"), "*");
  const heard = (/** @type {MessageEvent} */ event) => {
    if (event.source === frame.contentWindow && event.data === "ready") send();
  };
  addEventListener("message", heard);
  model.on("change:recording", send);
  el.append(frame);
  return () => {
    removeEventListener("message", heard);
    model.off("change:recording", send);
  };
}

export default { render };
