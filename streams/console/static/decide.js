// Decides on findings, and shows why a decision was refused.
import { announce, byId, el } from "./dom.js";
import { many, stamp, words } from "./format.js";
import { ask } from "./live.js";
import { statusBadge } from "./row.js";

const DONE = { acknowledge: "acknowledged", assign: "assigned", resolve: "resolved", "false-alarm": "marked as a false alarm", reopen: "reopened" };
const BUTTONS = { acknowledge: ["Acknowledge", "a"], resolve: ["Resolve", "r"], "false-alarm": ["False alarm", "f"], reopen: ["Reopen", null] };

export class Decide {
  /** `lastEvent` returns the id of the last event of the page; `done` is called with each finding as it stands then. */
  constructor({ lastEvent, done }) {
    this.lastEvent = lastEvent;
    this.done = done;
    this.user = "";
    this.why = "";
  }

  /** Take over who the visitor is, and why they can't decide, from the overview. */
  know({ user, may_decide: may, triage_problem: problem }) {
    this.user = user;
    this.why = problem || (may ? "" : "You may read findings, but not decide on them (console.triage).");
  }

  /** Decide on findings; true where that was stored. */
  async act(action, uids, { note = "", assignee = "" } = {}) {
    if (!uids.length) return false;
    try {
      const { findings } = await ask("/api/decisions", { action, uids, note, assignee, last_event_id: this.lastEvent() });
      byId("refused").hidden = true;
      announce(`${many(findings.length, "finding")} ${DONE[action]}`);
      this.done(action, findings);
      return true;
    } catch (error) {
      byId("refused").textContent = `Not stored: ${error.message}`;
      byId("refused").hidden = false;
      return false;
    }
  }

  /** The bar of an opened finding: how it stands, and what can be done. */
  bar(finding) {
    const decision = finding.decision;
    const by = decision && [decision.status === "suppressed" ? "false alarm" : words(decision.status), ` by ${decision.user}`, finding.assignee && finding.assignee !== decision.user ? ` for ${finding.assignee}` : "", `, ${stamp(decision.time_ms)} UTC`];
    const status = el("p", { class: "standing" }, statusBadge(finding), " ",
      finding.is_reopened ? "New mail has opened it again. " : null, by ? el("span", { class: "soft" }, ...by) : null,
      decision?.comment ? el("span", { class: "comment" }, decision.comment) : null);
    return el("div", { class: "triage" }, status, this.why ? el("p", { class: "soft" }, this.why) : this.form(finding));
  }

  form(finding) {
    const note = el("input", { name: "note", maxlength: "500", placeholder: "why, what was done", autocomplete: "off" });
    const assignee = el("input", { name: "assignee", maxlength: "200", placeholder: "user", autocomplete: "off", spellcheck: "false" });
    const act = (action) => this.act(action, [finding.uid], { note: note.value, assignee: assignee.value });
    const closed = ["resolved", "suppressed"].includes(finding.status);
    const actions = closed ? ["reopen"] : ["acknowledge", "resolve", "false-alarm"];
    const form = el("form", {},
      el("div", { class: "line" }, el("label", {}, "Note ", note), ...actions.map((action) =>
        el("button", { type: "button", class: action, "aria-keyshortcuts": BUTTONS[action][1], click: () => act(action) }, BUTTONS[action][0]))),
      closed ? null : el("div", { class: "line" }, el("label", { class: "assign" }, "Assign to ", assignee), el("button", { type: "button", click: () => act("assign") }, "Assign")));
    form.addEventListener("submit", (event) => event.preventDefault());
    return form;
  }
}
