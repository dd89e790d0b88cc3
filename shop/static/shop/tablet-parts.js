// What the tablet's screens are made of: templates that are filled, sums and moments as the clerk writes them.

import { word } from "./ui.js";

const language = document.documentElement.lang;

/** A copy of the template: `data-text`, `data-src`, `data-href` and `data-value` name what is filled in. */
export function stamp(id, values) {
  const made = document.getElementById(id).content.firstElementChild.cloneNode(true);
  for (const part of [made, ...made.querySelectorAll("*")]) {
    const { text, src, href, value } = part.dataset;
    if (text) part.textContent = values[text] ?? "";
    if (value) part.value = values[value] ?? "";
    if (href && values[href]) part.href = values[href];
    if (src && values[src]) part.src = values[src];
    else if (src) part.remove();
  }
  return made;
}

/** The element of a stamped copy where a list goes, filled with copies of another template. */
export function fill(made, list, id, rows) {
  const place = made.querySelector(`[data-list=${list}]`);
  place.replaceChildren(...rows.map((row) => stamp(id, row)));
  return place;
}

/** `1 290 €`, and cents only where there are some. */
export function money({ amount, currency }) {
  const number = Number(amount);
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: Number.isInteger(number) ? 0 : 2,
  }).format(number);
}

/** How long ago, within the hour; else the time of day, and the day before that. */
export function when(moment) {
  const then = new Date(moment);
  const minutes = Math.round((Date.now() - then) / 60000);
  if (minutes < 1) return word("just_now");
  if (minutes < 60) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-minutes, "minute");
  const today = then.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, today ? { timeStyle: "short" } : { dateStyle: "medium" }).format(then);
}

/** `3 pieces`. */
export function pieces(units) {
  return units === 1 ? word("piece") : word("pieces", { units });
}

/** What was chosen: `Boucle, sand`. */
export function options(list) {
  return list.map((option) => option.value).join(", ");
}

/** Let − and + beside a number field change it; `changed` is told the new number. */
export function step(control, changed = () => {}) {
  const field = control.parentElement.querySelector("input");
  const least = Number(field.min || 1);
  const by = control.dataset.act === "fewer" || control.id === "fewer" ? -1 : 1;
  const number = Math.min(999, Math.max(least, (Number(field.value) || 0) + by));
  field.value = number;
  changed(number);
}
