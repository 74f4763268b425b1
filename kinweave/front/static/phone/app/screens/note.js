// A note about a meeting, a call or a visit, held or not: six touches, less than a minute and a half.

import { agreed } from "../effects.js";
import { buttons, choices, line, submit, words } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head, link } from "../parts.js";
import { replace } from "../route.js";
import { say } from "../frame.js";
import { person } from "../known.js";
import { called } from "../session.js";
import { dayOf, inDays, momentOf, today, write } from "../write.js";
import { clock, codes, day, t } from "../words.js";

const MEETINGS = ["session", "group"];
const NEXT = { week: 7, two: 14, soon: 3 };

const usual = (one) => (one.next ? clock(one.next.at) : "10:00");

const next = (values) => [
  ...Object.entries(NEXT).map(([name, days]) => [name, t(`note.next-${name}`, { day: day(momentOf(inDays(days))) })]),
  ["other", t("note.next-other")], ["none", t("note.next-none")],
];

const form = (one, v) => html`
  <form data-do="save" data-keep novalidate class="note">
  ${choices({ name: "held", legend: t("note.held"), options: [["yes", t("yes")], ["no", t("note.not-held")]], value: v.held })}
  <div data-if="held=yes" ${v.held !== "yes" && html`hidden`}>
    ${choices({ name: "homework", legend: t("note.homework"), options: codes("homework"), value: v.homework, two: true })}
    ${choices({ name: "mood", legend: t("note.mood"), options: codes("going"), value: v.mood, two: true })}</div>
  <div data-if="held=no" ${v.held !== "no" && html`hidden`}>
    ${choices({ name: "missed", legend: t("note.missed"), options: codes("missed"), value: v.missed, two: true })}</div>
  ${choices({ name: "next", legend: t("note.next"), options: next(v), value: v.next, two: true })}
  <div data-if="next=other" ${v.next !== "other" && html`hidden`} class="row">
    ${line({ name: "next_day", legend: t("note.next-day"), type: "date", value: v.next_day })}
    ${line({ name: "next_time", legend: t("note.next-time"), type: "time", value: v.next_time || usual(one) })}</div>
  ${choices({ name: "worry", legend: t("note.worry"), options: [["no", t("no")], ["yes", t("note.worried")]], value: v.worry, two: true })}
  <details ${(v.note || v.where || v.on) && html`open`}><summary>${t("note.more")}</summary><div>
    ${choices({ name: "kind", legend: t("note.kind"), options: [["session", t("note.kind-session")], ["call", t("note.kind-call")], ["visit", t("note.kind-visit")], ["group", t("note.kind-group")]], value: v.kind || "session", two: true })}
    ${choices({ name: "where", legend: t("note.where"), options: codes("places"), value: v.where, two: true })}
    ${line({ name: "on", legend: t("note.on"), type: "date", value: v.on })}
    ${words({ name: "note", legend: t("note.words"), help: t("note.words-help"), value: v.note, most: 4000 })}</div></details>
  ${buttons(submit(t("note.save")))}</form>`;

/** Show what belongs to the answers given, hide the rest. */
export const belongs = (root) => {
  root.querySelectorAll("[data-if]").forEach((part) => {
    const [name, value] = part.dataset.if.split("=");
    const chosen = root.querySelector(`[name=${name}]:checked`);
    part.hidden = !chosen || chosen.value !== value;
  });
};

const check = (v) => {
  const faults = {};
  if (!v.held) faults.held = t("note.say-held");
  if (v.held === "no" && !v.missed) faults.missed = t("note.say-missed");
  if (!v.next) faults.next = t("note.say-next");
  if (v.next === "other" && !v.next_day) faults.next_day = t("note.say-day");
  if (v.next === "other" && v.next_day && v.next_day < today()) faults.next_day = t("note.day-over");
  if (!v.worry) faults.worry = t("note.say-worry");
  if (v.on && v.on > today()) faults.on = t("note.day-to-come");
  return faults;
};

/** What care.note_session takes. */
export const asked = (id, v, one) => {
  const held = v.held === "yes";
  const kind = v.kind || "session";
  const days = NEXT[v.next];
  return {
    person_id: id, held, kind, planned: MEETINGS.includes(kind), missed_reason: held ? "" : v.missed,
    homework: (held && v.homework) || "", mood: (held && v.mood) || "", where: v.where || "",
    at: v.on && v.on !== today() ? momentOf(v.on, usual(one)) : null,
    next_at: v.next === "other" ? momentOf(v.next_day, v.next_time) : days ? momentOf(inDays(days), usual(one)) : null,
    worry: v.worry === "yes", note: v.note || "",
  };
};

export const screen = async (id, kind) => {
  const one = person(id);
  if (!one) return replace("today");
  const kept = await keeping(`note/${id}`, "note", [id]);
  const values = { kind: kind === "call" ? "call" : "session", ...kept.values };
  return {
    title: t("note.title"), form: true, ...kept,
    changed: (field) => {
      belongs(document.querySelector("form"));
      kept.changed(field);
    },
    on: {
      save: async (element) => {
        await kept.leave();
        const v = (await import("../forms.js")).read(element);
        const faults = check(v);
        if (Object.keys(faults).length) return { faults };
        await write("care.note_session", asked(id, v, one), { id: kept.draft.entry });
        await kept.done();
        say(t("note.kept"));
        return void replace(v.worry === "yes" ? "tell" : "person", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(html`${t("note.with")} <bdi>${called(one)}</bdi>`)}
      ${!agreed(one, "care") && html`<p class="card">${t("note.not-agreed")} ${link(t("person.ask-consent"), "consent", id)}</p>`}
      ${form(one, values)}`,
  };
};
