// Carts: those that are open to the clerk, and opening another one by the code that the shopper shows.

import { ask, goTo, screen, whenOpen } from "./tablet.js";
import { openCarts, put, waiting, workOn } from "./tablet-open.js";
import { money, pieces, stamp, when } from "./tablet-parts.js";
import { brought, follow, read, scanning } from "./tablet-scan.js";
import { attempt, word, wordFor, toast } from "./ui.js";

const list = document.getElementById("carts");
const form = document.getElementById("open");
const field = document.getElementById("code");

async function show() {
  document.getElementById("pending").hidden = !waiting();
  try {
    const carts = await openCarts();
    list.replaceChildren(
      ...carts.map((cart) => {
        const row = stamp("t-cart", {
          href: screen(`carts/${cart.id}`),
          units: pieces(cart.units),
          when: word("changed_at", { when: when(cart.changed_at) }),
          sum: money(cart.goods),
        });
        row.firstElementChild.addEventListener("click", (event) => {
          if (!waiting()) return;
          event.preventDefault();
          attempt(event.currentTarget, () => enter(cart.id));
        });
        return row;
      }),
    );
    document.getElementById("none").hidden = carts.length > 0;
  } catch (problem) {
    toast(wordFor(problem), { wrong: true });
  } finally {
    list.removeAttribute("aria-busy");
  }
}

/** Go to the cart, with the article that waits for it. */
async function enter(id) {
  workOn(id);
  const article = waiting();
  if (article) {
    await put(id, article.sku, article.quantity);
    waiting({ take: true });
  }
  goTo(`carts/${id}`, article ? word("added", { name: article.name }) : "");
}

function open(code) {
  field.value = code;
  return attempt(form, async () => {
    const cart = await ask("POST", "/staff/v1/carts/open", { code });
    field.value = "";
    await enter(cart.id);
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) take(field.value);
});

function take(text) {
  const meant = read(text);
  if (["label", "gtin", "order"].includes(meant.kind)) return follow(meant);
  return open(meant.value);
}

scanning(take);
whenOpen(() => {
  show();
  const code = brought();
  if (code) open(code);
});
