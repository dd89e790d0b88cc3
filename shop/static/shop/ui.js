// What pages do alike: their words, a toast, a part fetched anew, a button that is pressed once.
//
// Words stand in the page, in its language: `<template id="words"><span data-word="added">…</span></template>`.

/** The page's word of that name, with `{name}` filled in; the word for everything unforeseen when there is none. */
export function word(name, values = {}) {
  const words = document.getElementById("words").content;
  const found = words.querySelector(`[data-word="${CSS.escape(name)}"]`) || words.querySelector('[data-word="internal_error"]');
  return found.textContent.trim().replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** What a refusal means for her. */
export function wordFor(problem) {
  return word(problem.code || "internal_error", problem);
}

/** Say something for a while, to eyes and to screen readers; `link` is `{href, text}`. */
export function toast(text, { link = null, wrong = false } = {}) {
  const place = document.getElementById("toasts");
  const said = document.createElement("p");
  said.className = wrong ? "toast toast-wrong" : "toast";
  said.append(text);
  if (link) {
    const way = document.createElement("a");
    Object.assign(way, { href: link.href, textContent: link.text });
    said.append(" ", way);
  }
  place.replaceChildren(said);
  clearTimeout(place.timer);
  place.timer = setTimeout(() => said.remove(), wrong ? 12000 : 7000);
}

let asked = 0;
let shown = 0;

/**
 * Fetch a part of this page again. The focus stays where it was, and what she is just typing stays typed.
 * Of several that are under way the newest wins; when nobody answers, the part stays as it is.
 */
export async function refresh(id, url = location.pathname) {
  if (!document.getElementById(id)) return; // she has gone on to what she searched for
  const mine = (asked += 1);
  const response = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
  if (!response?.ok || mine < shown) return;
  if (response.status === 204) return location.reload(); // there is no such part any more
  const part = document.createElement("template");
  part.innerHTML = await response.text();
  const place = document.getElementById(id);
  if (mine < shown || !place) return;
  shown = mine;
  const before = place.contains(document.activeElement) ? document.activeElement : null;
  const typed = before?.matches("input:not([type=radio], [type=checkbox])") ? before.value : null;
  place.replaceChildren(part.content);
  const after = before && sameIn(place, before);
  if (typed !== null && after && typed !== before.defaultValue) after.value = typed;
  after?.focus({ preventScroll: true });
}

/** What in this part is the same as it was before: by its id, or the link that leads where that one led. */
function sameIn(place, before) {
  if (before.id) return document.getElementById(before.id);
  return [...place.querySelectorAll("a[href]")].find((each) => each.href === before.href);
}

/** Do it once, however often she presses: until it is done, the control is busy. */
export async function once(control, work) {
  if (control.getAttribute("aria-busy") === "true") return undefined;
  control.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** Do what she asked for, and say why when it was refused. */
export async function attempt(control, work) {
  try {
    return await once(control, work);
  } catch (problem) {
    if (!("status" in problem)) throw problem;
    toast(wordFor(problem), { wrong: true });
    return undefined;
  }
}
