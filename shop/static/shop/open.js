// From a message's link to the order. The token goes from the address at once, and into a cookie that no script reads.

import { call } from "./api.js";
import { wordFor } from "./ui.js";

const said = document.getElementById("opening");
const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);

try {
  const order = await call("POST", "/store/v1/orders/open", { token });
  location.replace(said.dataset.orders + order.id);
} catch (problem) {
  if (!("status" in problem)) throw problem;
  said.textContent = wordFor(problem.status === 400 ? { code: "order_link_not_valid" } : problem);
}
