// Typing from paper: the next field by itself, Enter for the next one, kept on the server while typing.
// Without script the same form is sent by its button.
import { bare, fits, shown } from "./sheet-number.js";

const WAIT = 900; // milliseconds of rest before what is typed is kept: a slip put right at once tells nobody
const CODE_SIGNS = 6;

for (const form of document.querySelectorAll("form[data-typing]")) begin(form);

function begin(form) {
  const fields = [...form.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select")];
  const button = form.querySelector("button");
  const sheet = form.querySelector("[name=sheet]");
  const numbers = form.querySelector("[data-numbers]");
  (form.querySelector("[aria-invalid=true]") || (document.querySelector(".problem") && form.querySelector("[name=copy]")) || sheet)?.focus();

  const next = (field, from = 1) => {
    const place = fields.indexOf(field);
    const after = fields.slice(place + from).find((one) => !passed(one, field));
    (after || button).focus();
  };

  for (const field of fields) {
    field.addEventListener("focus", () => { if (field.select && field.type === "text") field.select(); });
    field.addEventListener("input", () => {
      keepSoon(form);
      if (field === sheet) return checkNumber(field, numbers, next);
      if (full(field, form)) next(field);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && field.type === "text" && !field.value) {
        const before = fields[fields.indexOf(field) - 1];
        if (before) { before.focus(); event.preventDefault(); }
      }
      if (event.key === "Enter" && field.tagName !== "SELECT" && !finished(field, fields, form)) { next(field); event.preventDefault(); }
    });
  }
}

// Days that need no typing: one that is filled in already, and in a register with codes that of the line above.
function passed(field, from) {
  if (field.type === "date") return Boolean(field.value);
  const row = field.closest("tr");
  return Boolean(row) && field.name.startsWith("on_") && row !== from.closest("tr") && Boolean(from.closest("tr")) && Boolean(row.querySelector(".cell-code"));
}

// A field that holds all it can: one digit, a whole code.
function full(field, form) {
  if (field.name === "code" || field.classList.contains("cell-code")) return bare(field.value).length === CODE_SIGNS;
  if (field.name.startsWith("digit_")) return field.value === "-" || field.value.length === Number(field.dataset.most || 1);
  return field.classList.contains("cell-choice") && field.value.length === field.maxLength;
}

// Enter in the last field, or in an empty line of a register, sends the form.
function finished(field, fields, form) {
  if (field === fields[fields.length - 1]) return true;
  const row = field.closest("tr");
  return Boolean(row) && [...row.querySelectorAll("input")].every((one) => !one.value);
}

function checkNumber(field, numbers, next) {
  const whole = bare(field.value).length === 7;
  const wrong = Boolean(numbers) && whole && !fits(field.value);
  let note = document.getElementById("number_note");
  if (!note) {
    note = document.createElement("p");
    note.id = "number_note";
    note.className = "error";
    note.setAttribute("role", "alert");
    field.after(note);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} number_note`.trim());
  }
  note.textContent = wrong ? numbers.dataset.numbers : "";
  if (wrong) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  if (whole && fits(field.value)) { field.value = shown(field.value); next(field); }
}

// ------------------------------------------------------------------------------- kept while typing

const timers = new WeakMap();
const sent = new WeakSet();

function keepSoon(form) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), WAIT));
  if (!sent.has(form)) {
    sent.add(form);
    form.addEventListener("submit", () => { clearTimeout(timers.get(form)); form.dataset.gone = "1"; });
  }
}

async function keep(form) {
  if (form.dataset.gone) return;
  const status = form.querySelector("[data-status]");
  const body = new URLSearchParams(new FormData(form));
  body.set("go", "keep");
  try {
    const answer = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
    const told = await answer.json();
    if (form.dataset.gone) return;
    if (told.query) history.replaceState(null, "", withKept(told.query));
    if (told.replaces && form.elements.replaces) form.elements.replaces.value = told.replaces;
    if (told.safety && told.safety.length) warn(form, told.safety[0]);
    status.textContent = told.query ? status.dataset.kept : status.dataset.lost;
  } catch {
    status.textContent = status.dataset.lost;
  }
}

// The address keeps how the sheets are typed and says under which number the server holds what is half typed.
function withKept(query) {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of new URLSearchParams(query)) params.set(name, value);
  return `${location.pathname}?${params}`;
}

function warn(form, card) {
  const box = form.querySelector("[data-alert]");
  if (!box) return;
  box.querySelector("[data-card]").setAttribute("href", card);
  box.hidden = false;
}
