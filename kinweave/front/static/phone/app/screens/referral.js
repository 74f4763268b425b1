// A referral in draft: who is asked for what, exactly what may be told, and what the person said to that.

import { buttons, choices, line, read, submit, words } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called, now } from "../session.js";
import { say } from "../frame.js";
import { write } from "../write.js";
import { code, t } from "../words.js";

const NEEDS = ["health", "support", "protection", "violence", "food", "schooling", "shelter", "money", "rehabilitation", "community", "social", "legal", "work", "healer", "other"];
const ITEMS = ["alias", "name", "age", "language", "contact", "need", "access", "care", "safety"];
const URGENCIES = ["emergency", "urgent", "normal"];
const named = (group, all) => all.map((one) => [one, code(group, one) || one]);

const check = (v) => {
  const faults = {};
  if (!v.to) faults.to = t("referral.say-to");
  if (!v.need) faults.need = t("referral.say-need");
  if (!v.items.length) faults.items = t("referral.say-items");
  if (!v.agreed) faults.agreed = t("referral.say-agreed");
  return faults;
};

export const screen = async (id) => {
  const one = person(id);
  if (!one) return replace("today");
  const kept = await keeping(`referral/${id}`, "referral", [id]);
  const v = kept.values;
  return {
    title: t("referral.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const said = read(element);
        const faults = check(said);
        if (Object.keys(faults).length) return { faults };
        await write("connect.draft_referral", { person_id: id, to: said.to, need: said.need, consent_items: said.items, urgency: said.urgency || "normal",
          agreed: { yes: true, no: false, later: null }[said.agreed], note: said.note || "" }, { id: kept.draft.entry });
        await kept.done();
        say(t("referral.kept"));
        return void replace("person", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(html`${t("referral.head")} <bdi>${called(one)}</bdi>`, t("referral.lead"))}
      <form data-do="save" data-keep novalidate>
      ${line({ name: "to", legend: t("referral.to"), help: t("referral.to-help"), value: v.to, most: 120 })}
      ${choices({ name: "need", legend: t("referral.need"), options: named("needs", now.settings.needs || NEEDS), value: v.need, two: true })}
      ${choices({ name: "urgency", legend: t("referral.urgency"), options: named("referral_urgencies", URGENCIES), value: v.urgency || "normal" })}
      ${choices({ name: "items", legend: t("referral.items"), help: t("referral.items-help"), options: named("items", now.settings.items || ITEMS), value: v.items || [], many: true, two: true })}
      ${choices({ name: "agreed", legend: t("referral.agreed"), options: [["yes", t("yes")], ["no", t("no")], ["later", t("consent.later")]], value: v.agreed })}
      ${words({ name: "note", legend: t("referral.note"), value: v.note, most: 2000 })}
      ${buttons(submit(t("referral.save")))}</form>`,
  };
};
