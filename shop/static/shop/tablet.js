// What every screen of the tablet does: it is locked until a clerk unlocks it and locks itself again, keeps what was
// asked while it was locked or cut off, and says when there is no connection.

import { call, newKey } from "./api.js";
import { attempt, once, toast, wordFor } from "./ui.js";

const IDLE_MS = 10 * 60 * 1000; // as long as the server waits
const ASK_AGAIN_MS = 4 * 60 * 1000; // so often the server is told that somebody is here who only looks
const SEEN = "polku.tablet.clerk"; // who unlocked it, so that the next screen need not wait for the answer
const LATER = "polku.tablet.said"; // what the next screen says

const home = document.body.dataset.home;
const app = document.getElementById("app");
const lock = document.getElementById("lock");
const pin = document.getElementById("pin");
const offline = document.getElementById("offline");
const unlocking = []; // what begins again with every unlocking

let clerk = null; // who works with it now
let chosen = null; // who is typing a PIN
let opened = gate();
let lastTouch = Date.now();
let lastAsked = Date.now();

/** Ask the API as the clerk. Locked meanwhile, it waits and asks again with the same key: nothing is done twice. */
export async function ask(method, path, body, options = {}) {
  const kept = { key: newKey(), ...options };
  for (;;) {
    await opened.promise;
    try {
      const told = await call(method, path, body, kept);
      lastAsked = Date.now();
      offline.hidden = true;
      return told;
    } catch (problem) {
      offline.hidden = problem.code !== "offline";
      if (problem.status !== 401) throw problem;
      shut();
      start();
    }
  }
}

/** Do this now and each time a clerk has unlocked the tablet. */
export function whenOpen(work) {
  unlocking.push(work);
  if (clerk) work(clerk);
}

/** Who works with it. */
export function whoIsHere() {
  return clerk;
}

/** Go to another screen, which then says this. */
export function goTo(path, text = "") {
  if (text) sessionStorage.setItem(LATER, text);
  location.assign(home + path);
}

/** Where a screen is. */
export function screen(path) {
  return home + path;
}

function gate() {
  const made = {};
  made.promise = new Promise((open) => (made.open = open));
  return made;
}

// --- Locked and open ------------------------------------------------------------------------------------------

async function start() {
  if (!clerk) enter(remembered());
  if (!clerk) show("wait");
  let told;
  try {
    told = await call("GET", "/staff/v1/session");
  } catch (problem) {
    offline.hidden = problem.code !== "offline" || !clerk;
    if (!clerk) show("lost");
    return;
  }
  offline.hidden = true;
  if (told.clerk && told.device) return enter({ ...told.clerk, store: told.device.store_name });
  shut();
  if (!told.device) return show("register");
  offer(told.clerks, told.device);
}

function enter(who) {
  if (!who) return;
  if (clerk && clerk.id !== who.id) return location.assign(home); // another one's things are not shown
  const news = !clerk;
  clerk = who;
  lastTouch = lastAsked = Date.now();
  sessionStorage.setItem(SEEN, JSON.stringify(who));
  document.getElementById("clerk").textContent = who.name;
  document.getElementById("store").textContent = who.store;
  lock.hidden = true;
  app.hidden = false;
  opened.open();
  if (!news) return;
  for (const work of unlocking) work(clerk);
}

function shut() {
  sessionStorage.removeItem(SEEN);
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  app.hidden = true;
  lock.hidden = false;
  if (!clerk) return;
  lastClerk = clerk;
  clerk = null;
  opened = gate();
}

let lastClerk = null; // whose screen it was; for somebody else it begins anew

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(SEEN));
  } catch {
    return null;
  }
}

function show(step) {
  for (const part of lock.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== step;
  lock.querySelector(`[data-step=${step}] :is(input, button)`)?.focus();
}

function offer(clerks, device) {
  const list = document.getElementById("clerks");
  list.replaceChildren(
    ...clerks.map((who) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = who.name;
      button.addEventListener("click", () => askPin({ ...who, store: device.store_name }));
      item.append(button);
      return item;
    }),
  );
  document.getElementById("nobody").hidden = clerks.length > 0;
  show("who");
}

function askPin(who) {
  chosen = who;
  pin.value = "";
  document.getElementById("pin-name").textContent = who.name;
  document.getElementById("pin-wrong").textContent = "";
  show("pin");
}

document.getElementById("unlock").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = document.getElementById("pin-wrong");
  if (!pin.value) return;
  const typed = pin.value;
  pin.value = "";
  await once(event.target, async () => {
    try {
      await call("POST", "/staff/v1/unlock", { clerk_id: chosen.id, pin: typed });
    } catch (problem) {
      wrong.textContent = wordFor(problem);
      return pin.focus();
    }
    if (lastClerk && lastClerk.id !== chosen.id) return location.assign(home);
    enter(chosen);
  });
});

document.querySelector(".pad").addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (!key) return;
  pin.value = key === "back" ? pin.value.slice(0, -1) : (pin.value + key).slice(0, pin.maxLength);
});

document.getElementById("register").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = document.getElementById("device-code").value.trim();
  if (code)
    attempt(event.target, async () => {
      await call("POST", "/staff/v1/devices", { code });
      await start();
    });
});

document.getElementById("other-clerk").addEventListener("click", start);
document.getElementById("try-again").addEventListener("click", start);
document.getElementById("lock-now").addEventListener("click", lockNow);

async function lockNow() {
  shut();
  show("wait");
  await call("POST", "/staff/v1/lock").catch(() => null);
  start();
}

for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => (lastTouch = Date.now()), { capture: true, passive: true });
}
setInterval(() => {
  if (!clerk) return;
  if (Date.now() - lastTouch > IDLE_MS) lockNow();
  else if (Date.now() - lastAsked > ASK_AGAIN_MS) ask("GET", "/staff/v1/carts").catch(() => null);
}, 5000);

addEventListener("online", () => (clerk ? (offline.hidden = true) : start()));
addEventListener("offline", () => (offline.hidden = false));

const said = sessionStorage.getItem(LATER);
sessionStorage.removeItem(LATER);
if (said) toast(said);
start();
