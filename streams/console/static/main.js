// Connects the parts of the page.
import { draw } from "./charts.js";
import { Detail } from "./detail.js";
import { announce, byId, el } from "./dom.js";
import * as address from "./filter.js";
import { many, words } from "./format.js";
import { startKeys } from "./keys.js";
import { List } from "./list.js";
import { ask, Live } from "./live.js";
import { startTheme } from "./theme.js";

const OVERVIEW_MS = 2500;
const TYPING_MS = 80;
const form = byId("filters");
let filter = address.read();

const detail = new Detail({ closed: (uid) => { address.write(filter, null); list.mark(null); list.focus(uid); } });
const list = new List({ open: (uid) => show(uid) });
const live = new Live({
  changes: (changes) => {
    list.change(changes);
    if (changes.findings.some((finding) => finding.uid === detail.uid)) detail.update();
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
  list.mark(uid);
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
  draw(data.activity, (wanted) => { setFilter({ ...filter, ...wanted }); });
  list.setTotal(data.total);
  showProblem(data.problem);
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
  if (detail.uid) list.mark(detail.uid);
  await overview();
}

function fillForm() {
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
  clearTimeout(typing);
  typing = setTimeout(() => setFilter(readForm()), event.target.matches("select") ? 0 : TYPING_MS);
});
form.addEventListener("submit", (event) => event.preventDefault());
byId("clear").addEventListener("click", () => setFilter({}));
byId("news").addEventListener("click", () => list.show());
byId("help-open").addEventListener("click", () => byId("help").showModal());
addEventListener("popstate", () => {
  filter = address.read();
  fillForm();
  load().catch(showError);
  if (address.opened()) show(address.opened(), false); else detail.close();
});

startKeys({
  j: () => list.step(1),
  k: () => list.step(-1),
  "/": () => { form.elements.domain.focus(); form.elements.domain.select(); },
  c: () => setFilter({}),
  ".": () => list.show(),
  g: () => { scrollTo({ top: 0 }); list.show(); list.focus(list.rows.keys().next().value); },
  "?": () => byId("help").showModal(),
  Escape: () => { if (detail.uid) detail.close(); else document.activeElement.blur(); },
});
startTheme();
fillForm();
load().then(() => { if (address.opened()) show(address.opened(), false); }, (error) => { showError(error); setTimeout(() => location.reload(), 3000); });
