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

/** Fetch a part of this page again. The focus stays on what has the same id. */
export function refresh(id, url = location.pathname + location.search) {
  return window.htmx.ajax("GET", url, { target: `#${id}`, swap: "innerHTML" });
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
