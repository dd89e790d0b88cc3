// The shopper's live cart: both see the same, both may change it, and whoever was overtaken is told by what.
//
// What the clerk sets is sent with the version that she saw. When somebody changed the same line meanwhile, hers is not
// done: she is shown what happened, and may do it all the same. Another line's change is none of her business.

import { newKey } from "./api.js";
import { listen } from "./live.js";
import { ask, goTo, screen, whenOpen, whoIsHere } from "./tablet.js";
import { leave, workOn } from "./tablet-open.js";
import { money, options, pieces, stamp, step, when } from "./tablet-parts.js";
import { follow, read, scanning } from "./tablet-scan.js";
import { attempt, toast, word, wordFor } from "./ui.js";

const AFTER_TAPS_MS = 350; // a run of taps on + is one wish
const SHOWN = 3; // of what was done last
const CUT_OFF_MS = 5000; // between tries while there is no connection
const id = location.pathname.split("/").pop();
const path = `/staff/v1/carts/${id}`;
const lines = document.getElementById("lines");
const conflict = document.getElementById("conflict");
const dialog = document.getElementById("hand-back");
const wishes = new Map(); // by line: {quantity (0: take out), before, version, since, key}
let cart = null;
let sending = false;
let cutOff = false;
let timer = 0;
let heardAt = ""; // the last change that has been told
let stop = () => {};

// --- What is seen ---------------------------------------------------------------------------------------------

function show(fresh) {
  const before = cart;
  cart = fresh;
  if (cart.state !== "open") return over("ordered");
  document.getElementById("cart").removeAttribute("aria-busy");
  tell(before);
  const focus = focused();
  lines.replaceChildren(...cart.lines.map((line) => lineOf(line, before)));
  document.getElementById("empty").hidden = cart.lines.length > 0;
  document.getElementById("units").textContent = pieces(cart.lines.reduce((sum, line) => sum + line.quantity, 0));
  document.getElementById("total").textContent = money(cart.totals.total);
  showWhere();
  showChanges();
  focus?.();
  return undefined;
}

function lineOf(line, before) {
  const wish = wishes.get(line.id);
  const row = stamp("t-line", {
    name: line.name,
    href: screen(`?${new URLSearchParams({ sku: line.sku })}`),
    image: line.image,
    options: options(line.options),
    by: line.added_by.kind === "clerk" ? word("added_by", { who: line.added_by.label }) : "",
    quantity: wish?.quantity || line.quantity,
    sum: money(line.line_total),
  });
  row.dataset.line = line.id;
  const was = before?.lines.find((each) => each.id === line.id);
  if (before && was?.quantity !== line.quantity) row.classList.add("fresh");
  return row;
}

function focused() {
  const part = document.activeElement?.closest("[data-act]");
  const line = part?.closest("[data-line]")?.dataset.line;
  if (!line) return null;
  const { act } = part.dataset;
  return () => lines.querySelector(`[data-line="${line}"] [data-act=${act}]`)?.focus();
}

function showWhere() {
  const steps = [...new Set(cart.requirements.map((each) => word(`step_${each.step}`)))];
  document.getElementById("missing").textContent = steps.length
    ? word("missing", { steps: steps.join(", ") })
    : word("nothing_missing");
  document.getElementById("recent").replaceChildren(
    ...cart.recent.slice(0, SHOWN).map((each) => stamp("t-did", { what: said(each), when: when(each.at) })),
  );
}

function said({ by, name, sku, before, after }) {
  const who = by.kind === "clerk" ? by.label : word("shopper");
  const what = after === 0 ? "did_remove" : before === 0 ? "did_add" : "did_change";
  return word(what, { who, name: name ?? sku, before, after });
}

function showChanges() {
  const list = document.getElementById("changes");
  list.hidden = !cart.changes.length;
  list.replaceChildren(
    ...cart.changes.map((each) => {
      const name = cart.lines.find((line) => line.id === each.line_id)?.name ?? word("delivery");
      const sums = each.old?.amount ? { old: money(each.old), new: money(each.new) } : {};
      return stamp("t-said", { text: word(`change_${each.code}`, { ...each, ...sums, name }) });
    }),
  );
}

/** Say what others have done since the clerk looked. */
function tell(before) {
  const news = cart.recent.filter((each) => each.at > heardAt && !isMine(each));
  heardAt = cart.recent[0]?.at ?? heardAt;
  if (!before || !news.length) return;
  const text = news.map(said).reverse().join(" ");
  document.getElementById("heard").textContent = text;
  toast(text);
}

function isMine({ by }) {
  return by.kind === "clerk" && by.label === whoIsHere()?.name;
}

function over(why) {
  stop();
  leave(id);
  wishes.clear();
  conflict.hidden = true;
  document.getElementById("cart").hidden = true;
  document.getElementById("over").hidden = false;
  document.getElementById(`over-${why}`).hidden = false;
  for (const part of ["sum", "to-pay"]) document.getElementById(part).hidden = true;
  showLive(null);
}

function showLive(live) {
  const sign = document.getElementById("live");
  sign.hidden = live === null;
  sign.classList.toggle("off", !live);
  document.getElementById("live-word").textContent = live ? word("live") : word("not_live");
}

