// Makes the rows of the table.
import { breakable, el } from "./dom.js";
import { ago, count, counted, many, mayGrow, stamp, words } from "./format.js";
import { meant, typed } from "./marks.js";

export function who(finding) {
  return finding.sender || (finding.counts === "senders" ? counted(finding) : "all senders");
}

/** The accessible name of the row's button. */
function label(finding) {
  const more = finding.findings > 1 ? `, ${many(finding.findings, "finding")}` : "";
  return `${finding.severity}: ${who(finding)}, ${finding.domain} for ${finding.intended}, ${counted(finding)}${more}, ${statusWords(finding)}`;
}

/** The status in words, with who works on the finding. */
export function statusWords(finding) {
  const word = finding.is_reopened ? "reopened" : finding.status === "suppressed" ? "false alarm" : words(finding.status);
  return finding.assignee ? `${word}, ${finding.assignee}` : word;
}

export function statusBadge(finding) {
  const word = finding.is_reopened ? "reopened" : finding.status === "suppressed" ? "false alarm" : words(finding.status);
  return el("span", { class: `badge status-${finding.is_reopened ? "reopened" : finding.status}` }, word);
}

const cell = (attributes, ...children) => el("td", { role: "cell", ...attributes }, ...children);
const time = (ms) => el("time", { datetime: new Date(ms).toISOString(), title: ago(ms) }, stamp(ms));

/** The severity, shortened to fit its column. */
export const badge = (severity) => el("span", { class: `badge ${severity}` }, severity === "informational" ? "info" : severity);

const rowClass = (finding) => (finding.state === "withdrawn" ? "withdrawn" : finding.open_uids.length ? null : "closed");

/** A new row; `open` is called with the finding's uid when the row is clicked. */
export function makeRow(finding, open) {
  const row = el("tr", { role: "row", "data-case": finding.case, class: rowClass(finding) });
  const others = finding.other_domains ? ` and ${many(finding.other_domains, "other")}` : "";
  row.append(
    cell({}, badge(finding.severity)),
    cell({}, el("button", { type: "button", class: "open", "aria-label": label(finding) }, breakable(who(finding))),
      el("span", { class: "below" }, finding.findings > 1 ? [el("strong", {}, many(finding.findings, "finding")), ` · ${finding.rule}`] : finding.rule)),
    cell({}, typed(finding), others, el("span", { class: "below" }, "for ", meant(finding), ` · ${words(finding.slip)}`)),
    cell({ class: "number" }, el("span", { class: "count", title: counted(finding) }, mayGrow(finding) ? el("span", { class: "least" }, "at least ") : null, count(finding.count)),
      el("span", { class: "below" }, `${count(finding.delivered_count)} delivered${finding.asked_count ? `, ${count(finding.asked_count)} asked` : ""}`)),
    cell({}, time(finding.first_seen_ms)),
    cell({}, time(finding.last_seen_ms)),
    cell({}, statusBadge(finding), el("span", { class: "below" }, [finding.assignee, finding.state === "open" ? "" : finding.state].filter(Boolean).join(" · "))),
  );
  row.addEventListener("click", () => { if (!String(getSelection())) open(finding.uid); });
  return row;
}
