// Formats numbers and times for people. Times are UTC, as in mail logs.

const number = new Intl.NumberFormat("en");
export const count = (value) => number.format(value);

export const many = (value, one, several = `${one}s`) => `${count(value)} ${value === 1 ? one : several}`;

/** Whether a finding's count is to be read as "at least": it is a minimum, or its window isn't final. */
export const mayGrow = (finding) => finding.count_is_minimum || !["final", "withdrawn"].includes(finding.state);

/** `3 mails`, or `at least 3 mails` where there may be more; by default the finding's count. */
export const counted = (finding, value = finding.count, one = finding.counts.slice(0, -1)) =>
  `${mayGrow(finding) ? "at least " : ""}${many(value, one)}`;

/** `07-17 08:00`, preceded by the year where it isn't the current one. */
export function stamp(ms, now = Date.now()) {
  const iso = new Date(ms).toISOString();
  const sameYear = iso.slice(0, 4) === new Date(now).toISOString().slice(0, 4);
  return `${iso.slice(sameYear ? 5 : 0, 10)} ${iso.slice(11, 16)}`;
}

export function ago(ms, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export const words = (slip) => slip.replaceAll("-", " ");
