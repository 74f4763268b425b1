// A way to reach someone that is safe for them: what is allowed there, who may answer, what to say then.

import { buttons, choices, line, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, contact, head } from "../parts.js";
import { href, replace } from "../route.js";
import { person } from "../known.js";
import { called } from "../session.js";
import { write } from "../write.js";
import { codes, t } from "../words.js";

const check = (v) => {
  const faults = {};
  if (!v.kind) faults.kind = t("contact.say-kind");
  if (!v.value) faults.value = t("contact.say-value");
  if (!v.allowed) faults.allowed = t("contact.say-allowed");
  return faults;
};

export const screen = async (id, instead) => {
  const one = person(id);
  if (!one) return replace("today");
  const old = instead && (one.contacts || []).find((c) => c.id === instead);
  const kept = await keeping(old ? `contact/${id}/${instead}` : `contact/${id}`, "contact", old ? [id, instead] : [id]);
  const v = { ...old, ...kept.values };
  return {
    title: t("contact.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const { kind, value, allowed, who_answers, cover } = read(element);
        const faults = check({ kind, value, allowed });
        if (Object.keys(faults).length) return { faults };
        const asked = { person_id: id, kind, value, allowed, who_answers, cover };
        await write(old ? "people.change_contact" : "people.add_contact", old ? { ...asked, instead_of: old.id } : asked, { id: kept.draft.entry });
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
      ${!old && (one.contacts || []).length > 0 && html`<section class="stack"><h2>${t("contact.have")}</h2>${one.contacts.map((c) => contact(c,
        html`<div class="row"><a class="tall" href="${href("contact", id, c.id)}">${t("ask.change")}<span class="hush"> — ${c.value}</span></a> <button class="button quiet" data-do="end" data-id="${c.id}">${t("contact.end")}<span class="hush"> — ${c.value}</span></button></div>`))}</section>`}`,
  };
};
