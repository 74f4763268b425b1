// A goal, in the person's own words.

import { buttons, read, submit, words } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called } from "../session.js";
import { write } from "../write.js";
import { t } from "../words.js";

export const screen = async (id, which) => {
  const one = person(id);
  if (!one) return replace("today");
  const old = which && (one.goals || []).find((g) => g.id === which);
  const kept = await keeping(old ? `goal/${id}/${which}` : `goal/${id}`, "goal", old ? [id, which] : [id]);
  const typed = kept.values.text === undefined ? old && old.text : kept.values.text;
  return {
    title: t("goal.title"), form: true, ...kept,
    on: {
      save: async (element) => {
        await kept.leave();
        const { text } = read(element);
        if (!text) return { faults: { text: t("goal.say") } };
        await write(old ? "care.change_goal" : "care.set_goal", old ? { person_id: id, instead_of: old.id, text } : { person_id: id, text }, { id: kept.draft.entry });
        await kept.done();
        return void replace("person", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(t("goal.head"))}
      <form data-do="save" data-keep novalidate>${words({ name: "text", legend: t("goal.legend"), help: t("goal.help"), value: typed, most: 500 })}
      ${buttons(submit(t("goal.save")))}</form>`,
  };
};
