// Paying an order that waits for its money: another try, another method, or Stripe's own fields with a real account.

import { call, newKey } from "./api.js";
import { goOn } from "./placing.js";
import { once, word, wordFor } from "./ui.js";

const form = document.getElementById("pay");
const path = `/store/v1/orders/${form.dataset.order}/payments`;
const back = new URL(form.dataset.back, location.href).href;
let elements = null; // Stripe's fields, once they are on the page
let stripe = null;
let key = newKey();

form.addEventListener("change", () => {
  key = newKey();
  elements = null;
  document.getElementById("element").replaceChildren();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(document.getElementById("pay-now"), elements ? confirm : begin);
});

async function begin() {
  refuse("");
  const chosen = form.querySelector("[name=payment_method]:checked");
  if (!chosen) return refuse(word("payment_missing"));
  try {
    const { payment } = await call("POST", path, { payment_method: chosen.value }, { key });
    key = newKey();
    const action = payment.next_action;
    if (action.type === "sdk" && !action.url && window.Stripe) mount(action);
    else goOn(form.dataset.order, action, { pay: back, order: back });
  } catch (problem) {
    if (!("status" in problem)) throw problem;
    if (problem.code === "order_not_payable") location.assign(back);
    refuse(wordFor(problem));
  }
}

function mount(action) {
  stripe = window.Stripe(action.publishable_key, { locale: document.documentElement.lang.slice(0, 2) });
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  elements = stripe.elements({ clientSecret: action.client_secret, appearance: { theme: dark ? "night" : "stripe" } });
  elements.create("payment").mount("#element");
}

async function confirm() {
  refuse("");
  const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: back } });
  if (error) refuse(error.message); // Stripe says it in the reader's language
}

function refuse(text) {
  document.getElementById("refusal").textContent = text;
}

// She comes straight from placing the order: her method is known, and nothing has failed yet.
if (form.dataset.waits === "sdk") once(document.getElementById("pay-now"), begin);
