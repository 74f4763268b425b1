// Two versions of the same thing, written on two sides: both are kept, and the worker decides which one holds.

import { html } from "../html.js";
import { back, empty, head } from "../parts.js";
import { person } from "../known.js";
import { called, now } from "../session.js";
import { write } from "../write.js";
import { code, moment, t } from "../words.js";

const said = (one) => (one.ends ? html`<s><bdi>${one.value}</bdi></s> ${t("decide.ends")}` : html`<bdi>${code("goals", one.value) || one.value}</bdi>`);

const version = (one, conflict) => html`<li class="card"><h3>${t(one.mine ? "decide.mine" : "decide.theirs")}</h3><p>${said(one)}${one.allowed && html` · ${code("allowed", one.allowed)}`}</p>
  <p><button class="button second" data-do="keep" data-conflict="${conflict.id}" data-version="${one.id}">${t("decide.keep")}<span class="hush"> — ${t(one.mine ? "decide.mine" : "decide.theirs")}</span></button></p></li>`;

const whole = (one) => html`<section class="stack"><h2>${code("actions", one.action) || t("here.something")} — <bdi>${called(person(one.person))}</bdi></h2><p class="meta">${moment(one.at)}</p>
  <ul class="stack bare">${one.versions.map((v) => version(v, one))}</ul>
  ${["contact", "goal"].includes(one.what) && html`<p><button class="button quiet" data-do="keep" data-conflict="${one.id}" data-version="both">${t("decide.both")}</button></p>`}</section>`;

// Decided here and not yet at the site: not asked again.
const open = () => {
  const done = now.entries.filter((one) => one.action === "flows.decide_version" && one.state !== "rejected").map((one) => one.asked.conflict_id);
  return (now.settings.conflicts || []).filter((one) => !done.includes(one.id));
};

export { open as undecided };

export const screen = async () => {
  const all = open();
  return {
    title: t("decide.title"),
    on: {
      keep: async (button) => {
        await write("flows.decide_version", { conflict_id: button.dataset.conflict, keep: button.dataset.version });
        return screen();
      },
    },
    view: html`${back("here", t("place.here"))}${head(t("decide.title"), t("decide.lead"))}
      ${all.length ? all.map(whole) : empty(t("decide.none"), t("decide.none-more"))}`,
  };
};
