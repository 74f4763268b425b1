// The app as a whole: screens by their names, one listener for all that is touched, the lock that closes by itself.

import * as frame from "./frame.js";
import { faults, trouble } from "./forms.js";
import { html, put } from "./html.js";
import * as route from "./route.js";
import * as session from "./session.js";
import { language, t } from "./words.js";

// A screen: async (…ids) => {title, view, on: {name: (element, event) => …}, form}. Loaded when first shown.
const SCREENS = {
  unlock: () => import("./screens/unlock.js"), setup: () => import("./screens/setup.js"),
  today: () => import("./screens/today.js"), people: () => import("./screens/people.js"),
  person: () => import("./screens/person.js"), new: () => import("./screens/welcome.js"),
  consent: () => import("./screens/consent.js"), ask: () => import("./screens/ask.js"),
  asking: () => import("./screens/asking.js"), answers: () => import("./screens/answers.js"),
  card: () => import("./screens/card.js"), note: () => import("./screens/note.js"),
  tell: () => import("./screens/worry.js"), goal: () => import("./screens/goal.js"),
  contact: () => import("./screens/contact.js"), move: () => import("./screens/move.js"),
  circle: () => import("./screens/circle.js"), referral: () => import("./screens/referral.js"),
  hours: () => import("./screens/hours.js"), here: () => import("./screens/here.js"),
  decide: () => import("./screens/decide.js"), more: () => import("./screens/more.js"),
  carry: () => import("./screens/carry.js"),
};
const OPEN = new Set(["unlock", "setup"]); // screens that need no open store

let current = null;
let touched = Date.now();
let after = ""; // where one was when the lock closed
let whose = null; // and whose store it was

/** Whether a store was ever made here. Without one the library that opens them need not come first. */
const known = () => localStorage.getItem("kinweave.stores") === "1";

const told = async (fault) => (await import("./net.js")).inWords(fault);

const main = () => document.getElementById("main");

let turn = 0; // the latest screen that was asked for: a slower one before it is not drawn any more

const show = async (name, load, args) => {
  turn += 1;
  const mine = turn;
  if (!session.now.store && !OPEN.has(name)) {
    after = location.hash;
    return route.replace(known() ? "unlock" : "setup");
  }
  if (current && current.leave) await current.leave();
  let screen;
  try {
    screen = await (await load()).screen(...args);
  } catch (fault) {
    screen = { title: t("fault.title"), view: html`<h1 tabindex="-1">${t("fault.title")}</h1>${trouble(await told(fault))}` };
    if (!fault.code) console.error(fault.name, fault.stack);
  }
  if (!screen || mine !== turn) return undefined; // it led on, or another was asked for meanwhile
  current = screen;
  frame.turn();
  draw(screen);
  if (screen.after) screen.after();
  main().scrollTop = 0;
  const heading = main().querySelector("h1");
  if (heading) heading.focus({ preventScroll: true });
  return undefined;
};

const draw = (screen) => {
  frame.busy(Boolean(screen.form));
  document.title = `${screen.title} · Kinweave`;
  main().className = `page ${screen.wide ? "" : "reading"}`;
  put(main(), screen.view);
  frame.refresh();
};

/** What a screen's action may answer: {faults}, {trouble}, {view} to draw again; nothing when it led on. */
const act = async (name, element, event) => {
  const screen = current;
  const action = screen && screen.on && screen.on[name];
  if (!action || screen.working) return;
  screen.working = true;
  const old = document.getElementById("problems");
  if (old) old.remove();
  const button = element.tagName === "FORM" ? element.querySelector("button.button") : element;
  button.setAttribute("aria-busy", "true");
  try {
    const said = await action(element, event);
    if (said && said.view && screen === current) {
      Object.assign(current, said);
      draw(current);
    }
    if (said && (said.faults || said.trouble) && screen === current) wrong(said);
  } catch (fault) {
    if (!fault.code) console.error(fault.name, fault.stack);
    wrong({ trouble: await told(fault) });
  } finally {
    screen.working = false;
    button.removeAttribute("aria-busy");
  }
};

/** Say above the form what is wrong; what was typed stays as it is. */
const wrong = (said) => {
  const old = document.getElementById("problems");
  if (old) old.remove();
  const place = document.createElement("div");
  put(place, said.trouble ? trouble(said.trouble) : faults(said.faults));
  const box = place.firstElementChild;
  const head = main().querySelector(".page-head, h1");
  if (head) head.after(box);
  else main().prepend(box);
  box.focus();
};

const FRAME = {
  lock: () => lock(),
  close: () => frame.say(null),
  update: () => frame.useNewer(),
};

const listen = () => {
  document.addEventListener("click", (event) => {
    const found = event.target.closest("[data-do], [data-frame]");
    if (!found || found.tagName === "FORM") return;
    if (found.dataset.frame) {
      FRAME[found.dataset.frame]();
      return;
    }
    if (found.dataset.do === "to-field") {
      event.preventDefault();
      const field = document.querySelector(`#f-${found.dataset.field} input, #f-${found.dataset.field} textarea`);
      if (field) field.focus();
      return;
    }
    act(found.dataset.do, found, event);
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.dataset.do) act(event.target.dataset.do, event.target, event);
  });
  document.addEventListener("input", (event) => change(event));
  document.addEventListener("change", (event) => change(event));
  ["pointerdown", "keydown"].forEach((what) => document.addEventListener(what, () => {
    touched = Date.now();
  }, { passive: true }));
  window.addEventListener("online", () => frame.refresh());
  window.addEventListener("offline", () => frame.refresh());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && current && current.leave) current.leave();
    else tooLong();
  });
  setInterval(tooLong, 5000);
};

const change = (event) => {
  if (current && current.changed) current.changed(event.target);
};

const tooLong = () => {
  if (!session.now.store) return;
  const minutes = session.now.settings.lock_minutes || 5;
  const own = session.now.lockMinutes || minutes;
  if (Date.now() - touched > own * 60000) lock();
};

/** Close the store at once. What was typed is kept in it first; the screen forgets what it showed. */
const lock = async () => {
  if (!session.now.store) return;
  if (current && current.leave) await Promise.resolve(current.leave()).catch(() => null);
  [after, whose] = [location.hash, session.now.id];
  current = null;
  put(main(), "");
  session.close();
  frame.say(null);
  route.replace("unlock");
};

/** Go where one was before the lock, or to today's list. */
export const enter = () => {
  touched = Date.now();
  const same = whose === null || whose === session.now.id;
  if (!same) route.forget();
  const to = after && same && !/unlock|setup/.test(after) ? after : route.href("today");
  after = "";
  if (location.hash === to) return route.again();
  location.hash = to;
  return undefined;
};

/** Draw everything again (another language). */
export const redraw = () => {
  frame.draw();
  return route.again();
};

const keepApp = async () => {
  const update = await import("./update.js");
  await update.begin(language(), () => frame.offer(update.use));
};

export const begin = () => {
  frame.draw();
  listen();
  session.now.enter = enter;
  session.now.redraw = redraw;
  session.now.lock = lock;
  route.begin(SCREENS, show);
  // The app comes onto the phone once its first screen stands: a slow line carries one thing at a time.
  return route.again().then(() => setTimeout(keepApp, 0));
};
