// Forms that were begun: kept in the encrypted store at every answer, until they are written down or put away.

import { now } from "./session.js";
import { uuid7 } from "../lib/uuid7.js";

/** The draft of a form, or a fresh one: {key, entry (the id it will be sent under), at, screen, args, values}. */
export const draft = async (key, screen, args) =>
  (await now.store.get("draft", key)) || { key, entry: uuid7(), at: new Date().toISOString(), screen, args, values: {} };

/** Keep a draft. Raises what the store raises when the phone is full. */
export const keep = (one) => now.store.put("draft", one.key, one);

export const drop = (key) => now.store.remove("draft", key);

/** All that was begun, the latest first. */
export const begun = async () => (await now.store.list("draft")).sort((a, b) => (a.at < b.at ? 1 : -1));
