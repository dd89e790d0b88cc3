// An order's page: what happens to it shows by itself, and it can be called off.

import { call } from "./api.js";
import { listen } from "./live.js";
import { attempt, refresh, toast, word } from "./ui.js";

const ASK_AGAIN_MS = [2000, 2000, 3000, 5000, 8000, 15000, 30000]; // while a bank thinks, beside listening

const place = document.getElementById("order");
const dialog = document.getElementById("cancel-dialog");
const path = `/store/v1/orders/${place.dataset.order}`;

const show = () => refresh("order", location.pathname);
const isWaiting = () => Boolean(place.querySelector("[data-waiting]"));

place.addEventListener("click", (event) => {
  if (event.target.closest("#cancel")) dialog.showModal();
});
dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "yes") return;
  dialog.returnValue = "";
  attempt(place, async () => {
    try {
      await call("POST", `${path}/cancel`);
      toast(word("cancelled"));
    } finally {
      await show();
    }
  });
});

if ("live" in place.dataset) {
  let begun = false;
  listen(`${path}/tracking/stream-tickets`, {
    opened: () => {
      if (begun) show();
      begun = true;
    },
    heard: async () => {
      await show();
      toast(word("moved"));
    },
  });
}

async function askAgain(round = 0) {
  if (!isWaiting() || round >= ASK_AGAIN_MS.length) return;
  await new Promise((done) => setTimeout(done, ASK_AGAIN_MS[round]));
  await show();
  askAgain(round + 1);
}
askAgain();
