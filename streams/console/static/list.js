// The list of cases, loaded in pages and updated live, without moving rows under the reader's pointer.
import { byId, el } from "./dom.js";
import { count, many } from "./format.js";
import { query } from "./filter.js";
import { ask } from "./live.js";
import { makeRow } from "./row.js";

const PAGE = 100;
const MOST = 2000;
const RELOAD_MS = 2000;
const SEVERITIES = ["informational", "low", "medium", "high", "critical"];
const SORTED_BY = { "": (row) => SEVERITIES.indexOf(row.severity), count: (row) => row.count, last: () => 0 };

/** What a row is sorted by: the user's open cases, other open ones, the order asked for, the last mail. */
function place(row, sort) {
  return [row.is_own ? 1 : 0, row.open_uids.length ? 1 : 0, SORTED_BY[sort](row), row.last_seen_ms, row.uid];
}

function laterFirst(a, b) {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at] < b[at] ? 1 : -1;
  return 0;
}

export class List {
  constructor({ open }) {
    this.open = open;
    this.body = byId("rows");
    this.list = byId("list");
    this.rows = new Map();
    this.pending = new Map();
    this.filter = {};
    this.hovered = false;
    this.list.addEventListener("pointerenter", () => { this.hovered = true; });
    this.list.addEventListener("pointerleave", () => { this.hovered = false; this.settle(); });
    addEventListener("scroll", () => this.settle(), { passive: true });
    new IntersectionObserver((seen) => { if (seen[0].isIntersecting) this.loadMore(); }, { rootMargin: "600px" })
      .observe(byId("more"));
  }

  /** Load the list again; returns the event id from which to follow changes, null if another load overtook this one. */
  async load(filter) {
    this.filter = filter;
    const asked = this.asked = Symbol("load");
    const page = await ask(`/api/cases?${query(filter, { limit: PAGE })}`);
    if (this.asked !== asked) return null;
    this.loadedAt = Date.now();
    this.rows.clear();
    this.pending.clear();
    this.stale = false;
    this.add(page);
    this.arrange();
    return page.last_event_id;
  }

  async loadMore() {
    if (!this.next || this.loading || this.rows.size >= MOST) return;
    this.loading = true;
    const asked = this.asked;
    try {
      const page = await ask(`/api/cases?${query(this.filter, { limit: PAGE, after: this.next })}`);
      if (this.asked === asked) {
        this.add(page);
        this.showTotals();
      }
    } finally {
      this.loading = false;
    }
  }

  add(page) {
    this.total = page.total;
    this.next = page.next;
    const before = this.rows.size;
    for (const finding of page.cases) if (!this.rows.has(finding.case)) this.rows.set(finding.case, this.entry(finding));
    if (before) this.body.append(...[...this.rows.values()].slice(before).map((entry) => entry.row));
  }

  entry(finding) {
    return { finding, row: makeRow(finding, this.open) };
  }

  /** Apply changes from the stream: shown rows are updated in place, others wait until rows may move. */
  change({ cases, gone, more }) {
    for (const finding of cases) {
      const shown = this.rows.get(finding.case);
      if (shown) this.update(shown, finding);
      if (!shown || laterFirst(this.place(shown.finding), this.place(finding))) this.pending.set(finding.case, finding);
      if (shown) shown.finding = finding;
    }
    for (const name of gone) this.rows.get(name)?.row.classList.add("removed");
    this.removed = this.removed || gone.length > 0;
    this.stale = this.stale || more;
    this.settle();
    this.showTotals();
  }

  update(shown, finding) {
    const row = makeRow(finding, this.open);
    row.classList.add("fresh");
    const focused = shown.row.contains(document.activeElement);
    if (shown.row.getAttribute("aria-current")) row.setAttribute("aria-current", "true");
    shown.row.replaceWith(row);
    shown.row = row;
    if (focused) row.querySelector(".open").focus({ preventScroll: true });
  }

  /** Whether rows may move: the reader doesn't point at them, has no focus in them, no text selected, hasn't scrolled. */
  mayMove() {
    return !this.hovered && !this.list.contains(document.activeElement) && scrollY <= this.list.offsetTop && !String(getSelection());
  }

