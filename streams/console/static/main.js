// Connects the parts of the page.
import { draw } from "./charts.js";
import { Decide } from "./decide.js";
import { Detail } from "./detail.js";
import { announce, byId, el } from "./dom.js";
import * as address from "./filter.js";
import { count, many, stamp, words } from "./format.js";
import { startKeys } from "./keys.js";
import { List } from "./list.js";
import { ask, Live } from "./live.js";
import { startTheme } from "./theme.js";

const OVERVIEW_MS = 2500;
const TYPING_MS = 80;
const form = byId("filters");
let filter = address.read();

const decide = new Decide({
  lastEvent: () => live.last,
  done: (action, findings) => { if (findings.some((finding) => finding.uid === detail.uid)) detail.decided(action); overviewSoon(); },
});
const detail = new Detail({
  closed: (name) => { address.write(filter, null); list.mark(null); list.focus(name); },
  shown: (finding) => list.mark(finding.case),
  show: (uid) => show(uid),
  decide,
});
const list = new List({ open: (uid) => show(uid) });
const live = new Live({
  changes: (changes) => {
    list.change(changes);
    if (changes.cases.some((finding) => finding.case === detail.case)) detail.update();
    overviewSoon();
  },
  reset: () => load().catch(showError),
  status: ({ problem }) => showProblem(problem),
  state: (state) => {
    const connection = byId("connection");
    if (connection.dataset.state === state) return;
    connection.dataset.state = state;
    connection.textContent = state === "live" ? "live" : "connection lost, reconnecting";
  },
});

function showProblem(problem) {
  const notice = byId("problem");
  notice.hidden = !problem;
  notice.textContent = problem ? `No new findings: ${problem}` : "";
}

const showError = (error) => showProblem(error.message);

function show(uid, step = true) {
  address.write(filter, uid, step);
  return detail.open(uid);
}

let overviewTimer = 0;
let overviewAt = 0;

function overviewSoon() {
  if (overviewTimer) return;
  overviewTimer = setTimeout(() => { overviewTimer = 0; overview().catch(() => {}); }, Math.max(0, overviewAt + OVERVIEW_MS - Date.now()));
}

async function overview() {
  overviewAt = Date.now();
  const data = await ask(`/api/overview?${address.query(filter)}`);
  setChoices("slip", data.slips, words);
  setChoices("rule", data.rules, (rule) => rule);
  decide.know(data);
  showOpen(data.open);
  draw(data.activity, (wanted) => { setFilter({ ...filter, ...wanted }); });
  list.setTotal(data.total);
  showProblem(data.problem);
}

/** Count what is open: in the tab's title, and by severity above the list. */
function showOpen(open) {
  const severities = Object.entries(open).reverse();
  const total = severities.reduce((sum, [, number]) => sum + number, 0);
  document.title = total ? `(${count(total)}) straymail` : "straymail";
  byId("open").replaceChildren(...severities.filter(([, number]) => number).map(([severity, number]) =>
    el("button", { type: "button", class: `badge ${severity}`, title: `Show what is open from ${severity} on`, click: () => setFilter({ ...filter, severity, status: "open" }) }, `${count(number)} ${severity}`, el("span", { class: "hidden" }, " open: filter by this"))));
}

function setChoices(name, values, caption) {
  const select = form.elements[name];
  const wanted = filter[name] && !values.includes(filter[name]) ? [...values, filter[name]] : values;
  if (select.options.length === wanted.length + 1) return;
  select.replaceChildren(select.options[0], ...wanted.map((value) => el("option", { value }, caption(value))));
  select.value = filter[name] || "";
}

async function load() {
  const last = await list.load(filter);
  if (last !== null) live.follow(filter, last);
  if (detail.uid) list.mark(detail.case);
  await overview();
}

/** The time of a filter in words. */
function span({ since, until }) {
  const [from, to] = [since, until].map((text) => (text && !Number.isNaN(Date.parse(text)) ? stamp(Date.parse(text)) : text));
  return to ? `${from} to ${to.slice(-5)}` : `since ${from}`;
}

function fillForm() {
  const since = form.elements.since;
  for (const option of since.querySelectorAll("[data-made]")) option.remove();
  if (filter.since && ![...since.options].some((option) => option.value === filter.since)) {
    since.append(el("option", { value: filter.since, "data-made": true }, span(filter)));
  }
  for (const heading of document.querySelectorAll("th[data-sort]")) {
    if (heading.dataset.sort === (filter.sort || "")) heading.setAttribute("aria-sort", "descending"); else heading.removeAttribute("aria-sort");
  }
  for (const name of address.NAMES) {
    form.elements[name].value = filter[name] || "";
    form.elements[name].classList.toggle("set", Boolean(filter[name]));
  }
}

function setFilter(wanted) {
  filter = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
  address.write(filter, detail.uid);
  fillForm();
  return load().then(() => announce(many(list.total, "finding")), showError);
}

function readForm() {
  const wanted = {};
  for (const name of address.NAMES) if (form.elements[name].value.trim()) wanted[name] = form.elements[name].value.trim();
  return wanted;
}

let typing = 0;
form.addEventListener("input", (event) => {
  if (event.target.name === "since") form.elements.until.value = "";
  clearTimeout(typing);
  typing = setTimeout(() => setFilter(readForm()), event.target.matches("select") ? 0 : TYPING_MS);
});
form.addEventListener("submit", (event) => event.preventDefault());
const clear = () => setFilter({ sort: filter.sort });
byId("clear").addEventListener("click", clear);
for (const heading of document.querySelectorAll("th[data-sort]")) {
  const text = [...heading.childNodes];
  heading.replaceChildren(el("button", { type: "button", click: () => setFilter({ ...filter, sort: heading.dataset.sort }) }, ...text));
}
byId("news").addEventListener("click", () => list.show());
byId("help-open").addEventListener("click", () => byId("help").showModal());
addEventListener("popstate", () => {
  filter = address.read();
  fillForm();
  load().catch(showError);
  if (address.opened()) show(address.opened(), false); else detail.close();
});

/** Decide on the case whose row has the focus, or on the opened finding. */
function act(action) {
  const row = list.focused();
  if (decide.why) return announce(decide.why);
  const note = byId("detail").querySelector("[name=note]")?.value || "";
  if (row) return decide.act(action, row.open_uids);
  return decide.act(action, detail.uid ? [detail.uid] : [], { note });
}

startKeys({
  j: () => list.step(1),
  k: () => list.step(-1),
  "/": () => { form.elements.domain.focus(); form.elements.domain.select(); },
  c: clear,
  a: () => act("acknowledge"),
  r: () => act("resolve"),
  f: () => act("false-alarm"),
  ".": () => list.show(),
  g: () => { scrollTo({ top: 0 }); list.show(); list.focus(list.rows.keys().next().value); },
  "?": () => byId("help").showModal(),
  Escape: () => { if (detail.uid) detail.close(); else document.activeElement.blur(); },
});
startTheme();
fillForm();
load().then(() => { if (address.opened()) show(address.opened(), false); }, (error) => { showError(error); setTimeout(() => location.reload(), 3000); });
