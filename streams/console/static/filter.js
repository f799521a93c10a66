// What is asked for; it lives in the address, so that a link shows the same to somebody else.

export const NAMES = ["domain", "sender", "severity", "slip", "rule", "since"];

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

/** Put filter and opened finding into the address; `step` makes it one that the back button leaves. */
export function write(filter, finding, step = false) {
  const target = address(filter, finding);
  if (target === (location.search || location.pathname)) return;
  history[step ? "pushState" : "replaceState"](null, "", target);
}

export const query = (filter, more = {}) => new URLSearchParams({ ...filter, ...more }).toString();
