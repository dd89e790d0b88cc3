// The cart that the clerk works on: which of those that shoppers have opened to her gets what she adds.

import { newKey } from "./api.js";
import { ask } from "./tablet.js";

const CART = "polku.tablet.cart";
const PENDING = "polku.tablet.pending";
let wish = null; // what was to be added last, with its key: pressed again after a failure it is the same wish

/** The carts that are open to her, the one she works on first. */
export async function openCarts() {
  const { items } = await ask("GET", "/staff/v1/carts");
  const mine = localStorage.getItem(CART);
  return items.sort((one, other) => (other.id === mine) - (one.id === mine));
}

/** Work on this cart from now on. */
export function workOn(id) {
  localStorage.setItem(CART, id);
}

/** This cart is over. */
export function leave(id) {
  if (localStorage.getItem(CART) === id) localStorage.removeItem(CART);
}

/** Put units into the cart, once however often it is pressed. Answers the cart. */
export async function put(cart, sku, quantity) {
  const same = wish && wish.cart === cart && wish.sku === sku && wish.quantity === quantity;
  if (!same) wish = { cart, sku, quantity, key: newKey() };
  const changed = await ask("POST", `/staff/v1/carts/${cart}/lines`, { sku, quantity }, { key: wish.key });
  wish = null;
  return changed;
}

/** Keep an article until a cart is open. */
export function keepFor(article) {
  sessionStorage.setItem(PENDING, JSON.stringify(article));
}

/** The article that waits for a cart, if any; with `take` it waits no longer. */
export function waiting({ take = false } = {}) {
  const kept = JSON.parse(sessionStorage.getItem(PENDING) || "null");
  if (take) sessionStorage.removeItem(PENDING);
  return kept;
}
