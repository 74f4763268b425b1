// Practice: invented people and their week, in a store that never sends. Nobody stands behind any name here.

import { uuid7 } from "../lib/uuid7.js";
import { inDays, momentOf } from "./write.js";
import { language, t } from "./words.js";

const PEOPLE = [
  { name: "Rudo", state: "active", step: 2, next: ["session", 0, "14:00"], consents: ["care", "statistics"],
    contacts: [{ kind: "phone", value: "0700 000 001", allowed: "call", who_answers: "", cover: "" }] },
  { name: "Tendai", state: "active", step: 1, next: ["missed", 0, "09:00"], consents: ["care"],
    contacts: [{ kind: "through", value: "—", allowed: "visit", who_answers: "", cover: "" }] },
  { name: "Noor", state: "consented", step: null, next: null, consents: ["care"], contacts: [] },
  { name: "Kudzai", state: "identified", step: null, next: null, consents: [], contacts: [] },
];

const document_ = ({ next, consents, contacts, ...more }) => ({
  id: uuid7(), code: "", since: momentOf(inDays(-20)), language: language(), birth_year: null, gender: "", place: null, worker: true,
  sessions: more.step ? [{ id: uuid7(), at: momentOf(inDays(-7), "14:00"), held: true, kind: "session", mood: "same" }] : [],
  goals: more.step ? [{ id: uuid7(), text: t("practice.goal"), state: "open" }] : [], scores: [], risk: null, conflicts: [],
  consents: consents.map((purpose) => ({ id: uuid7(), purpose, given: true, until: null })),
  contacts: contacts.map((one) => ({ id: uuid7(), ...one })),
  next: next ? { kind: next[0], at: momentOf(inDays(next[1]), next[2]) } : null,
  ...more,
});

/** Fill a practice store. The questions are the app's own practice questions, in every language it speaks. */
export const fill = async (store) => {
  const people = PEOPLE.map(document_);
  const due = people.filter((one) => one.next).map((one) => ({ id: uuid7(), kind: one.next.kind, person: one.id, ref: null, at: one.next.at, priority: 2 }));
  const home = { organisation: uuid7(), programme: null, team: null };
  const changes = people.map((value) => ({ kind: "person", id: value.id, value }));
  const answer = await fetch(new URL("../../practice.json", import.meta.url).pathname).then((found) => found.json());
  const settings = { homes: [home], emergency: "0700 000 000", circles: [{ id: uuid7(), name: t("practice.circle") }] };
  const metas = { today: due, settings, instruments: answer.instruments };
  await store.write([...changes, ...Object.entries(metas).map(([id, value]) => ({ kind: "meta", id, value }))]);
};