// --- What is done ---------------------------------------------------------------------------------------------

async function look() {
  try {
    show(await ask("GET", path));
  } catch (problem) {
    if (problem.status === 404) return over("taken");
    toast(wordFor(problem), { wrong: true });
  }
  return undefined;
}

function wishFor(line, quantity) {
  const known = wishes.get(line.id);
  const same = known?.quantity === quantity;
  wishes.set(line.id, {
    quantity,
    before: known?.before ?? line.quantity,
    version: known?.version ?? cart.version,
    since: known?.since ?? heardAt,
    key: same ? known.key : newKey(),
  });
  conflict.hidden = true;
  clearTimeout(timer);
  timer = setTimeout(send, quantity === 0 ? 0 : AFTER_TAPS_MS);
}

async function send() {
  if (sending || !wishes.size) return;
  sending = true;
  clearTimeout(timer);
  const [line, wish] = wishes.entries().next().value;
  const control = lines.querySelector(`[data-line="${line}"]`);
  control?.setAttribute("aria-busy", "true");
  try {
    const fresh = await (wish.quantity === 0
      ? ask("DELETE", `${path}/lines/${line}`, undefined, wish)
      : ask("PATCH", `${path}/lines/${line}`, { quantity: wish.quantity }, wish));
    cutOff = false;
    if (wishes.get(line) === wish) wishes.delete(line);
    else if (wishes.has(line)) Object.assign(wishes.get(line), { before: wish.quantity });
    // What she did herself in between is nothing that she has not seen.
    for (const other of wishes.values()) if (other.version + 1 === fresh.version) other.version = fresh.version;
    show(fresh);
  } catch (problem) {
    await refused(line, wish, problem);
  } finally {
    control?.removeAttribute("aria-busy");
    sending = false;
  }
  if (wishes.size && conflict.hidden && !cutOff) send();
}

async function refused(line, wish, problem) {
  cutOff = problem.code === "offline";
  if (cutOff) {
    // Kept until it can be sent: the same wish with the same key, should the answer alone have been lost.
    timer = setTimeout(send, CUT_OFF_MS);
    return toast(wordFor(problem), { wrong: true });
  }
  if (problem.code === "cart_consumed") return over("ordered");
  if (problem.status === 404 && !(await isOpen())) return over("taken");
  if (problem.code === "version_conflict" || problem.status === 404) {
    const fresh = await ask("GET", path);
    const now = fresh.lines.find((each) => each.id === line);
    if (now && now.quantity === wish.before) {
      // Something else has changed, not this line: what she wants is still what she wants.
      Object.assign(wish, { version: fresh.version, key: newKey() });
      return show(fresh);
    }
    wishes.delete(line);
    show(fresh);
    return explain(now, wish, fresh.recent.filter((each) => each.at > wish.since));
  }
  wishes.delete(line);
  show(cart);
  toast(wordFor(problem), { wrong: true });
  return undefined;
}

async function isOpen() {
  try {
    await ask("GET", path);
    return true;
  } catch (problem) {
    return problem.status !== 404;
  }
}

function explain(line, wish, happened) {
  document.getElementById("conflict-word").textContent = line ? word("conflict") : word("gone_line");
  document.getElementById("conflict-list").replaceChildren(
    ...happened.map((each) => stamp("t-did", { what: said(each), when: when(each.at) })),
  );
  const again = document.getElementById("again");
  again.hidden = !line;
  again.textContent = wish.quantity === 0 ? word("again_remove") : word("again_units", { units: wish.quantity });
  again.onclick = () => wishFor(line, wish.quantity);
  conflict.hidden = false;
  conflict.scrollIntoView({ block: "nearest" });
}

function act(control, quantity) {
  const line = cart.lines.find((each) => each.id === control.closest("[data-line]").dataset.line);
  wishFor(line, quantity);
}

lines.addEventListener("click", (event) => {
  const control = event.target.closest("button[data-act]");
  if (!control) return;
  if (control.dataset.act === "remove") act(control, 0);
  else step(control, (number) => act(control, number));
});
lines.addEventListener("change", (event) => {
  if (event.target.dataset.act !== "units") return;
  act(event.target, Math.min(999, Math.max(1, Math.trunc(Number(event.target.value)) || 1)));
});

addEventListener("online", send);

document.getElementById("to-pay").addEventListener("click", () => {
  dialog.returnValue = "";
  dialog.showModal();
});
dialog.addEventListener("close", () => {
  if (!dialog.returnValue) return;
  attempt(document.getElementById("to-pay"), async () => {
    const to_pay = dialog.returnValue === "to_pay";
    const message = to_pay ? document.getElementById("message").value.trim() : "";
    await ask("POST", `${path}/close`, { to_pay, message });
    stop();
    leave(id);
    goTo("carts", word(to_pay ? "handed_back" : "closed"));
  });
});

/** A scanned article goes to its page; adding it there is one tap. */
scanning((text) => follow(read(text)));
whenOpen(() => {
  workOn(id);
  stop();
  look();
  stop = listen(`${path}/stream-tickets`, {
    opened: () => {
      showLive(true);
      look();
    },
    heard: ({ data }) => {
      if (data.version !== cart?.version || !sending) look();
    },
    lost: () => showLive(false),
  });
});
