// An opened finding: how it stands, explanation, facts, what to do, its mails, watchlist lines, and the alert as JSON.
import { byId, copyable, el } from "./dom.js";
import { ago, count, counted, many, mayGrow, size, stamp, words } from "./format.js";
import { meant, typed } from "./marks.js";
import { ask } from "./live.js";
import { statusWords } from "./row.js";
import { watchlist } from "./watchlist.js";

const section = (title, ...children) => [el("h3", {}, title), ...children];
const fact = (name, ...value) => [el("dt", {}, name), el("dd", {}, ...value)];

export class Detail {
  constructor({ closed, shown, show, decide }) {
    this.panel = byId("detail");
    this.closed = closed;
    this.shown = shown;
    this.show = show;
    this.decide = decide;
    this.uid = null;
    this.case = null;
  }

  /** Show a finding and move the focus to it; `focus: false` only updates what is shown, and with `gently` not while
   *  the reader is at it. */
  async open(uid, { focus = true, gently = false } = {}) {
    this.uid = uid;
    let content;
    try {
      const finding = await ask(`/api/findings/${encodeURIComponent(uid)}`);
      if (this.uid !== uid) return;
      this.case = finding.case;
      content = this.content(finding);
      this.shown(finding);
    } catch (error) {
      content = [this.head(null), el("p", { role: "alert" }, `Can't show this finding: ${error.message}`)];
    }
    if (this.uid !== uid || (gently && this.isBusy())) return;
    const kept = { top: focus ? 0 : this.panel.scrollTop, unfolded: focus ? [] : this.unfolded(), focused: !focus && this.panel.contains(document.activeElement) };
    this.panel.replaceChildren(...content);
    this.panel.hidden = false;
    this.panel.parentElement.classList.add("opened");
    for (const details of this.panel.querySelectorAll("details")) details.open = kept.unfolded.includes(details.dataset.name);
    this.panel.scrollTop = kept.top;
    if (focus || kept.focused) (this.panel.querySelector("h2") || this.panel.querySelector(".close")).focus({ preventScroll: true });
  }

  unfolded() {
    return [...this.panel.querySelectorAll("details[open]")].map((details) => details.dataset.name);
  }

  /** Show what was decided, and of a false alarm the lines that it offers. */
  async decided(action) {
    await this.open(this.uid, { focus: false });
    if (action === "false-alarm") this.panel.querySelector(".watchlist")?.dispatchEvent(new Event("offer"));
  }

  /** Update the finding, unless the focus is in it or text is selected. */
  update() {
    if (this.uid && !this.isBusy()) this.open(this.uid, { focus: false, gently: true });
  }

  isBusy() {
    return this.panel.contains(document.activeElement) || Boolean(String(getSelection()));
  }

  close() {
    if (!this.uid) return;
    const name = this.case;
    this.uid = this.case = null;
    this.panel.hidden = true;
    this.panel.parentElement.classList.remove("opened");
    this.closed(name);
  }

  head(finding) {
    return el("div", { class: "head" },
      finding && el("span", { class: `badge ${finding.severity}` }, finding.severity),
      finding && el("span", { class: "soft" }, finding.rule),
      el("button", { type: "button", class: "close", click: () => this.close(), "aria-keyshortcuts": "Escape" }, "Close"));
  }

  content(finding) {
    return [
      this.head(finding),
      el("h2", { tabindex: "-1" }, finding.title, mayGrow(finding) ? el("span", { class: "soft" }, " (so far)") : null),
      this.decide.bar(finding),
      finding.case_count > 1 ? this.siblings(finding) : null,
      ...finding.domains.slice(0, 10).map(slip),
      facts(finding),
      ...section("What to do", el("ol", { class: "steps" }, ...finding.advice.map(step))),
      ...section(`Evidence: ${many(finding.mails_known, "mail")} known`, evidence(finding)),
      ...section("Watchlist", watchlist(finding, this.decide.user)),
      ...section("Alert", unfold("alert", "OCSF Detection Finding", copyable(JSON.stringify(finding.alert, null, 2), "OCSF JSON"))),
    ].filter(Boolean);
  }

  /** The findings of the same sender. */
  siblings(finding) {
    const items = finding.case_findings.map((each) => el("li", {},
      el("button", { type: "button", "aria-current": each.uid === finding.uid ? "true" : null, click: () => this.show(each.uid) },
        el("span", { class: `badge ${each.severity}` }, each.severity), ` ${each.domain} `,
        el("span", { class: "soft" }, `${counted(each)}, ${stamp(each.last_seen_ms)} UTC, ${statusWords(each)}`))));
    return el("nav", { class: "case", "aria-label": "Findings of this sender" },
      el("h3", {}, many(finding.case_count, "finding"), " of ", finding.sender), el("ol", {}, ...items));
  }
}

