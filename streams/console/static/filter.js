// The filter, the order and the opened finding, kept in the page's address, so that a link shows the same to others.

export const NAMES = ["domain", "sender", "severity", "status", "slip", "rule", "since", "until", "assignee", "sort"];

export function read() {
  const asked = new URLSearchParams(location.search);
  const filter = {};
  for (const name of NAMES) if (asked.get(name)) filter[name] = asked.get(name);
  return filter;
}

export const opened = () => new URLSearchParams(location.search).get("finding");

function address(filter, finding) {
  const query = new URLSearchParams(filter);
  if (finding) query.set("finding", finding);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** Put the filter and the opened finding into the address; `step` adds an entry to the history for the back button. */
export function write(filter, finding, step = false) {
  const target = address(filter, finding);
  if (target === (location.search || location.pathname)) return;
  history[step ? "pushState" : "replaceState"](null, "", target);
}

export const query = (filter, more = {}) => new URLSearchParams({ ...filter, ...more }).toString();
