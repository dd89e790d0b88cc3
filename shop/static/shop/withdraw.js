// Withdrawing in two steps: the statement as it would be made, then its confirmation. By an order of hers, or by an
// order's number, name and e-mail.

import { call, newKey, wrongFields } from "./api.js";
import { markAll } from "./fields.js";
import { once, word, wordFor } from "./ui.js";

const form = document.getElementById("state");
const [statement, receipt] = [document.getElementById("statement"), document.getElementById("receipt")];
const order = form?.dataset.order;
const path = order ? `/store/v1/orders/${order}/withdrawal` : "/store/v1/withdrawals";
let draft = null;
let keys = [newKey(), newKey()];

form?.addEventListener("input", () => {
  keys = [newKey(), newKey()];
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  once(document.getElementById("first"), () => state().catch(refuse("refusal")));
});
document.getElementById("second")?.addEventListener("click", (event) => {
  once(event.currentTarget, () => confirm().catch(refuse("refusal-2")));
});
document.getElementById("not-now")?.addEventListener("click", () => {
  [statement.hidden, form.hidden] = [true, false];
  keys = [newKey(), newKey()];
  document.getElementById("first").focus();
});

async function state() {
  document.getElementById("refusal").textContent = "";
  let wish;
  if (!order) {
    const names = ["order_number", "name", "email"];
    wish = Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]));
    const missing = names.filter((name) => !wish[name]);
    if (markAll(Object.fromEntries(names.map((name) => [name, missing.includes(name) ? "required" : ""]))) && missing.length) return;
    wish.locale = form.dataset.locale;
  }
  draft = await call("POST", path, wish, { key: keys[0] });
  document.getElementById("statement-text").textContent = draft.statement;
  [statement.hidden, form.hidden] = [false, true];
  statement.focus();
}

async function confirm() {
  const told = await call("POST", `${path}/${draft.id}/confirm`, undefined, { key: keys[1] });
  document.getElementById("receipt-said").textContent = word(order ? "received_here" : "received_there");
  document.getElementById("receipt-text").textContent = told.statement;
  [statement.hidden, receipt.hidden] = [true, false];
  receipt.focus();
}

function refuse(id) {
  return (problem) => {
    if (!("status" in problem)) throw problem;
    const marked = markAll(wrongFields(problem));
    document.getElementById(id).textContent = marked ? word("invalid_input") : wordFor(problem);
  };
}
