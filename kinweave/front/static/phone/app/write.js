// Writing something down: sealed for the site at once, kept readable here, shown on top of what the site knows.

import * as outbox from "../lib/outbox.js";
import { CREATES, child } from "./ids.js";
import { now, refresh } from "./session.js";

/** Write one entry. `id`: the form's own, so that a second touch writes nothing twice. `urgent`: try to send at once.
 *  Returns {id, made}: what it creates on the site, by the rule both sides know. */
export const write = async (action, asked, { id, urgent } = {}) => {
  const there = id ? await now.store.get("entry", id) : null;
  const kept = there || (await outbox.add(now.store, action, asked, { id, app: document.documentElement.dataset.version }));
  await refresh();
  if (urgent) sendSoon();
  return { id: kept.id, made: CREATES[action] ? await child(kept.id, CREATES[action]) : null };
};

/** Send what waits, without bringing anything down, and never stop the worker for it. */
export const sendSoon = () => {
  if (now.practice || now.decoy || !navigator.onLine) return;
  const { store } = now;
  outbox.send(store.id).then(() => now.store === store && refresh()).catch(() => null);
};

const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");

/** A day of this phone's clock as the site reads days: 2026-11-21. */
export const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

export const today = () => dayOf(new Date());

/** A moment with this phone's offset. */
export const withOffset = (date) => {
  const minutes = -date.getTimezoneOffset();
  return `${dayOf(date)}T${two(date.getHours())}:${two(date.getMinutes())}:00${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`;
};

/** A day and an hour as a moment. */
export const momentOf = (day, hour) => {
  const [y, m, d] = day.split("-").map(Number);
  const [h, min] = (hour || "10:00").split(":").map(Number);
  return withOffset(new Date(y, m - 1, d, h, min));
};

/** A day so many days from now. */
export const inDays = (days) => {
  const date = new Date();
  date.setDate(date.getDate() + days);
  return dayOf(date);
};
