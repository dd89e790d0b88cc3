// The product's page: into the cart, and when it would be there.

import { newKey } from "./api.js";
import { addToCart } from "./session.js";
import { attempt, toast, word } from "./ui.js";

const KEPT = "polku.postcode";
let wish = null; // what she wanted last, so that pressing again after a lost answer adds nothing twice

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-add]")) return;
  event.preventDefault();
  const sku = form.dataset.add;
  const quantity = Number(form.elements.quantity.value);
  if (wish?.sku !== sku || wish?.quantity !== quantity) wish = { sku, quantity, key: newKey() };
  await attempt(form.querySelector("button"), async () => {
    await addToCart(sku, quantity, wish.key);
    wish = null;
    const link = { href: form.action, text: word("to_cart") };
    toast(word("added", { name: form.dataset.name }), { link });
  });
});

// The postcode is hers: it is kept in her browser alone, and asked again for every variant that she looks at.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "ask-promise") localStorage.setItem(KEPT, event.detail.parameters.postal_code ?? "");
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "product") askPromise();
});

function askPromise() {
  const field = document.getElementById("postal_code");
  const kept = localStorage.getItem(KEPT);
  if (!field || !kept || document.getElementById("promises").textContent.trim()) return;
  field.value = kept;
  field.form.requestSubmit();
}

if (document.readyState === "complete") askPromise();
else addEventListener("load", askPromise); // by then htmx listens
