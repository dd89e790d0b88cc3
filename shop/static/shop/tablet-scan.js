// What scanners read: a hand scanner types faster than people and ends with Enter; a camera reads where the browser can.

import { screen, whoIsHere } from "./tablet.js";
import { word } from "./ui.js";

const BETWEEN_KEYS_MS = 60; // nobody types so fast for long
const SHORTEST = 6;
const FORMATS = ["qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "itf", "code_128", "code_39"];
const LOOK_EVERY_MS = 200;

/** What a code is: `gtin`, `cart` (a hand-over code), `label` (of a return), `order` (a number), else `words`. */
export function read(text) {
  const plain = text.trim().replace(/^.*[#/=](?=[^#/=]+$)/, "");
  if (/^PR-?[0-9A-Z]{5}-?[0-9A-Z]{5}-?[0-9A-Z]$/i.test(plain)) return { kind: "label", value: plain };
  if (/^(\d{8}|\d{12,14})$/.test(plain) && isGtin(plain)) return { kind: "gtin", value: plain };
  if (/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/.test(plain)) return { kind: "cart", value: plain };
  if (/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/.test(plain)) return { kind: "order", value: plain };
  return { kind: "words", value: text.trim() };
}

/** Go to the screen that a code is for. Codes go into the fragment, which no server is sent. */
export function follow({ kind, value }) {
  const code = encodeURIComponent(value);
  const paths = { label: `returns#${code}`, cart: `carts#${code}`, order: `pick-ups#${code}` };
  location.assign(screen(paths[kind] ?? `?${kind === "gtin" ? "gtin" : "q"}=${code}`));
}

/** The code that the address brings along, once: it is taken out of the address. */
export function brought() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/** Tell `heard` what is scanned anywhere on the screen, by hand scanner or by camera. */
export function scanning(heard) {
  listenToKeys(heard);
  offerCamera(heard);
}

function isGtin(digits) {
  const sum = [...digits].reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

function listenToKeys(heard) {
  let typed = "";
  let at = 0;
  let field = null; // what the scanner typed into, and what stood there before
  let before = "";
  addEventListener(
    "keydown",
    (event) => {
      if (!whoIsHere() || event.ctrlKey || event.metaKey || event.altKey) return;
      const into = event.target.closest?.("input, textarea");
      if (into?.form?.getAttribute("role") === "search" || into?.form?.id === "open") return; // takes codes itself
      if (event.timeStamp - at > BETWEEN_KEYS_MS) {
        typed = "";
        field = into;
        before = into?.value ?? "";
      }
      at = event.timeStamp;
      if (event.key.length === 1) typed += event.key;
      if (event.key !== "Enter" || typed.length < SHORTEST) return;
      event.preventDefault();
      event.stopPropagation();
      if (field) field.value = before;
      const text = typed;
      typed = "";
      heard(text);
    },
    { capture: true },
  );
}

function offerCamera(heard) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  for (const button of document.querySelectorAll("[data-camera]")) {
    button.hidden = false;
    button.addEventListener("click", () => look(heard));
  }
}

async function look(heard) {
  const dialog = document.getElementById("camera");
  const video = dialog.querySelector("video");
  const wrong = dialog.querySelector(".wrong");
  wrong.textContent = "";
  dialog.showModal();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    wrong.textContent = word("camera_blocked");
    return;
  }
  dialog.addEventListener("close", () => stream.getTracks().forEach((track) => track.stop()), { once: true });
  video.srcObject = stream;
  await video.play();
  const known = (await BarcodeDetector.getSupportedFormats?.()) ?? FORMATS;
  const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
  while (dialog.open) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code?.rawValue && dialog.open) {
      dialog.close();
      heard(code.rawValue);
      return;
    }
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
}
