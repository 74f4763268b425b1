// Two versions of the same thing, written on two sides: both are kept, and the worker decides which one holds.

import { buttons } from "../forms.js";
import { html } from "../html.js";
import { back, empty, head } from "../parts.js";
import { called, now, person } from "../session.js";
import { write } from "../write.js";
import { code, moment, t } from "../words.js";

const version = (one, n, conflict) => html`<li class="card"><h3>${t("decide.version", { n: n + 1 })}</h3><p><bdi>${code("goals", one.value) || one.value}</bdi></p>
  <p class="meta">${one.by && html`<bdi>${one.by}</bdi> · `}${one.at && moment(one.at)}</p>
  <p><button class="button second" data-do="keep" data-conflict="${conflict.id}" data-version="${one.id}">${t("decide.keep")}</button></p></li>`;

export const screen = async () => {
  const all = now.settings.conflicts || [];
  return {
    title: t("decide.title"),
    on: {
      keep: async (button) => {
        await write("flows.decide_version", { conflict_id: button.dataset.conflict, keep: button.dataset.version });
        now.settings.conflicts = all.filter((one) => one.id !== button.dataset.conflict);
        return screen();
      },
    },
    view: html`${back("here", t("place.here"))}${head(t("decide.title"), t("decide.lead"))}
      ${all.length ? all.map((one) => html`<section class="stack"><h2>${code("actions", one.action) || t("here.something")} — <bdi>${called(person(one.person))}</bdi></h2><ul class="stack bare">${one.versions.map((v, n) => version(v, n, one))}</ul></section>`) : empty(t("decide.none"), t("decide.none-more"))}
      ${buttons()}`,
  };
};
