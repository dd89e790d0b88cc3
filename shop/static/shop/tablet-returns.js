// Returns: the box is found by its label, looked into, received, and its money given back.

import { newKey } from "./api.js";
import { ask, whenOpen } from "./tablet.js";
import { fill, money, stamp, step } from "./tablet-parts.js";
import { brought, follow, read, scanning } from "./tablet-scan.js";
import { attempt, toast, word } from "./ui.js";

const place = document.getElementById("return");
const told = document.getElementById("told");
const field = document.getElementById("label");
const form = document.getElementById("search");
let box = null; // the return as it stands
let wish = null; // what was sent last, with its key

async function find(code) {
  field.value = code;
  told.textContent = "";
  await attempt(form, async () => {
    try {
      box = await ask("GET", `/staff/v1/return-labels/${encodeURIComponent(code)}`);
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      box = null;
      told.textContent = word("label_unknown", { code });
    }
    show();
  });
}

function show() {
  document.getElementById("hint").hidden = Boolean(box);
  document.getElementById("receive-act").hidden = box?.state !== "announced";
  document.getElementById("credit-act").hidden = box?.state !== "received";
  if (!box) return place.replaceChildren();
  const sum = box.credit ? money(box.credit) : "";
  const page = stamp("t-return", {
    label: box.label_code,
    state: word(`state_${box.state}`, { sum }) + (box.refunded ? ` ${word("refunded")}` : ""),
    right: word(`right_${box.right}`),
    reason: box.deduction ? `− ${money(box.deduction.amount)}: ${box.deduction.reason}` : "",
  });
  const looked = box.state !== "announced";
  const lines = fill(
    page,
    "lines",
    "t-back",
    box.lines.map((line) => ({
      name: line.name,
      sku: line.sku,
      announced: word("announced_units", { units: line.quantity }),
      why: line.reason ? word(`reason_${line.reason}`) : "",
      comment: [line.comment, line.note].filter(Boolean).join(" – "),
      found: looked ? word("found_units", { sellable: line.sellable ?? 0, damaged: line.damaged ?? 0 }) : "",
    })),
  );
  [...lines.children].forEach((item, index) => {
    const line = box.lines[index];
    item.dataset.line = line.line_id;
    item.querySelector("[data-part=look]").hidden = looked;
    item.querySelector("[data-part=sellable]").value = line.quantity;
  });
  page.querySelector("[data-part=deduct]").hidden = box.state !== "received";
  place.replaceChildren(page);
  page.querySelector("h2").focus();
  return undefined;
}

place.addEventListener("click", (event) => {
  const control = event.target.closest("[data-act]");
  if (!control) return;
  const part = control.parentElement.querySelector("input");
  const was = Number(part.value) || 0;
  step(control, (now) => balance(part, now - was));
});

/** One more that is damaged is one fewer for sale: together they are what was in the box, if no more was announced. */
function balance(part, by) {
  const item = part.closest("[data-line]");
  const line = box.lines.find((each) => each.line_id === item.dataset.line);
  const other = item.querySelector(`[data-part=${part.dataset.part === "damaged" ? "sellable" : "damaged"}]`);
  if (by > 0 && Number(part.value) + Number(other.value) > line.quantity) {
    other.value = Math.max(0, Number(other.value) - by);
  }
}

/** Send it; the same wish has the same key, however often it is pressed. */
async function send(path, body) {
  const same = wish && wish.path === path && wish.text === JSON.stringify(body);
  if (!same) wish = { path, text: JSON.stringify(body), key: newKey() };
  try {
    box = await ask("POST", path, body, { key: wish.key });
  } catch (problem) {
    if (problem.code === "illegal_move") await find(box.label_code);
    throw problem;
  }
  show();
}

document.getElementById("receive").addEventListener("click", (event) =>
  attempt(event.currentTarget, async () => {
    const lines = [...place.querySelectorAll("[data-line]")].map((item) => ({
      line_id: item.dataset.line,
      sellable: Number(item.querySelector("[data-part=sellable]").value) || 0,
      damaged: Number(item.querySelector("[data-part=damaged]").value) || 0,
      note: item.querySelector("[data-part=note]").value.trim(),
    }));
    await send(`/staff/v1/returns/${box.id}/receive`, { label_code: box.label_code, lines });
    toast(word("received"));
  }),
);

document.getElementById("credit").addEventListener("click", (event) =>
  attempt(event.currentTarget, async () => {
    const amount = place.querySelector("#deduct-amount").value.trim().replace(",", ".");
    const reason = place.querySelector("#deduct-reason").value.trim();
    const { currency } = document.body.dataset;
    await send(`/staff/v1/returns/${box.id}/credit`, amount ? { deduction: { amount: { amount, currency }, reason } } : {});
    toast(word("credited", { sum: money(box.credit) }));
  }),
);

function take(text) {
  const meant = read(text);
  if (meant.kind === "label") return find(meant.value);
  return follow(meant);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) find(field.value.trim());
});
scanning(take);
whenOpen(() => {
  const code = brought();
  if (code) find(code);
});

