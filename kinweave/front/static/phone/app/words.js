// The app's words in the worker's language, loaded once; and dates, sizes and counts said in that language.

const BASE = new URL("../../words/", import.meta.url).pathname;
const KEPT = "kinweave.language"; // says nothing about anybody; needed before any store is open
let words = { language: "en", dir: "ltr", says: {}, codes: {}, languages: [["en", "English"]] };
let plural = new Intl.PluralRules("en");

const NAMES = (document.documentElement.dataset.languages || "en").split(" ");

/** The language to begin with: the one chosen here before, the device's, else English. */
export const wanted = () => {
  const all = [localStorage.getItem(KEPT), ...navigator.languages].filter(Boolean);
  return all.map((code) => code.split("-")[0]).find((code) => NAMES.includes(code)) || "en";
};

/** Load the words of a language and turn the page its way. */
export const load = async (language) => {
  const answer = await fetch(`${BASE}${language}.json`);
  if (!answer.ok) throw new Error("no words");
  words = await answer.json();
  plural = new Intl.PluralRules(words.language);
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.dir;
};

/** Choose a language from now on. */
export const choose = async (language) => {
  await load(language);
  localStorage.setItem(KEPT, language);
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller;
  if (worker) worker.postMessage({ keep: language });
};

export const language = () => words.language;
export const languages = () => words.languages;
export const unchecked = () => words.unchecked;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (blank, name) => (name in values ? values[name] : blank));

/** A sentence by its key, its blanks filled. One with several forms chooses by `values.n`. */
export const t = (key, values = {}) => {
  const said = words.says[key];
  if (said === undefined) return key;
  return fill(typeof said === "string" ? said : said[plural.select(Number(values.n) || 0)] || said.other, values);
};

/** The words behind a code, "" for an unknown one: code("states", "active"). */
export const code = (group, name) => (words.codes[group] || {})[name] || "";
/** All codes of a group with their words, in their order. */
export const codes = (group) => Object.entries(words.codes[group] || {});
/** Something said that is not a plain text (what leaves for a purpose). */
export const told = (group, name) => (words.codes[group] || {})[name];

// Numbers as the other pages write them: Latin digits, also in Arabic.
const locale = () => (words.language === "en" ? "en-GB" : `${words.language}-u-nu-latn`);
const date = (options) => (when) => new Intl.DateTimeFormat(locale(), options).format(new Date(when));
export const day = date({ weekday: "short", day: "numeric", month: "short" });
export const longDay = date({ weekday: "long", day: "numeric", month: "long" });
export const month = date({ day: "numeric", month: "short", year: "numeric" });
export const clock = date({ hour: "2-digit", minute: "2-digit", hour12: false });

/** "today 10:00", "tomorrow 10:00" or the day with its hour. */
export const moment = (when, now = new Date()) => {
  const days = Math.round((midnight(new Date(when)) - midnight(now)) / 864e5);
  const near = { 0: "when.today", 1: "when.tomorrow", "-1": "when.yesterday" }[days];
  return near ? `${t(near)} ${clock(when)}` : `${day(when)} ${clock(when)}`;
};

const midnight = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate());

/** Bytes as kB, never less than one; what a sender pays for. */
export const kilobytes = (bytes) => String(bytes ? Math.max(1, Math.round(bytes / 1024)) : 0);

/** A language by its own name. */
export const languageName = (name) => (words.languages.find(([one]) => one === name.split("-")[0]) || [name, name])[1];
