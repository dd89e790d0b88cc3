// Fields and what is wrong with them: said at the field, to eyes and to screen readers, and nothing typed is lost.

import { word } from "./ui.js";

/** Say at the control `id` what is wrong, by its code; an empty code takes it back. */
export function mark(id, code) {
  const control = document.getElementById(id);
  const said = document.getElementById(`${id}-wrong`);
  if (!control || !said) return false;
  if (code) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  said.textContent = code ? word(code) : "";
  return true;
}

/** Mark what is wrong (`{id: code}`) and go to the first of it. Answers whether there was anything to mark. */
export function markAll(wrong) {
  const marked = Object.keys(wrong).filter((id) => mark(id, wrong[id]));
  const first = marked.map((id) => document.getElementById(id)).sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1))[0];
  first?.focus();
  return marked.length > 0;
}