  settle() {
    if (this.mayMove()) this.show();
  }

  /** Show all waiting changes now. */
  show() {
    if (this.stale) {
      if (Date.now() - this.loadedAt >= RELOAD_MS) this.reload();
      return;
    }
    if (!this.pending.size && !this.removed) return;
    const old = new Set(this.rows.keys());
    for (const [name, finding] of this.pending) if (!old.has(name)) this.rows.set(name, this.entry(finding));
    for (const name of this.pending.keys()) if (!old.has(name)) this.rows.get(name).row.classList.add("fresh");
    for (const [name, entry] of this.rows) if (entry.row.classList.contains("removed")) this.rows.delete(name);
    this.pending.clear();
    this.removed = false;
    this.arrange();
  }

  reload() {
    this.stale = false;
    this.load(this.filter).catch(() => { this.stale = true; });
  }

  arrange() {
    const entries = [...this.rows.values()].sort((a, b) => laterFirst(this.place(a.finding), this.place(b.finding)));
    for (const entry of entries.splice(Math.max(PAGE, Math.min(MOST, this.total)))) this.rows.delete(entry.finding.case);
    this.rows = new Map(entries.map((entry) => [entry.finding.case, entry]));
    const focus = this.body.contains(document.activeElement) ? document.activeElement : null;
    this.body.replaceChildren(...entries.map((entry) => entry.row));
    focus?.focus({ preventScroll: true });
    this.showTotals();
  }

  place(finding) {
    return place(finding, this.filter.sort || "");
  }

  setTotal(total) {
    this.total = total;
    this.showTotals();
  }

  showTotals() {
    const news = byId("news");
    news.hidden = !this.stale && !this.pending.size;
    news.textContent = this.stale ? "Many changes: show" : `${many(this.pending.size, "change")}: show`;
    byId("total").replaceChildren(many(this.total ?? 0, "finding"));
    const more = byId("more");
    more.hidden = !this.next;
    more.textContent = this.rows.size < MOST ? "loading more" : `The first ${count(MOST)} are shown: filter to see others.`;
    byId("findings").hidden = this.rows.size === 0;
    this.showEmpty();
  }

  showEmpty() {
    const empty = byId("empty");
    empty.hidden = this.rows.size > 0;
    if (this.rows.size) return;
    const filtered = Object.keys(this.filter).length > 0;
    empty.replaceChildren(...(filtered ? [el("p", {}, "No finding matches this filter.")] : emptyState()));
  }

  /** Move the focus by a number of rows. */
  step(by) {
    const buttons = [...this.body.querySelectorAll(".open")];
    const at = buttons.indexOf(document.activeElement);
    const current = at >= 0 ? at : buttons.findIndex((button) => button.closest("tr").getAttribute("aria-current"));
    const target = buttons[Math.min(buttons.length - 1, Math.max(0, current < 0 ? 0 : current + by))];
    target?.focus();
    target?.closest("tr").scrollIntoView({ block: "nearest" });
    return target?.closest("tr").dataset.case;
  }

  /** The row that has the focus; undefined where none has. */
  focused() {
    return this.rows.get(document.activeElement?.closest("#rows tr")?.dataset.case)?.finding;
  }

  mark(name) {
    for (const row of this.body.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    this.rows.get(name)?.row.setAttribute("aria-current", "true");
  }

  focus(name) {
    this.rows.get(name)?.row.querySelector(".open").focus();
  }
}

function emptyState() {
  return [
    el("h3", {}, "No findings yet"),
    el("p", {}, "Findings appear here within two seconds of the mail event. To feed the pipeline, start a worker and publish events:"),
    el("pre", { tabindex: "0" }, "straymail worker\nstraymail publish mail-events.jsonl\nstraymail publish --sample      # made-up mail with slips in it"),
    el("p", {}, "Events are published but nothing appears? ", el("code", {}, "straymail check"), " shows what is wrong."),
  ];
}
