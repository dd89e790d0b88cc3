// Pick-ups: what waits on the shelf, what is to be packed or on its way here, and handing out by the buyer's code.

import { newKey } from "./api.js";
import { ask, whenOpen } from "./tablet.js";
import { fill, options, stamp, when } from "./tablet-parts.js";
import { brought, follow, read, scanning } from "./tablet-scan.js";
import { attempt, once, toast, word, wordFor } from "./ui.js";

const READY = "ready_for_pickup";
const COMING = ["created", "dispatched", "in_transit", "out_for_delivery", "failed"];
const told = document.getElementById("told");
const field = document.getElementById("number");
const dialog = document.getElementById("hand-out");
const code = document.getElementById("pickup-code");
const wrong = document.getElementById("hand-out-wrong");
let handing = null; // the parcel, and the key of handing it out with the code that was typed

async function show() {
  const number = field.value.trim();
  const query = number ? `?${new URLSearchParams({ number })}` : "";
  let items;
  let picks;
  try {
    [{ items }, { items: picks }] = await Promise.all([
      ask("GET", `/staff/v1/parcels${query}`),
      ask("GET", "/staff/v1/picking-lists"),
    ]);
  } catch (problem) {
    told.textContent = wordFor(problem);
    return;
  } finally {
    document.getElementById("ready").removeAttribute("aria-busy");
  }
  const ready = items.filter((each) => each.state === READY);
  const coming = items.filter((each) => COMING.includes(each.state));
  const past = items.filter((each) => each.state !== READY && !COMING.includes(each.state));
  list("ready", ready);
  list("coming", coming);
  list("past", past);
  document.getElementById("ready-part").hidden = !ready.length;
  document.getElementById("coming-part").hidden = !coming.length;
  document.getElementById("past-part").hidden = !past.length;
  const packing = picks.filter((each) => each.pickup_at && (!number || plain(each.number) === plain(number)));
  listPicks(packing);
  document.getElementById("packing-part").hidden = !packing.length;
  told.textContent = number && !items.length && !packing.length ? word("none_found", { number }) : ready.length ? "" : word("none_ready");
}

function list(id, parcels) {
  document.getElementById(id).replaceChildren(
    ...parcels.map((parcel) => {
      const row = stamp("t-parcel", {
        buyer: parcel.buyer,
        number: parcel.number,
        state: word(`state_${parcel.state}`),
        when: word("packed", { when: when(parcel.packed_at) }),
      });
      fill(row, "lines", "t-unit", parcel.lines);
      const handOut = row.querySelector("[data-act=hand-out]");
      const shelve = row.querySelector("[data-act=shelve]");
      handOut.hidden = parcel.state !== READY;
      shelve.hidden = parcel.state === "created" || !COMING.includes(parcel.state);
      handOut.addEventListener("click", () => askCode(parcel));
      shelve.addEventListener("click", () =>
        attempt(shelve, async () => {
          await ask("POST", `/staff/v1/parcels/${parcel.id}/shelve`);
          toast(word("shelved"));
          await show();
        }),
      );
      return row;
    }),
  );
}

/** What is to be fetched from the shelves, and where it stands. Packed, exactly that waits for its buyer. */
function listPicks(picks) {
  document.getElementById("packing").replaceChildren(
    ...picks.map((pick) => {
      const row = stamp("t-pick", { number: pick.number, when: word("ordered", { when: when(pick.placed_at) }) });
      fill(
        row,
        "lines",
        "t-fetch",
        pick.lines.map((line) => ({
          quantity: line.open,
          name: line.name,
          options: options(line.options),
          place: line.place ? word("place", { place: line.place }) : "",
        })),
      );
      const pack = row.querySelector("[data-act=pack]");
      const key = newKey();
      pack.addEventListener("click", () =>
        attempt(pack, async () => {
          const lines = pick.lines.map((line) => ({ line_id: line.id, quantity: line.open }));
          try {
            await ask("POST", `/staff/v1/orders/${pick.order_id}/parcels`, { lines }, { key });
          } catch (problem) {
            if (["nothing_to_dispatch", "more_than_open"].includes(problem.code)) await show();
            throw problem;
          }
          toast(word("packed_now"));
          await show();
        }),
      );
      return row;
    }),
  );
}

/** A number as the API compares it. */
function plain(number) {
  const alike = { O: "0", I: "1", L: "1", "-": "", " ": "" };
  return number.toUpperCase().replace(/[OIL\- ]/g, (letter) => alike[letter]);
}

function askCode(parcel) {
  handing = { parcel, typed: "", key: "" };
  document.getElementById("hand-out-title").textContent = word("hand_out_to", parcel);
  wrong.textContent = code.value = "";
  dialog.showModal();
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = code.value.trim();
  if (!typed) return code.focus();
  if (typed !== handing.typed) Object.assign(handing, { typed, key: newKey() });
  const { parcel, key } = handing;
  await once(event.submitter ?? event.target, async () => {
    try {
      await ask("POST", `/staff/v1/parcels/${parcel.id}/hand-out`, { code: typed }, { key });
    } catch (problem) {
      wrong.textContent = wordFor(problem);
      if (problem.code === "not_handed_out_here") await show();
      return code.select();
    }
    dialog.close();
    toast(word("handed_out", parcel));
    await show();
  });
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

function take(text) {
  const meant = read(text);
  if (dialog.open) {
    code.value = meant.value; // the code on her phone
    return dialog.querySelector("form").requestSubmit();
  }
  if (meant.kind !== "order") return follow(meant);
  field.value = meant.value;
  return show();
}

scanning(take);
whenOpen(() => {
  const number = brought();
  if (number) field.value = number;
  show();
});
