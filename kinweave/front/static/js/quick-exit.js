// Leaves the page at once: by its button, or by pressing Esc or Shift three times.
// The page is blanked first (a slow link must not keep it on screen) and its address gives way in the history.
const link = document.querySelector("[data-quick-exit]");
const PAUSE = 3000; // ms between presses after which the count begins again
let key = "", presses = 0, timer = 0, alone = true;

function leave(event) {
  event?.preventDefault();
  const blank = document.createElement("div");
  blank.className = "blank";
  document.body.append(blank);
  document.body.classList.add("leaving");
  document.title = "\u00a0";
  location.replace(link.href);
}

function say(left) {
  const place = document.querySelector("[data-exit-count]");
  if (place) place.textContent = left === 2 ? place.dataset.two : left === 1 ? place.dataset.one : "";
}

function reset() { key = ""; presses = 0; say(0); }

function count(event) {
  if (event.key !== "Escape" && event.key !== "Shift") { reset(); return; }
  if (event.key === "Shift" && !alone) { alone = true; return; } // it was held to type a capital
  presses = event.key === key ? presses + 1 : 1;
  key = event.key;
  clearTimeout(timer);
  if (presses >= 3) { leave(); return; }
  say(3 - presses);
  timer = setTimeout(reset, PAUSE);
}

if (link) {
  link.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => { alone = event.key === "Shift" || (alone && !event.shiftKey); });
  document.addEventListener("keyup", count);
}
