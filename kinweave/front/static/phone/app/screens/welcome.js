// Someone new, under an invented name. Written down at once, so that what follows (their yes, the questions, a note)
// can be written about them before the site has heard of them.

import { buttons, choices, line, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { head } from "../parts.js";
import { replace } from "../route.js";
import { now } from "../session.js";
import { today, write } from "../write.js";
import { codes, languages, t } from "../words.js";

const home = () => (now.settings.homes || [])[0] || {};
const places = () => now.settings.places || [];

const check = (v) => {
  const faults = {};
  if (!v.alias) faults.alias = t("new.say-alias");
  const year = Number(v.birth_year);
  if (v.birth_year && !(year >= 1900 && year <= new Date().getFullYear())) faults.birth_year = t("new.say-year");
  if (v.met_on > today()) faults.met_on = t("note.day-to-come");
  return faults;
};

const asked = (v) => ({
  organisation_id: home().organisation || null, programme_id: home().programme || null, team_id: home().team || null,
  place_id: v.place || null, alias: v.alias, birth_year: v.birth_year ? Number(v.birth_year) : null,
  gender: v.gender || "", language: v.language || "", met_on: v.met_on || null,
});

export const screen = async () => {
  const kept = await keeping("new", "new", []);
  const v = { met_on: today(), language: "", ...kept.values };
  const known = (now.settings.languages || languages().map(([name]) => name)).map((one) => (Array.isArray(one) ? one : [one, (languages().find(([name]) => name === one) || [one, one])[1]]));
  return {
    title: t("today.new"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const said = read(element);
        const faults = check(said);
        if (Object.keys(faults).length) return { faults };
        const { made } = await write("people.register_person", asked(said), { id: kept.draft.entry });
        await kept.done();
        return void replace("consent", made);
      },
    },
    view: html`${head(t("today.new"), t("new.lead"))}
      <form data-do="save" data-keep novalidate>
      ${line({ name: "alias", legend: t("new.alias"), help: t("new.alias-help"), value: v.alias, most: 120 })}
      ${choices({ name: "language", legend: t("new.language"), options: known, value: v.language, two: true, optional: true })}
      ${line({ name: "birth_year", legend: t("new.year"), help: t("new.year-help"), type: "number", value: v.birth_year, optional: true })}
      ${choices({ name: "gender", legend: t("new.gender"), options: codes("genders"), value: v.gender, two: true, optional: true })}
      ${places().length > 0 && choices({ name: "place", legend: t("new.place"), options: places().map((one) => [one.id, one.name]), value: v.place, two: true, optional: true })}
      ${line({ name: "met_on", legend: t("new.met"), type: "date", value: v.met_on })}
      ${buttons(submit(t("new.save")))}</form>`,
  };
};
