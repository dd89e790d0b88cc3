// The checkout: what she says is kept in the cart as she says it; then the order, and the way to the payment.

import { call, wrongFields } from "./api.js";
import { mark, markAll } from "./fields.js";
import { listen } from "./live.js";
import { place, resumePlacing } from "./placing.js";
import { once, refresh, toast, word, wordFor } from "./ui.js";

const form = document.getElementById("checkout");
const ADDRESS = ["street", "postcode", "city"];
const FIELDS = ["email", "name", "phone", ...ADDRESS];
const STALE = ["price_changed", "promise_changed", "version_conflict", "out_of_stock", "not_available", "shipping_not_available", "payment_method_unavailable"];

if (form) begin();
else resumePlacing();

function begin() {
  const path = `/store/v1/carts/${form.dataset.cart}`;
  const kept = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].dataset.kept]));
  let method = "";
  let own = 0;
  let saving = Promise.resolve();
  let placing = false; // then the cart's end is our own doing, and the way leads elsewhere

  const seen = () => document.querySelector("#choices [data-version]")?.dataset ?? {};
  const typed = (name) => form.elements[name].value.trim();

  async function show() {
    await refresh("choices");
    const chosen = method && document.getElementById(`payment-${method}`);
    if (chosen && !chosen.disabled) chosen.checked = true;
    askForAddress();
  }

  // One write after the other, so that versions come in order.
  function queue(work) {
    saving = saving.catch(() => {}).then(work);
    return saving;
  }

  async function save(names = FIELDS) {
    const said = {};
    for (const name of names) if (typed(name) !== kept[name] && (typed(name) || name === "phone")) said[name] = typed(name);
    if (!Object.keys(said).length) return;
    const good = { ...said };
    try {
      own = (await call("PATCH", path, good)).version;
    } catch (problem) {
      const wrong = wrongFields(problem);
      if (!Object.keys(wrong).length) throw problem;
      for (const [name, code] of Object.entries(wrong)) {
        mark(name, code);
        delete good[name];
      }
      if (Object.keys(good).length) own = (await call("PATCH", path, good)).version;
      Object.assign(kept, good);
      throw problem;
    }
    Object.assign(kept, good);
    for (const name of Object.keys(good)) mark(name, "");
  }

  form.addEventListener("change", (event) => {
    refuse("");
    const { name, value, dataset } = event.target;
    if (name === "payment_method") {
      method = value;
      mark("payment", "");
    } else if (name === "terms") {
      mark("terms", "");
    } else if (name === "delivery") {
      queue(() => choose(value, dataset.store));
    } else if (FIELDS.includes(name)) {
      mark(name, "");
      queue(async () => {
        await save([name]).catch(quietly);
        if (ADDRESS.includes(name)) await show();
      });
    }
  });

  async function choose(option, store) {
    try {
      const wish = store ? { option, store } : { option };
      own = (await call("PUT", `${path}/deliveries/main`, wish)).version;
      mark("delivery", "");
    } catch (problem) {
      toast(wordFor(problem), { wrong: true });
    }
    await show();
  }

  // Who fetches her goods need not say where she lives; an invoice, which needs it, cannot be chosen before.
  const isFetched = () => Boolean(form.querySelector("[name=delivery]:checked")?.dataset.store);

  function askForAddress() {
    for (const name of ADDRESS) {
      form.elements[name].required = !isFetched();
      form.querySelector(`label[for=${name}] .muted`).hidden = !isFetched();
      if (isFetched()) mark(name, "");
    }
  }

  // What a browser fills in by itself may tell nobody: everything is looked at again before the order.
  function missing() {
    const wrong = {};
    const needless = isFetched() ? ["phone", ...ADDRESS] : ["phone"];
    for (const name of FIELDS) if (!typed(name) && !needless.includes(name)) wrong[name] = `${name}_missing`;
    if (!form.querySelector("[name=delivery]:checked")) wrong.delivery = "delivery_missing";
    if (!form.querySelector("[name=payment_method]:checked")) wrong.payment = "payment_missing";
    if (!form.elements.terms.checked) wrong.terms = "legal_notice_required";
    return wrong;
  }

  async function order() {
    refuse("");
    await saving.catch(() => {});
    if (markAll(missing())) return refuse(word("requirements_missing"));
    const before = seen();
    try {
      await save();
      if (own > Number(before.version)) await show();
      if (seen().total !== before.total) return refuse(word("total_changed"));
      const wish = { payment_method: form.querySelector("[name=payment_method]:checked").value, acknowledgements: ["terms", "withdrawal"] };
      placing = true;
      await place(form.dataset.cart, Number(seen().version), wish, { order: form.dataset.order, pay: form.dataset.pay });
    } catch (problem) {
      if (!("status" in problem)) throw problem;
      await refused(problem);
    }
  }

  async function refused(problem) {
    placing = false;
    if (problem.code === "cart_consumed") location.assign(problem.order_id ? form.dataset.order.replace(/[^/]+$/, problem.order_id) : form.dataset.basket);
    const wrong = wrongFields(problem);
    for (const each of problem.requirements ?? []) wrong[{ option: "delivery" }[each.field] ?? each.field] = each.code;
    const marked = markAll(wrong);
    if (STALE.includes(problem.code)) {
      if (["price_changed", "promise_changed"].includes(problem.code)) await call("PATCH", path, {}).catch(() => {}); // shown below, and ordered only when she presses again
      await show();
    }
    refuse(marked ? word("invalid_input") : wordFor(problem));
  }

  function refuse(text) {
    document.getElementById("refusal").textContent = text;
  }

  function quietly(problem) {
    if (!("status" in problem)) throw problem;
    if (!Object.keys(wrongFields(problem)).length) toast(wordFor(problem), { wrong: true });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(document.getElementById("order"), order);
  });

  listen(`${path}/stream-tickets`, {
    heard: ({ data }) =>
      queue(async () => {
        if (placing || data.version <= Math.max(own, Number(seen().version))) return;
        await show();
        toast(word("changed_elsewhere"));
      }),
    opened: () => queue(show),
  });
  resumePlacing();

  // She has told her postcode on a product's page, so the ways and days of delivery can stand here at once.
  const told = localStorage.getItem("polku.postcode");
  if (told && !typed("postcode")) {
    form.elements.postcode.value = told;
    form.elements.postcode.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
