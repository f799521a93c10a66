// The connection to the server: calls the API, and follows changes through lost connections and restarts.
import { query } from "./filter.js";

const RETRY_MS = 1000;

/** The JSON of a response of the API, to a POST where there is something `sent`; throws an Error with the reason. */
export async function ask(path, sent = null) {
  const headers = { Accept: "application/json", ...(sent && { "Content-Type": "application/json", "X-Straymail": "1" }) };
  const response = await fetch(path, { headers, ...(sent && { method: "POST", body: JSON.stringify(sent) }) });
  if (response.status === 401) {
    location.assign("/login");
    throw new Error("the session has ended");
  }
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

/** Follows the cases of one filter at a time. `on` has the callbacks changes, reset, status and state. */
export class Live {
  constructor(on) {
    this.on = on;
    this.last = "";
    this.source = null;
    this.timer = 0;
  }

  follow(filter, last) {
    this.filter = filter;
    this.last = last;
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    const source = this.source = new EventSource(`/api/events?${query(this.filter, { last: this.last })}`);
    source.addEventListener("open", () => this.on.state("live"));
    source.addEventListener("error", () => {
      this.on.state("lost");
      if (source.readyState === EventSource.CLOSED) this.timer = setTimeout(() => this.open(), RETRY_MS);
    });
    source.addEventListener("changes", (event) => { this.last = event.lastEventId; this.on.changes(JSON.parse(event.data)); });
    source.addEventListener("reset", (event) => { this.last = event.lastEventId; this.on.reset(); });
    source.addEventListener("status", (event) => this.on.status(JSON.parse(event.data)));
  }
}
