// A circle met: how many came. What is said in a circle stays there.

import { buttons, choices, line, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, empty, head } from "../parts.js";
import { replace } from "../route.js";
import { now } from "../session.js";
import { say } from "../frame.js";
import { today, write } from "../write.js";
import { t } from "../words.js";

const whole = (text) => (/^\d{1,3}$/.test(text || "") ? Number(text) : null);

const check = (v) => {
  const found = {};
  if (!v.circle) found.circle = t("circle.say-which");
  if (!v.on || v.on > today()) found.on = t("note.day-to-come");
  if (whole(v.head) === null) found.head = t("circle.say-head");
  if (v.fresh && (whole(v.fresh) === null || whole(v.fresh) > whole(v.head))) found.fresh = t("circle.say-fresh");
  return found;
};

export const screen = async () => {
  const circles = now.settings.circles || [];
  if (!circles.length) return { title: t("circle.title"), view: html`${back("today", t("place.today"))}${head(t("circle.title"))}${empty(t("circle.none"), t("circle.none-more"))}` };
  const kept = await keeping("circle", "circle", []);
  const v = { on: today(), circle: circles.length === 1 ? circles[0].id : "", ...kept.values };
  return {
    title: t("circle.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const said = read(element);
        const wrong = check(said);
        if (Object.keys(wrong).length) return { faults: wrong };
        await write("gather.record_circle_meeting", { circle_id: said.circle, on: said.on, head_count: whole(said.head), new_count: whole(said.fresh) || 0 }, { id: kept.draft.entry });
        await kept.done();
        say(t("circle.kept"));
        return void replace("today");
      },
    },
    view: html`${back("today", t("place.today"))}${head(t("circle.title"), t("circle.lead"))}
      <form data-do="save" data-keep novalidate>
      ${choices({ name: "circle", legend: t("circle.which"), options: circles.map((one) => [one.id, one.name]), value: v.circle })}
      ${line({ name: "on", legend: t("circle.on"), type: "date", value: v.on })}
      ${line({ name: "head", legend: t("circle.head"), type: "number", value: v.head })}
      ${line({ name: "fresh", legend: t("circle.fresh"), type: "number", value: v.fresh, optional: true })}
      ${buttons(submit(t("circle.save")))}</form>`,
  };
};
