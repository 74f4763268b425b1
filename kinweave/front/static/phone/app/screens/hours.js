// One's own hours, paid and unpaid, so that nobody's work stays unseen.

import { buttons, choices, line, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { now } from "../session.js";
import { say } from "../frame.js";
import { today, write } from "../write.js";
import { code, day, t } from "../words.js";

const KINDS = ["meeting", "circle", "travel", "writing", "supervision", "training", "night", "other"];
const DAY = 24 * 60;

const check = (v, minutes) => {
  const faults = {};
  if (!v.on || v.on > today()) faults.on = t("note.day-to-come");
  if (!(minutes > 0 && minutes <= DAY)) faults.hours = t("hours.say");
  if (!v.kind) faults.kind = t("hours.say-kind");
  if (!v.paid) faults.paid = t("hours.say-paid");
  return faults;
};

const written = () => now.entries.filter((one) => one.action === "team.record_hours").slice(-7).reverse();

export const screen = async () => {
  const kept = await keeping("hours", "hours", []);
  const v = { on: today(), ...kept.values };
  return {
    title: t("hours.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const said = read(element);
        const minutes = Math.round((Number(said.hours) || 0) * 60) + (Number(said.minutes) || 0);
        const faults = check(said, minutes);
        if (Object.keys(faults).length) return { faults };
        await write("team.record_hours", { on: said.on, minutes, kind: said.kind, paid: said.paid === "yes" }, { id: kept.draft.entry });
        await kept.done();
        say(t("hours.kept"));
        return void replace("today");
      },
    },
    view: html`${back("today", t("place.today"))}${head(t("hours.title"), t("hours.lead"))}
      <form data-do="save" data-keep novalidate>
      ${line({ name: "on", legend: t("hours.on"), type: "date", value: v.on })}
      <div class="row">${line({ name: "hours", legend: t("hours.hours"), type: "number", value: v.hours })}${line({ name: "minutes", legend: t("hours.minutes"), type: "number", value: v.minutes })}</div>
      ${choices({ name: "kind", legend: t("hours.kind"), options: (now.settings.kinds_of_work || KINDS).map((one) => [one, code("work", one) || one]), value: v.kind, two: true })}
      ${choices({ name: "paid", legend: t("hours.paid"), options: [["yes", t("hours.is-paid")], ["no", t("hours.is-unpaid")]], value: v.paid, two: true })}
      ${buttons(submit(t("hours.save")))}</form>
      ${written().length > 0 && html`<section class="stack"><h2>${t("hours.last")}</h2><ul class="rows-list">${written().map((one) => html`<li>${day(one.asked.on)} · ${t("hours.of", { n: one.asked.minutes })} · ${code("work", one.asked.kind) || one.asked.kind}</li>`)}</ul></section>`}`,
  };
};
