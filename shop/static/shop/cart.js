// The cart's page: her changes go to the API, everybody's changes come back as a fresh part of the page.

import { call, newKey } from "./api.js";
import { listen } from "./live.js";
import { resumePlacing } from "./placing.js";
import { showUnits } from "./session.js";
import { attempt, refresh, toast, word } from "./ui.js";

const place = document.getElementById("cart");
const cart = place.dataset.cart;
const path = `/store/v1/carts/${cart}`;
const dialog = document.getElementById("hand-over-dialog");
let own = 0; // the version that our own last change made
let doing = Promise.resolve(); // our own change that is under way

resumePlacing();

async function show() {
  await refresh("cart");
  showUnits(Number(place.firstElementChild?.dataset.units || 0));
}

function change(control, work) {
  doing = attempt(control, async () => {
    try {
      own = (await work())?.version ?? own;
    } finally {
      await show();
    }
  });
}

const acts = {
  fewer: (line, units) => setUnits(line, units - 1),
  more: (line, units) => setUnits(line, units + 1),
  units: (line, units) => setUnits(line, units),
  remove: async (line) => {
    const changed = await call("DELETE", `${path}/lines/${line.dataset.line}`);
    toast(word("removed", { name: line.dataset.name }));
    return changed;
  },
  accept: () => call("PATCH", path, {}),
  "take-back": () => call("POST", `${path}/take-back`),
  "hand-over": async () => {
    const given = await call("POST", `${path}/hand-over-codes`, undefined, { key: newKey() });
    document.getElementById("hand-over-qr").src = given.qr;
    document.getElementById("hand-over-code").textContent = given.code;
    dialog.showModal();
    return null;
  },
};

function setUnits(line, quantity) {
  return call("PATCH", `${path}/lines/${line.dataset.line}`, { quantity });
}

function act(control) {
  if (control.dataset.act === "units") control.defaultValue = control.value; // said, and typed no more
  const line = control.closest("[data-line]");
  const units = Number(line?.querySelector("[data-act=units]").value);
  change(control, () => acts[control.dataset.act](line, units));
}

place.addEventListener("click", (event) => {
  const control = event.target.closest("button[data-act]");
  if (control) act(control);
});
place.addEventListener("change", (event) => {
  if (event.target.dataset.act === "units") act(event.target);
});

if (cart) {
  listen(`${path}/stream-tickets`, {
    opened: show,
    heard: async ({ data }) => {
      await doing;
      const mine = data.version <= own;
      if (dialog.open) dialog.close(); // the clerk has opened it
      await show();
      if (!mine) toast(word("changed_elsewhere"));
    },
  });
}
