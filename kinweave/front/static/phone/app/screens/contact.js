// A way to reach someone that is safe for them: what is allowed there, who may answer, what to say then.

import { buttons, choices, line, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, contact, head } from "../parts.js";
import { replace } from "../route.js";
import { called, person } from "../session.js";
import { write } from "../write.js";
import { codes, t } from "../words.js";

const check = (v) => {
  const faults = {};
  if (!v.kind) faults.kind = t("contact.say-kind");
  if (!v.value) faults.value = t("contact.say-value");
  if (!v.allowed) faults.allowed = t("contact.say-allowed");
  return faults;
};

export const screen = async (id) => {
  const one = person(id);
  if (!one) return replace("today");
  const kept = await keeping(`contact/${id}`, "contact", [id]);
  const v = kept.values;
  return {
    title: t("contact.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const { kind, value, allowed, who_answers, cover } = read(element);
        const faults = check({ kind, value, allowed });
        if (Object.keys(faults).length) return { faults };
        await write("people.add_contact", { person_id: id, kind, value, allowed, who_answers, cover }, { id: kept.draft.entry });
        await kept.done();
        return void replace("person", id);
      },
      end: async (button) => {
        await write("people.end_contact", { person_id: id, contact_id: button.dataset.id });
        return void replace("contact", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(t("contact.head"), t("contact.lead"))}
      <form data-do="save" data-keep novalidate>
      ${choices({ name: "kind", legend: t("contact.kind"), options: codes("contacts"), value: v.kind })}
      ${line({ name: "value", legend: t("contact.value"), value: v.value })}
      ${choices({ name: "allowed", legend: t("contact.allowed"), options: codes("allowed"), value: v.allowed, two: true })}
      ${line({ name: "who_answers", legend: t("contact.who-label"), value: v.who_answers, optional: true })}
      ${line({ name: "cover", legend: t("contact.cover-label"), help: t("contact.cover-help"), value: v.cover, most: 500, optional: true })}
      ${buttons(submit(t("contact.save")))}</form>
      ${(one.contacts || []).length > 0 && html`<section class="stack"><h2>${t("contact.have")}</h2>${one.contacts.map((c) => contact(c,
        html`<p><button class="button quiet" data-do="end" data-id="${c.id}">${t("contact.end")}</button></p>`))}</section>`}`,
  };
};
