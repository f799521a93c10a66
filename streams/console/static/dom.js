// Builds elements only from code: texts become text nodes, never markup, since strangers wrote much of what is shown.

/** An element. A function among the attributes becomes a listener for the event of that name. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An address that breaks behind its @, where it has to. */
export const breakable = (text) => text.split(/(?<=@)/).flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part]));

export const byId = (id) => document.getElementById(id);

/** Announce a text to screen readers. */
export function announce(text) {
  byId("announcement").textContent = text;
}

/** Copy text to the clipboard, also on pages without https. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "hidden" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser doesn't allow it");
}

/** A text with a button that copies it. */
export function copyable(text, what) {
  const button = el("button", { type: "button", "aria-label": `Copy: ${what}`, click: async () => {
    try {
      await copy(text);
      button.textContent = "Copied";
      announce(`${what} copied`);
    } catch (error) {
      button.textContent = "Can't copy";
      announce(`Not copied: ${error.message}`);
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  } }, "Copy");
  return el("div", { class: "copied" }, el("pre", { tabindex: "0", "aria-label": what }, text), button);
}
