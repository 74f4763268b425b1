// The hour at work: the open store, what it holds opened in memory, and what is only on this phone on top of it.

import * as outbox from "../lib/outbox.js";
import { find } from "../lib/safety.js";
import { score } from "../lib/scoring.js";
import { MOVES, apply, dues } from "./effects.js";
import { CREATES, child } from "./ids.js";

export const now = {
  store: null, // the open store; null while locked
  id: null, // which store, also while locked
  site: {}, account: {}, settings: {}, practice: false, decoy: false,
  people: new Map(), // the site's documents by id
  entries: [], // what was written here, oldest first: {id, action, asked, about, at, made, state, …}
  due: [], questions: [], synced: null,
};

/** Take a store as the open one and read what it holds. */
export const open = async (store) => {
  Object.assign(now, { store, id: store.id, decoy: Boolean(store.decoy), practice: Boolean(store.practice) });
  await refresh();
};

/** Read again after a sync or a write. */
export const refresh = async () => {
  const { store } = now;
  const names = ["registration", "settings", "today", "instruments", "synced", "capped"];
  const [people, written, ...found] = await Promise.all([store.list("person"), outbox.entries(store), ...names.map((name) => store.meta(name))]);
  const [registration, settings, due, questions, synced, capped] = found;
  Object.assign(now, {
    people: new Map(people.map((one) => [one.id, one])),
    site: (registration && registration.site) || {}, account: (registration && registration.account) || {},
    settings: { ...settings, capped: capped && capped.now }, due: due || [], questions: questions || [], synced: synced || null,
  });
  now.entries = await Promise.all(written.map(told));
};

/** The questionnaire of a slug, as the site sent it: words, options, scoring table. */
export const questionnaire = (slug) => now.questions.find((one) => one.slug === slug);

// An entry with what follows from it: whom it is about, what it creates, its scores and safety signs.
const told = async (entry) => {
  const { action, asked } = entry;
  const made = CREATES[action] ? await child(entry.id, CREATES[action]) : null;
  const more = { made, at: entry.happened_at, about: asked.person_id || (action === "people.register_person" ? made : null) };
  if (action === "care.move_on") more.to = (MOVES[asked.move] || [])[1];
  if (action === "flows.receive_response") Object.assign(more, judged(asked.instrument, asked.answers));
  return { ...entry, ...more };
};

/** Scores and safety signs of answers by the questionnaire's own table: {scales, signs}. Safety first, whatever else fails. */
export const judged = (slug, answers) => {
  const one = questionnaire(slug);
  if (!one) return { scales: [], signs: [] };
  const signs = find(one.table, answers);
  try {
    return { signs, scales: score(one.table, answers).scales };
  } catch (fault) {
    return { signs, scales: [] };
  }
};

/** Forget everything readable. */
export const close = () => {
  if (now.store) now.store.lock();
  Object.assign(now, { held: now.store, store: null, people: new Map(), entries: [], due: [], questions: [], settings: {}, account: {} });
};

/** Entries that the site's documents do not show yet: not sent, held or rejected. */
export const unsettled = () => now.entries.filter((one) => !["accepted", "settled"].includes(one.state));

/** A person as this phone knows them: the site's document with what was written here on top; null for an unknown one. */
export const person = (id) => {
  const found = unsettled().filter((one) => one.about === id).reduce(apply, now.people.get(id) || null);
  return found && found.id ? found : null;
};

/** Everyone this phone knows, by what they are called. */
export const everyone = () => {
  const ids = new Set([...now.people.keys(), ...unsettled().map((one) => one.about).filter(Boolean)]);
  return [...ids].map(person).filter(Boolean).sort((a, b) => called(a).localeCompare(called(b)));
};

export const called = (one) => (one && (one.name || one.code)) || "?";

/** Today's lines: the site's own and what follows from what was written here. Danger first, then by time. */
export const today = () => {
  const lines = unsettled().reduce(dues, now.due).filter((one) => one.person && person(one.person));
  return lines.sort((a, b) => (a.priority === 0 ? 0 : 1) - (b.priority === 0 ? 0 : 1) || (a.at < b.at ? -1 : 1));
};

/** Whom to call: the site's emergency number, if it has one. */
export const emergency = () => {
  const found = now.settings.emergency || now.site.emergency;
  if (!found) return null;
  return typeof found === "string" ? { name: "", number: found } : found.number ? found : null;
};
