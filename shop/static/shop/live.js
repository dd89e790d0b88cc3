// Listening to one cart or one order: server-sent events, opened with a ticket that is good for one connection.
//
// The browser's own reconnecting would come with a used ticket, so every connection is opened anew, from the last
// event that was heard.

import { call } from "./api.js";

const WAITS_MS = [500, 1000, 2000, 5000, 10000, 30000];

/**
 * Listen until the returned function is called.
 * `tickets`: the path that gives tickets. `heard(message)`: for each event. `opened()`: each time listening begins,
 * to read anew what may have changed before. `lost()`: nobody answers for now; it is tried again.
 */
export function listen(tickets, { heard, opened = () => {}, lost = () => {} }) {
  let source = null;
  let last = "";
  let failed = 0;
  let timer = 0;
  let ended = false;

  async function open() {
    clearTimeout(timer);
    let given;
    try {
      given = await call("POST", tickets);
    } catch (problem) {
      if ([401, 403, 404].includes(problem.status)) ended = true; // not hers any more
      return again();
    }
    if (ended) return;
    source = new EventSource(last ? `${given.url}&last_event_id=${last}` : given.url);
    source.onopen = () => {
      failed = 0;
      opened();
    };
    source.onmessage = (event) => {
      last = event.lastEventId || last;
      heard(JSON.parse(event.data));
    };
    source.onerror = again;
  }

  function again() {
    source?.close();
    source = null;
    if (ended) return;
    if (failed === 1) lost(); // the first time is a stream that has lasted its half hour
    clearTimeout(timer);
    timer = setTimeout(open, WAITS_MS[Math.min(failed, WAITS_MS.length - 1)]);
    failed += 1;
  }

  function wake() {
    if (!ended && source === null && document.visibilityState === "visible") {
      failed = 0;
      clearTimeout(timer);
      open();
    }
  }

  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && again());
  document.addEventListener("htmx:beforeSwap", leave);
  open();
  return end;

  function end() {
    ended = true;
    clearTimeout(timer);
    source?.close();
    removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
    document.removeEventListener("htmx:beforeSwap", leave);
  }

  // Search results take the whole page's place: what was listened for is not shown any more.
  function leave(event) {
    if (event.detail.target.id === "main" && event.detail.shouldSwap) end();
  }
}
