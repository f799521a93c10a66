// The lines for the watchlist file that allow the domain, or list it as a mistake, and what they would change.
import { copyable, el } from "./dom.js";
import { count, many } from "./format.js";
import { ask } from "./live.js";

const DAY_MS = 86400000;

/** Text as YAML: plain where that is safe, else as a JSON string, which is valid YAML. */
const yaml = (text) => (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text) && !/^[0-9.]+$/.test(text) ? text : JSON.stringify(text));

export function allowLine(domain, reason, owner, until) {
  const parts = [`domain: ${yaml(domain)}`];
  if (reason) parts.push(`reason: ${JSON.stringify(reason)}`);
  if (owner) parts.push(`owner: ${JSON.stringify(owner)}`);
  if (until) parts.push(`until: ${until}`);
  return `  - {${parts.join(", ")}}`;
}

export const mistakeLine = (domain, intended) => `  ${yaml(domain)}: ${yaml(intended)}`;

/** What a line would change, in words. */
function change(differences, mails, since) {
  if (!differences.length) return `It would change nothing about the ${many(mails, "mail")} since ${since}.`;
  const parts = differences.map((each) => `${each.domain}: ${many(each.mails, "mail")} of ${many(each.senders, "sender")} ${each.change === "lost" ? "no longer found" : `scored ${each.score_after} instead of ${each.score_before}`}`);
  return `Of ${many(mails, "mail")} since ${since} it would change ${count(differences.reduce((sum, each) => sum + each.mails, 0))}: ${parts.join("; ")}.`;
}

/** Ask what the lines would change, and show it. */
async function showEffect(finding, target) {
  target.replaceChildren(el("p", { class: "soft" }, "looking it up"));
  try {
    const { since, mails, allowed, known } = await ask(`/api/findings/${encodeURIComponent(finding.uid)}/lines`);
    target.replaceChildren(el("ul", {}, el("li", {}, "The line for the watchlist: ", change(allowed, mails, since)), el("li", {}, "The line for the known domains: ", change(known, mails, since))));
  } catch (error) {
    target.replaceChildren(el("p", { role: "alert" }, `Can't look it up: ${error.message}`));
  }
}

export function watchlist(finding, user) {
  const { domain, intended } = finding;
  const reason = el("input", { name: "reason", maxlength: "200", placeholder: "who owns the domain" });
  reason.value = finding.status === "suppressed" ? finding.decision.comment : "";
  const owner = el("input", { name: "owner", maxlength: "200", placeholder: "who answers for it", autocomplete: "off" });
  owner.value = finding.assignee || user;
  const until = el("input", { name: "until", type: "date" });
  until.value = new Date(Date.now() + 365 * DAY_MS).toISOString().slice(0, 10);
  const allow = el("div");
  const fill = () => allow.replaceChildren(copyable(`allowed:\n${allowLine(domain, reason.value.trim(), owner.value.trim(), until.value)}\n`, "watchlist line"));
  for (const input of [reason, owner, until]) input.addEventListener("input", fill);
  fill();
  const form = el("form", {}, el("label", {}, "Reason ", reason), el("label", {}, "Owner ", owner), el("label", {}, "Until ", until));
  form.addEventListener("submit", (event) => event.preventDefault());
  const effect = el("div", { class: "effect", role: "status" });
  const section = el("div", { class: "watchlist", tabindex: "-1", role: "group", "aria-label": "Lines for the watchlist" },
    el("p", {}, `Is ${domain} a correct address? Allow it, and its findings are withdrawn:`), form, allow,
    el("p", {}, "Or let it only score lower, by this line in the file that scorer.known names:"), copyable(`${domain}\n`, "line for the known domains"),
    el("button", { type: "button", class: "ask-effect", click: () => showEffect(finding, effect) }, "What would these change?"), effect,
    ...(finding.domains[0]?.listed ? [] : [el("p", {}, "Is it always a mistake? List it as one:"), copyable(`mistakes:\n${mistakeLine(domain, intended)}\n`, "watchlist line for a mistake")]));
  section.addEventListener("offer", () => { section.scrollIntoView({ block: "start" }); section.focus({ preventScroll: true }); showEffect(finding, effect); });
  return section;
}
