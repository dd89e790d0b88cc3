// Articles: found by words, by number or by scanner, with what stands here and elsewhere, and into the open cart.

import { goTo, ask, screen, whenOpen } from "./tablet.js";
import { keepFor, openCarts, put } from "./tablet-open.js";
import { fill, money, options, pieces, stamp, step } from "./tablet-parts.js";
import { follow, read, scanning } from "./tablet-scan.js";
import { attempt, toast, word, wordFor } from "./ui.js";

const found = document.getElementById("found");
const told = document.getElementById("told");
const field = document.getElementById("q");
const units = document.getElementById("units");
const act = document.getElementById("article-act");
const hello = [...found.children];
let products = [];
let shown = null; // {product, variant}
let cart = null; // the open one, if there is one
let asked = 0;

async function showCart() {
  [cart = null] = await openCarts().catch(() => []);
  const strip = document.getElementById("cart-strip");
  strip.hidden = !cart;
  if (!cart) return;
  strip.href = screen(`carts/${cart.id}`);
  document.getElementById("cart-strip-units").textContent = pieces(cart.units);
  document.getElementById("cart-strip-sum").textContent = money(cart.goods);
}

/** Show what the address asks for. */
async function show() {
  const wanted = new URLSearchParams(location.search);
  const name = ["sku", "gtin", "q"].find((each) => wanted.get(each));
  const number = ++asked;
  if (!name) return hideAll();
  const text = wanted.get(name);
  if (name === "q") field.value = text;
  found.setAttribute("aria-busy", "true");
  let items;
  try {
    ({ items } = await ask("GET", `/staff/v1/products?${new URLSearchParams({ [name]: text })}`));
  } catch (problem) {
    if (number === asked) told.textContent = wordFor(problem);
    return;
  } finally {
    if (number === asked) found.removeAttribute("aria-busy");
  }
  if (number !== asked) return;
  const meant = read(text);
  if (!items.length && ["cart", "order"].includes(meant.kind)) return follow(meant);
  products = items;
  told.textContent = word(items.length ? "found" : "found_none", { count: items.length, asked: text });
  const variant = items.length === 1 && items[0].variants.find((each) => each.asked);
  if (variant) showArticle(items[0], variant);
  else if (items.length === 1) showArticle(items[0], best(items[0]));
  else showList();
}

function hideAll() {
  told.textContent = "";
  act.hidden = true;
  found.replaceChildren(...hello);
}

function best(product) {
  return product.variants.find((each) => each.here.units > 0) ?? product.variants[0];
}

function showList() {
  act.hidden = true;
  const list = document.createElement("ul");
  list.append(
    ...products.map((product) => {
      const prices = product.variants.map((each) => each.price?.gross).filter(Boolean);
      const lowest = prices.sort((one, other) => one.amount - other.amount)[0];
      const row = stamp("t-product", {
        name: product.name,
        picture: product.picture,
        choices: product.variants.length > 1 ? product.variants.map((each) => options(each.options)).join(" · ") : "",
        here: hereOf(product.variants.reduce((sum, each) => sum + each.here.units, 0)),
        price: lowest ? money(lowest) : "",
      });
      row.firstElementChild.addEventListener("click", () => openArticle(product, best(product)));
      return row;
    }),
  );
  found.replaceChildren(list);
}

function hereOf(count) {
  return count > 0 ? pieces(count) : word("nowhere");
}

function openArticle(product, variant) {
  history.pushState(null, "", `?${new URLSearchParams({ sku: variant.sku })}`);
  told.textContent = "";
  showArticle(product, variant);
  found.querySelector("h2").focus();
}

function showArticle(product, variant) {
  shown = { product, variant };
  const page = stamp("t-article", {
    name: product.name,
    picture: variant.picture ?? product.picture,
    options: options(variant.options),
    price: variant.price ? money(variant.price.gross) : "",
    here: hereOf(variant.here.units),
    place: variant.here.place ? word("place", { place: variant.here.place }) : "",
    sku: variant.sku,
    gtin: variant.gtin ?? "",
  });
  fill(page, "elsewhere", "t-elsewhere", variant.elsewhere.map((each) => ({ name: each.name, units: pieces(each.units) })));
  const several = product.variants.length > 1;
  page.querySelector(".t-siblings-title").hidden = !several;
  const siblings = fill(
    page,
    "siblings",
    "t-sibling",
    several ? product.variants.map((each) => ({ options: options(each.options), here: hereOf(each.here.units) })) : [],
  );
  [...siblings.children].forEach((item, index) => {
    const sibling = product.variants[index];
    if (sibling === variant) item.firstElementChild.setAttribute("aria-current", "true");
    item.firstElementChild.addEventListener("click", () => openArticle(product, sibling));
  });
  found.replaceChildren(page);
  units.value = 1;
  act.hidden = !variant.price;
}

document.getElementById("add").addEventListener("click", (event) =>
  attempt(event.currentTarget, async () => {
    const { product, variant } = shown;
    const quantity = Math.min(999, Math.max(1, Math.trunc(Number(units.value)) || 1));
    if (!cart) {
      keepFor({ sku: variant.sku, quantity, name: product.name });
      return goTo("carts", word("open_a_cart"));
    }
    try {
      await put(cart.id, variant.sku, quantity);
    } catch (problem) {
      if (problem.status === 404 || problem.code === "cart_consumed") await showCart(); // it is open no longer
      throw problem;
    }
    units.value = 1;
    toast(word("added", { name: product.name }), { link: { href: screen(`carts/${cart.id}`), text: "→" } });
    await showCart();
  }),
);

for (const id of ["fewer", "more"]) {
  document.getElementById(id).addEventListener("click", (event) => step(event.currentTarget));
}

/** What was typed or scanned. */
function look(text) {
  const meant = read(text);
  if (meant.kind === "label") return follow(meant);
  const name = meant.kind === "gtin" ? "gtin" : "q";
  history.pushState(null, "", `?${new URLSearchParams({ [name]: meant.value })}`);
  field.select();
  return show();
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) look(field.value);
});
addEventListener("popstate", show);
scanning(look);
whenOpen(() => {
  showCart();
  show();
  if (matchMedia("(hover: hover)").matches) field.focus(); // with a screen keyboard it would cover half the screen
});