function slip(domain) {
  return el("div", { class: "slip" },
    el("div", { class: "pair" },
      el("span", {}, "typed"), typed(domain), el("span", {}, "meant"), meant(domain)),
    el("p", {}, `${words(domain.slip)}${domain.listed && domain.slip !== "listed" ? ", listed as a known mistake" : ""}${domain.certain ? "" : ", not certain"}. ${domain.explanation}`));
}

function facts(finding) {
  const peak = finding.peak > finding.count ? `, ${mayGrow(finding) ? "at least" : "at most"} ${count(finding.peak)} in any period of that length` : "";
  return el("dl", { class: "facts" },
    ...fact("Sender", finding.sender || "several"),
    ...fact("Count", `${counted(finding)}${peak}`),
    ...fact("Delivered", finding.delivered_count ? counted(finding, finding.delivered_count, "mail") : "none known"),
    ...(finding.asked_count ? fact("Gate", `${count(finding.asked_count)} asked, ${count(finding.confirmed_count)} confirmed, ${count(finding.corrected_count)} corrected`) : []),
    ...fact("First, last", `${stamp(finding.first_seen_ms)} to ${stamp(finding.last_seen_ms)} UTC (${ago(finding.last_seen_ms)})`),
    ...fact("Window", `${stamp(finding.window.start_ms)} to ${stamp(finding.window.end_ms)} UTC, ${finding.state}`),
    ...fact("Confidence", `${finding.confidence} of 100`),
    ...(finding.labels.length ? fact("Labels", finding.labels.join(", ")) : []),
    ...(finding.owner ? fact("Owner", finding.owner) : []),
    ...(/^https?:/.test(finding.runbook_url || "") ? fact("Runbook", el("a", { href: finding.runbook_url, rel: "noreferrer noopener", target: "_blank" }, finding.runbook_url)) : []),
    ...fact("Finding", el("code", {}, finding.uid)));
}

const unfold = (name, summary, ...children) => el("details", { "data-name": name }, el("summary", {}, summary), ...children);

function step({ do: what, why, text_is: name, text }) {
  return el("li", {}, el("strong", {}, what), why, text ? unfold(what, name, copyable(text, name)) : null);
}

const outcome = (word) => el("span", { class: `badge ${word}` }, word);

function evidence(finding) {
  if (!finding.mails.length) return alertEvidence(finding);
  const rows = finding.mails.map((mail) => el("tr", {},
    el("td", {}, el("time", { datetime: new Date(mail.time_ms).toISOString() }, stamp(mail.time_ms))),
    finding.sender ? null : el("td", {}, mail.sender),
    el("td", {}, mail.recipients.join(", ") + (mail.recipient_count > mail.recipients.length ? ` and ${mail.recipient_count - mail.recipients.length} more` : ""),
      mail.subject ? el("span", { class: "below" }, mail.subject) : null),
    el("td", {}, outcome(mail.asked || mail.delivery)),
    el("td", {}, el("code", {}, mail.message_id), el("span", { class: "below" }, [size(mail.size), mail.attachments ? many(mail.attachments, "attachment") : "", mail.source].filter(Boolean).join(" · ")))));
  const heads = ["Time UTC", ...(finding.sender ? [] : ["From"]), "To", "Delivery", "Message id"];
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Mails" },
    el("table", { class: "mails" }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...rows)),
    finding.mails_known > finding.mails.length ? el("p", { class: "soft" }, `The newest ${finding.mails.length} of ${count(finding.mails_known)}; straymail hits --finding ${finding.uid.slice(0, 12)} shows all.`) : null);
}

/** The mails in the alerts themselves, where their hits have been dropped already. */
function alertEvidence(finding) {
  const left = finding.alert.unmapped.straymail.evidences_left_out;
  if (!finding.evidences.length) return el("p", { class: "soft" }, `The mails are no longer kept here: straymail hits --finding ${finding.uid.slice(0, 12)} reads them from Kafka.`);
  const shown = el("ul", {}, ...finding.evidences.map((each) => {
    const mail = each.email || each.data;
    const { time, delivery, asked } = each.data || {};
    const to = [...(mail.to || []), ...(mail.to_mailboxes || [])].join(", ");
    return el("li", {}, time === undefined ? null : `${stamp(time)} UTC, `, delivery ? [outcome(asked || delivery), " "] : null, `${mail.from || mail.from_mailbox || ""} to ${to} `, mail.message_uid ? el("code", {}, mail.message_uid) : null, mail.subject ? ` ${mail.subject}` : null);
  }));
  return el("div", {}, shown, left ? el("p", { class: "soft" }, `The newest alert leaves out ${many(left, "more mail")}: straymail hits --finding ${finding.uid.slice(0, 12)} shows all.`) : null);
}
