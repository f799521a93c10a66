// Shows domains with the slip marked letter by letter.
import { el } from "./dom.js";

const TITLES = { extra: "extra", wrong: "wrong", swapped: "swapped", lost: "missing" };

function pieces(list, side) {
  return list.map(([text, kind]) => {
    if (kind === "same") return document.createTextNode(text);
    const name = side === "typed" ? kind : `meant-${kind}`;
    return el("span", { class: `piece ${name}`, title: side === "typed" ? TITLES[kind] : "what was meant" }, text);
  });
}

function marked(list, side, whole) {
  return el("span", { class: "domain" },
    el("span", { "aria-hidden": "true" }, pieces(list, side)), el("span", { class: "hidden" }, whole));
}

export const typed = (finding) => marked(finding.marks.typed, "typed", finding.domain);
export const meant = (finding) => marked(finding.marks.meant, "meant", finding.intended);
