// Today: what to do, the most pressing first, at most ten; what was begun; the way to someone new.

import { begun } from "../drafts.js";
import { synced } from "../frame.js";
import { buttons } from "../forms.js";
import { html, icon } from "../html.js";
import { empty, link, task } from "../parts.js";
import { href } from "../route.js";
import { person, today } from "../known.js";
import { called, emergency, now } from "../session.js";
import * as drafts from "../drafts.js";
import { code, codes, longDay, t } from "../words.js";

const MOST = 10; // the limit never hides danger

// Where a line of the list leads.
const LEADS = {
  session: "note", first_meeting: "note", missed: "note", risk_follow: "note", waiting: "move", ask_again: "ask",
  risk_contact: "card", risk_plan: "card", risk_answer: "card", referral_draft: "person",
};

const row = (due) => {
  const who = person(due.person);
  const late = new Date(due.at) < new Date();
  const words = code("due", due.kind) || code("due", "other");
  return task({
    who: called(who), what: (late && words.late) || words.what, at: due.at, late, now: due.priority === 0,
    to: LEADS[due.kind] || "person", args: due.kind === "missed" ? [due.person, "call"] : [due.person], action: words.action,
  });
};

const unfinished = (one) => html`<li class="row apart"><span>${t(`draft.${one.screen}`)}${one.args[0] && person(one.args[0]) && html` — <bdi>${called(person(one.args[0]))}</bdi>`}</span>
  <span class="row"><a class="button second" href="${href(one.screen, ...one.args)}">${t("draft.go-on")}</a>
  <button class="button quiet" data-do="drop" data-key="${one.key}">${t("draft.drop")}</button></span></li>`;

// One's own results, for oneself first: of the people met this month, how many feel better or worse.
const own = ({ met, better, worse }) => html`<section class="card wash below"><p class="lead">${t("own.met", { n: met })} ${t("own.better", { n: better })}${t("comma")}${t("own.worse", { n: worse })}.</p>
  <p class="meta">${t("own.some")}</p></section>`;

export const screen = async () => {
  const lines = today();
  const urgent = lines.filter((one) => one.priority === 0);
  const shown = [...urgent, ...lines.filter((one) => one.priority !== 0).slice(0, Math.max(0, MOST - urgent.length))];
  const open = await begun();
  const more = lines.length - shown.length;
  const call = emergency();
  return {
    title: t("place.today"),
    on: {
      drop: async (button) => {
        await drafts.drop(button.dataset.key);
        return screen();
      },
    },
    view: html`
      <div class="page-head"><div><h1 tabindex="-1">${t("place.today")}${now.account.shown_name && html` · <bdi>${now.account.shown_name}</bdi>`}</h1>
      <p class="meta">${longDay(new Date())}</p><p class="meta" id="synced">${synced()}</p></div></div>
      ${open.length > 0 && html`<section class="card"><h2>${t("today.begun")}</h2><ul class="bare">${open.map(unfinished)}</ul></section>`}
      <section aria-label="${t("today.what")}">${shown.length ? html`<ul class="tasks">${shown.map(row)}</ul>` : empty(t("today.nothing"), t("today.nothing-more"))}
      ${more > 0 && html`<p class="meta">${t("today.more", { n: more })}</p>`}</section>
      ${buttons(html`<a class="button" href="${href("new")}">${icon("user-plus")}${t("today.new")}</a>`, link(t("today.circle"), "circle"), link(t("today.hours"), "hours"))}
      ${now.settings.own && own(now.settings.own)}
      ${call && html`<p class="meta below">${t("today.emergency")} <a class="tall" href="tel:${call.number.replace(/[^\d+*#]/g, "")}"><bdi dir="ltr">${call.number}</bdi></a></p>`}`,
  };
};
