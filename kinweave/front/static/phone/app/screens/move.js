// One move along the way: what follows from where they are now.

import { movesFrom } from "../effects.js";
import { buttons, choices, read, submit } from "../forms.js";
import { html } from "../html.js";
import { keeping } from "../keeping.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called } from "../session.js";
import { write } from "../write.js";
import { belongs } from "./note.js";
import { code, codes, t } from "../words.js";

export const screen = async (id) => {
  const one = person(id);
  if (!one) return replace("today");
  const kept = await keeping(`move/${id}`, "move", [id]);
  const v = kept.values;
  return {
    title: t("move.title"), form: true, ...kept,
    changed: (field) => {
      belongs(document.querySelector("form"));
      kept.changed(field);
    },
    on: {
      save: async (element) => {
        await kept.leave();
        const { move, reason, way } = read(element);
        if (!move) return { faults: { move: t("move.say") } };
        if (move === "close" && !reason) return { faults: { reason: t("move.say-reason") } };
        await write("care.move_on", { person_id: id, move, reason: move === "close" ? reason : "", entry: move === "tell" ? way || "own_words" : "" }, { id: kept.draft.entry });
        await kept.done();
        return void replace("person", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(t("move.head"), code("states", one.state))}
      <form data-do="save" data-keep novalidate>
      ${choices({ name: "move", legend: t("move.legend"), options: movesFrom(one.state).map((m) => [m, code("moves", m), code("move_help", m)]), value: v.move })}
      <div data-if="move=tell" ${v.move !== "tell" && html`hidden`}>${choices({ name: "way", legend: t("move.way"), options: codes("entries"), value: v.way })}</div>
      <div data-if="move=close" ${v.move !== "close" && html`hidden`}>${choices({ name: "reason", legend: t("move.reason"), options: codes("closures"), value: v.reason, two: true })}</div>
      ${buttons(submit(t("move.save")))}</form>`,
  };
};
