// People and today's list as this phone knows them: the site's documents with what was written here on top.

import { apply, dues } from "./effects.js";
import { called, now, unsettled } from "./session.js";

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

/** Today's lines: the site's own and what follows from what was written here. Danger first, then by time. */
export const today = () => {
  const lines = unsettled().reduce(dues, now.due).filter((one) => one.person && person(one.person));
  return lines.sort((a, b) => (a.priority === 0 ? 0 : 1) - (b.priority === 0 ? 0 : 1) || (a.at < b.at ? -1 : 1));
};
