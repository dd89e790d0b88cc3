// Signing in by a code that comes by e-mail. The cart that she filled as a guest comes along, and she is told how.

import { call } from "./api.js";
import { mark } from "./fields.js";
import { once, word } from "./ui.js";

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
    if (!isPending(problem)) return said("email", problem.status === 400 ? { code: "invalid_email" } : problem);
  }
  mark("email", "");
  document.getElementById("sent").textContent = word("code_sent", { email });
  [ask.hidden, give.hidden] = [true, false];
  give.elements.code.focus();
}

async function confirm() {
  const code = give.elements.code.value.replace(/[\s-]/g, "");
  if (!code) return said("code", { code: "required" });
  try {
    await call("POST", `${CODES}/confirm`, { code });
  } catch (problem) {
    return said("code", [400, 401, 409].includes(problem.status) ? { code: "code_wrong" } : problem);
  }
  mark("code", "");
  try {
    show(await call("POST", "/store/v1/session", {})); // the guest's cart is named by its cookie
  } catch (problem) {
    said("code", problem);
  }
}

/** What became of her carts; when there is nothing to tell, she goes on at once. */
function show(report) {
  const sentences = [
    ...report.merged.map((line) => word("merged", line)),
    ...report.dropped.map((line) => word(`dropped_${line.reason}`, line)),
    ...report.repriced.map((line) => word("repriced", { name: line.name, old: money(line.old), new: money(line.new) })),
  ];
  if (!sentences.length) return location.assign(ask.dataset.then);
  const list = document.getElementById("merge-report");
  list.replaceChildren(...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  [give.hidden, document.getElementById("merge").hidden] = [true, false];
  document.getElementById("go-on").focus();
}

function money({ amount, currency }) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(amount);
}

// allauth answers 401 with the step that comes next, when it has sent a code (or would have).
function isPending(problem) {
  return problem.status === 401 && (problem.data?.flows ?? []).some((flow) => flow.is_pending);
}

function said(id, problem) {
  if (!problem.code) throw problem;
  mark(id, problem.code);
  document.getElementById(id).focus();
}
