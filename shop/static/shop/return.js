// Choosing what goes back. The code for the box is on the order's page, where she finds it again.

import { call, newKey } from "./api.js";
import { once, word, wordFor } from "./ui.js";

const form = document.getElementById("return");
let key = newKey();

form?.addEventListener("change", () => {
  key = newKey();
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  once(document.getElementById("announce"), announce);
});

async function announce() {
  const lines = [...form.querySelectorAll("[data-line]")]
    .map((row) => {
      const line = { line_id: row.dataset.line, quantity: Number(row.querySelector("[name=quantity]").value) };
      const reason = row.querySelector("[name=reason]").value;
      return reason ? { ...line, reason } : line;
    })
    .filter((line) => line.quantity > 0);
  if (!lines.length) {
    refuse(word("nothing_chosen"));
    form.querySelector("[name=quantity]").focus();
    return;
  }
  refuse("");
  try {
    const reason = form.elements.comment.value.trim();
    const made = await call("POST", `/store/v1/orders/${form.dataset.order}/returns`, { lines, reason }, { key });
    location.assign(`${form.dataset.then}#return-${made.id}`);
  } catch (problem) {
    if (!("status" in problem)) throw problem;
    refuse(wordFor(problem));
  }
}

function refuse(text) {
  document.getElementById("refusal").textContent = text;
}
