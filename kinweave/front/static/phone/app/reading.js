// What the open store holds, read into the hour: the site's documents, what was written here, and what follows from it.

import * as outbox from "../lib/outbox.js";
import { find } from "../lib/safety.js";
import { score } from "../lib/scoring.js";
import { MOVES } from "./effects.js";
import { CREATES, child } from "./ids.js";
import { now, questionnaire } from "./session.js";

/** Bring the hour up to what the store holds. */
export const read = async () => {
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
