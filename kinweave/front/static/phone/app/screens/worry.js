// "I am worried": no proof and no questionnaire. Whatever is left out, it is written down and sent as soon as it can be.

import { buttons, choices, read, words } from "../forms.js";
import { html, icon } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called, emergency } from "../session.js";
import { write } from "../write.js";
import { code, codes, t } from "../words.js";

export const screen = async (id) => {
  const one = person(id);
  if (!one) return replace("today");
  const kept = await keeping(`tell/${id}`, "tell", [id]);
  const v = kept.values;
  const call = emergency();
  return {
    title: t("person.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const said = read(element);
        await write("flows.voice_worry", { person_id: id, urgency: said.urgency || "now", kinds: said.kinds.length ? said.kinds : ["other"], note: said.note || "" },
          { id: kept.draft.entry, urgent: true });
        await kept.done();
        replace("card", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(html`${t("worry.about")} <bdi>${called(one)}</bdi>`, t("worry.lead"))}
      ${call && html`<p class="card">${t("worry.call-first")} <a class="tall" href="tel:${call.number.replace(/[^\d+*#]/g, "")}"><strong><bdi dir="ltr">${call.number}</bdi></strong></a></p>`}
      <form data-do="save" data-keep novalidate>
      ${choices({ name: "urgency", legend: t("worry.urgency"), help: t("worry.urgency-help"), value: v.urgency,
        options: codes("urgencies").map(([name, label]) => [name, label, code("urgency_help", name)]) })}
      ${choices({ name: "kinds", legend: t("worry.kinds"), options: codes("worries"), value: v.kinds || [], many: true, two: true })}
      ${words({ name: "note", legend: t("worry.words"), value: v.note, most: 2000 })}
      ${buttons(html`<button class="button">${icon("send", true)}${t("worry.tell")}</button>`)}</form>`,
  };
};
