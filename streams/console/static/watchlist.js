// The lines for the watchlist file that allow the domain, or list it as a mistake.
import { copyable, el } from "./dom.js";

const DAY_MS = 86400000;

/** Text as YAML: plain where that is safe, else as a JSON string, which is valid YAML. */
const yaml = (text) => (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text) && !/^[0-9.]+$/.test(text) ? text : JSON.stringify(text));

export function allowLine(domain, reason, until) {
  const parts = [`domain: ${yaml(domain)}`];
  if (reason) parts.push(`reason: ${JSON.stringify(reason)}`);
  if (until) parts.push(`until: ${until}`);
  return `  - {${parts.join(", ")}}`;
}

export const mistakeLine = (domain, intended) => `  ${yaml(domain)}: ${yaml(intended)}`;

export function watchlist(finding) {
  const { domain, intended } = finding;
  const reason = el("input", { name: "reason", maxlength: "200", placeholder: "who owns the domain" });
  const until = el("input", { name: "until", type: "date" });
  until.value = new Date(Date.now() + 365 * DAY_MS).toISOString().slice(0, 10);
  const allow = el("div");
  const fill = () => allow.replaceChildren(copyable(`allowed:\n${allowLine(domain, reason.value.trim(), until.value)}\n`, "watchlist line"));
  reason.addEventListener("input", fill);
  until.addEventListener("input", fill);
  fill();
  const form = el("form", {}, el("label", {}, "Reason ", reason), el("label", {}, "Until ", until));
  form.addEventListener("submit", (event) => event.preventDefault());
  return el("div", { class: "watchlist" },
    el("p", {}, `Is ${domain} a correct address? Allow it, and its findings are withdrawn:`), form, allow,
    ...(finding.domains[0]?.listed ? [] : [el("p", {}, "Is it always a mistake? List it as one:"), copyable(`mistakes:\n${mistakeLine(domain, intended)}\n`, "watchlist line for a mistake")]));
}
