// Placing the order, also when the answer got lost on the way: the wish is kept until it is answered, and repeated with
// the same key, which finds the order that was placed.

import { call, newKey } from "./api.js";

const KEPT = "polku.placing";

/** Place the cart as she saw it, and go where the payment goes on. */
export async function place(cart, version, wish, pages) {
  const same = JSON.stringify({ cart, version, wish });
  const before = read();
  const kept = before?.same === same ? before : { cart, version, wish, pages, same, key: newKey() };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  return send(kept);
}

/** Go on with an order whose answer never arrived. */
export async function resumePlacing() {
  const kept = read();
  if (kept) await send(kept).catch(() => {});
}

/** Go where the buyer does the next step: the provider's page, ours for its library, or her order. */
export function goOn(order, action, pages) {
  const page = action.type === "sdk" && !action.url ? pages.pay : pages.order;
  const own = page.replace("00000000-0000-0000-0000-000000000000", order);
  location.assign(action.url && /^https?:\/\//.test(action.url) ? action.url : own);
}

async function send(kept) {
  let placed;
  try {
    placed = await call("POST", `/store/v1/carts/${kept.cart}/place`, kept.wish, { key: kept.key, version: kept.version });
  } catch (problem) {
    const answered = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    if (answered && problem.code !== "idempotency_key_in_flight") sessionStorage.removeItem(KEPT); // nothing was placed
    throw problem;
  }
  sessionStorage.removeItem(KEPT);
  goOn(placed.id, placed.payment.next_action, kept.pages);
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
