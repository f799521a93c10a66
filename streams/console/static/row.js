// Makes the rows of the table.
import { el } from "./dom.js";
import { ago, count, counted, many, mayGrow, stamp, words } from "./format.js";
import { meant, typed } from "./marks.js";

export function who(finding) {
  return finding.sender || (finding.counts === "senders" ? counted(finding) : "all senders");
}

/** The accessible name of the row's button. */
function label(finding) {
  return `${finding.severity}: ${who(finding)}, ${finding.domain} for ${finding.intended}, ${counted(finding)}`;
}

const cell = (attributes, ...children) => el("td", { role: "cell", ...attributes }, ...children);
const time = (ms) => el("time", { datetime: new Date(ms).toISOString(), title: ago(ms) }, stamp(ms));

/** The severity, shortened to fit its column. */
export const badge = (severity) => el("span", { class: `badge ${severity}` }, severity === "informational" ? "info" : severity);

/** A new row; `open` is called with the finding's uid when the row is clicked. */
export function makeRow(finding, open) {
  const row = el("tr", { role: "row", "data-uid": finding.uid, class: finding.state === "withdrawn" ? "withdrawn" : null });
  const others = finding.other_domains ? ` and ${many(finding.other_domains, "other")}` : "";
  row.append(
    cell({}, badge(finding.severity)),
    cell({}, el("button", { type: "button", class: "open", "aria-label": label(finding) }, who(finding)),
      el("span", { class: "below" }, finding.rule)),
    cell({}, typed(finding), others, el("span", { class: "below" }, "for ", meant(finding), ` · ${words(finding.slip)}`)),
    cell({ class: "number" }, el("span", { class: "count", title: counted(finding) }, mayGrow(finding) ? el("span", { class: "least" }, "at least ") : null, count(finding.count)),
      el("span", { class: "below" }, `${count(finding.delivered_count)} delivered${finding.asked_count ? `, ${count(finding.asked_count)} asked` : ""}`)),
    cell({}, time(finding.first_seen_ms)),
    cell({}, time(finding.last_seen_ms)),
    cell({}, finding.state),
  );
  row.addEventListener("click", () => { if (!String(getSelection())) open(finding.uid); });
  return row;
}
