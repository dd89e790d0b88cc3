// What every page does beyond what HTML does: it says that there is JavaScript, tells screens that a part is new, and
// shows how much is in the cart.

import { session } from "./session.js";

document.documentElement.classList.add("js");

// Where there is room, the filters stand open beside the list; without JavaScript one opens them by hand.
const narrowing = document.getElementById("narrowing");
if (narrowing && matchMedia("(min-width: 56rem)").matches) narrowing.open = true;

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target.id === "product") {
    const chosen = target.querySelector('[aria-current="true"]');
    if (chosen) chosen.focus({ preventScroll: true });
  }
});

// Results come as one types, on every page. Enter goes to them, so what was still to be fetched is not wanted any more.
const find = document.querySelector("form.find");
let leaving = false;
find?.addEventListener("submit", () => {
  leaving = true;
  window.htmx?.trigger("#q", "htmx:abort");
});
addEventListener("pageshow", () => (leaving = false));
document.addEventListener("htmx:beforeRequest", (event) => {
  if (leaving && event.target.id === "q") event.preventDefault();
});

document.addEventListener("htmx:responseError", () => location.reload());

// The header's badge can wait until everything else is there.
const askLater = window.requestIdleCallback ?? setTimeout;
addEventListener("load", () => askLater(() => session().catch(() => {})));
