// Signing in by a code that comes by e-mail. The cart that she filled as a guest comes along, and she is told how.

import { call, wrongFields } from "./api.js";
import { mark } from "./fields.js";
import { session } from "./session.js";
import { once, word, wordFor } from "./ui.js";

const CODES = "/_allauth/browser/v1/auth/code";
const [ask, give] = [document.getElementById("ask-code"), document.getElementById("give-code")];

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  once(document.getElementById("send-code"), request);
});
give.addEventListener("submit", (event) => {
  event.preventDefault();
  once(document.getElementById("use-code"), confirm);
});
document.getElementById("other-address").addEventListener("click", () => {
  [ask.hidden, give.hidden] = [false, true];
  ask.elements.email.focus();
});

async function request() {
  const email = ask.elements.email.value.trim();
  if (!email) return said("email", { code: "email_missing" });
  try {
    await call("POST", `${CODES}/request`, { email });
  } catch (problem) {
    if (!isPending(problem)) return said("email", problem);
  }
  mark("email", "");
  document.getElementById("sent").textContent = word("code_sent", { email });
  [ask.hidden, give.hidden] = [true, false];
  give.elements.code.focus();
}

async function confirm() {
  const code = give.elements.code.value.replace(/[\s-]/g, "");
  if (!code) return said("code", { code: "required" });
  const guest = await session(); // before: afterwards the cart that is hers may be another one
  try {
    await call("POST", `${CODES}/confirm`, { code });
  } catch (problem) {
    return said("code", [400, 401, 409].includes(problem.status) ? { code: "code_wrong" } : problem);
  }
  mark("code", "");
  const report = await call("POST", "/store/v1/session", guest.cart ? { cart_id: guest.cart.id } : {});
  show(report);
}

function show(report) {
  const lines = [];
  if (report.merged?.length) lines.push(word("merged"));
  for (const line of report.repriced ?? []) lines.push(word("repriced", { name: line.name ?? line.sku }));
  for (const line of report.dropped ?? []) lines.push(word("dropped", { name: line.name ?? line.sku }));
  if (!lines.length || lines.length === (report.merged?.length ? 1 : 0)) return location.assign(ask.dataset.then);
  const list = document.getElementById("merge-report");
  list.replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  [give.hidden, document.getElementById("merge").hidden] = [true, false];
  document.getElementById("go-on").focus();
}

// allauth answers 401 with the step that comes next, when it has sent a code (or would have).
function isPending(problem) {
  return problem.status === 401 && (problem.data?.flows ?? []).some((flow) => flow.is_pending);
}

function said(id, problem) {
  if (!("status" in problem) && !problem.code) throw problem;
  const wrong = wrongFields({ errors: (problem.errors ?? []).filter((error) => error.pointer) });
  mark(id, wrong[id] ?? problem.code ?? "internal_error");
  if (!document.getElementById(`${id}-wrong`).textContent) document.getElementById(`${id}-wrong`).textContent = wordFor(problem);
  document.getElementById(id).focus();
}
