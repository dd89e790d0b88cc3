// Who is here and how much is in the cart, for the header of every page.

import { call, newKey } from "./api.js";
import { word } from "./ui.js";

/** Who is signed in and which cart she fills, asked anew. */
export async function session() {
  const told = await call("GET", "/store/v1/session");
  showUnits(told.cart?.units ?? 0);
  return told;
}

/** Show how many pieces are in the cart. */
export function showUnits(units) {
  const badge = document.getElementById("cart-units");
  badge.hidden = !units;
  badge.textContent = units > 99 ? "99+" : units || "";
  const link = document.getElementById("cart-link");
  if (units) link.setAttribute("aria-label", word("units_in_cart", { units }));
  else link.removeAttribute("aria-label");
}

/** Put units into her cart, which is opened when she has none. Answers the cart. */
export async function addToCart(sku, quantity, key = newKey()) {
  const told = await session();
  const cart = told.cart ?? (await call("POST", "/store/v1/carts"));
  const changed = await call("POST", `/store/v1/carts/${cart.id}/lines`, { sku, quantity }, { key });
  showUnits(changed.lines.reduce((sum, line) => sum + line.quantity, 0));
  return changed;
}
