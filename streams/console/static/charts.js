// The strip of charts: mails over time by kind of slip, and the most frequent domains, senders and slips.
import { byId, el, svg } from "./dom.js";
import { count, many, stamp, words } from "./format.js";

const COLOURS = 7;
const HOUR_MS = 3600000;
const DAY_MS = 24 * HOUR_MS;
const BARS = 56;
const HEIGHT = 100;

/** Draw the strip; `filter` is called with the filter that a click sets. */
export function draw(activity, filter) {
  const strip = byId("strip");
  const focused = strip.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  strip.hidden = activity.total === 0;
  const colour = new Map(activity.slips.map(({ slip }, at) => [slip, `s${Math.min(at, COLOURS)}`]));
  strip.replaceChildren(
    overTime(activity, colour, filter),
    ranking("Mistaken domains", activity.domains, (each) => [each.domain, each.count, { domain: each.domain }, ` for ${each.intended}`], filter),
    ranking("Senders", activity.senders, (each) => [each.sender, each.count, { sender: each.sender }], filter),
    ranking("Kinds of slip", activity.slips.slice(0, 6), (each) => [words(each.slip), each.count, { slip: each.slip }, "", colour.get(each.slip)], filter),
  );
  if (focused) strip.querySelector(`[data-key=${CSS.escape(focused)}]`)?.focus();
}

function overTime(activity, colour, filter) {
  const hours = Math.round((activity.end_ms - activity.start_ms) / HOUR_MS);
  const width = Math.max(1, Math.ceil(hours / BARS));
  const bars = Array.from({ length: Math.ceil(hours / width) }, () => new Map());
  for (const { start_ms: start, slips } of activity.hours) {
    const bar = bars[Math.floor((start - activity.start_ms) / HOUR_MS / width)];
    for (const [slip, number] of Object.entries(slips)) bar.set(slip, (bar.get(slip) || 0) + number);
  }
  const most = Math.max(1, ...bars.map((bar) => [...bar.values()].reduce((a, b) => a + b, 0)));
  const picture = svg("svg", { viewBox: `0 0 ${bars.length * 10} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${many(activity.total, "mail")} to mistaken domains over time, at most ${count(most)} in ${many(width, "hour")}` });
  for (let day = Math.ceil(activity.start_ms / DAY_MS) * DAY_MS; day < activity.end_ms; day += DAY_MS) {
    const x = ((day - activity.start_ms) / HOUR_MS / width) * 10;
    picture.append(svg("line", { class: "day", x1: x, x2: x, y1: 0, y2: HEIGHT }));
  }
  bars.forEach((bar, at) => picture.append(...stack(bar, at, most, colour, activity.start_ms + at * width * HOUR_MS, width, filter)));
  picture.append(svg("line", { class: "baseline", x1: 0, x2: bars.length * 10, y1: HEIGHT, y2: HEIGHT }));
  return el("div", { class: "chart" },
    el("h3", {}, el("span", {}, `${many(activity.total, "mail")} to mistaken domains`), el("span", {}, `max ${count(most)} in ${width} h`)), picture,
    el("div", { class: "axis" }, el("span", {}, stamp(activity.start_ms)), el("span", {}, `${stamp(activity.end_ms)} UTC`)));
}

function stack(bar, at, most, colour, start, width, filter) {
  let y = HEIGHT;
  const label = [...bar].map(([slip, number]) => `${words(slip)}: ${number}`).join("\n");
  const title = `${stamp(start)} UTC\n${label}`;
  const parts = [...colour.keys()].filter((slip) => bar.has(slip)).map((slip) => {
    const height = Math.max(1.5, (bar.get(slip) / most) * (HEIGHT - 4));
    y -= height;
    return svg("rect", { class: colour.get(slip), x: at * 10 + 1, y, width: 8, height });
  });
  if (!parts.length) return parts;
  const column = svg("rect", { class: "column", x: at * 10, y: 0, width: 10, height: HEIGHT }, svg("title", {}, `${title}\nClick to see these findings`));
  column.addEventListener("click", () => filter({ since: iso(start), until: iso(start + width * HOUR_MS) }));
  return [...parts, column];
}

const iso = (ms) => new Date(ms).toISOString().replace(".000", "");

function ranking(title, list, read, filter) {
  const most = Math.max(1, ...list.map((each) => each.count));
  return el("div", { class: "chart" }, el("h3", {}, title), el("ol", {}, ...list.map((each) => {
    const [name, number, wanted, more = "", colour = ""] = read(each);
    const fill = el("span", { class: "fill" });
    fill.style.width = `${(number / most) * 100}%`;
    return el("li", {}, el("button", { type: "button", "data-key": `${title}:${name}`, title: `${name}${more}`, click: () => filter(wanted) },
      fill, el("span", { class: "name" }, colour ? el("span", { class: `swatch ${colour}` }) : null, name), el("span", {}, count(number)), el("span", { class: "hidden" }, ": filter by this")));
  })));
}
