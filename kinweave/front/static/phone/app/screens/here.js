// What is only on this phone, what the site holds for somebody to look at, and what it could not take: each with what
// to do. Nothing is ever dropped by itself. The button sends and brings down what changed.

import * as outbox from "../../lib/outbox.js";
import { fetchInstruments, syncNow } from "../../lib/sync.js";
import { buttons } from "../forms.js";
import { onlyHere, refresh as frame, say, synced } from "../frame.js";
import { html, icon, put } from "../html.js";
import { Trouble, inWords } from "../net.js";
import { empty, head, link, tag } from "../parts.js";
import { href, replace } from "../route.js";
import { person } from "../known.js";
import { called, now, refresh, unsettled } from "../session.js";
import { code, kilobytes, language, moment, t } from "../words.js";
import * as update from "../update.js";
import { undecided } from "./decide.js";

const what = (one) => code("actions", one.action) || t("here.something");

const about = (one) => one.about && person(one.about) && html` — <bdi>${called(person(one.about))}</bdi>`;

const MENDS = { "care.note_session": "note", "flows.receive_response": "ask", "care.set_goal": "goal", "people.add_contact": "contact", "care.move_on": "move", "flows.agree": "consent" };

const rejected = (one) => html`<li class="card"><div class="card-head"><h3>${what(one)}${about(one)}</h3>${tag(t("here.rejected"), "warm")}</div>
  <p class="meta">${moment(one.happened_at)}</p><p>${one.says || t("fault.site-trouble")}</p>${one.remedy && html`<p>${one.remedy}</p>`}
  <div class="button-row"><button class="button second" data-do="again" data-id="${one.id}">${t("here.again")}</button>
  ${MENDS[one.action] && one.about && person(one.about) && html`<button class="button second" data-do="mend" data-id="${one.id}">${t("here.mend")}</button>`}
  <button class="button quiet" data-do="aside" data-id="${one.id}">${t("here.aside")}</button></div></li>`;

const waiting = (one) => html`<li class="row apart"><span>${what(one)}${about(one)}<span class="meta"> · ${moment(one.happened_at)}</span></span> <span class="meta">${t("sync.kb", { kb: kilobytes(one.bytes) })}</span></li>`;

const held = (one) => html`<li class="card"><h3>${what(one)}${about(one)}</h3><p class="meta">${moment(one.happened_at)}</p><p>${code("held_why", one.code) || one.says || t("here.held-why")}</p></li>`;

const money = (bytes) => {
  const price = Number(now.settings.price_per_mb || 0);
  return price > 0 ? t("here.money", { money: (bytes / 1048576 * price).toFixed(2), currency: now.settings.currency || "" }) : "";
};

/** Send and bring down, saying how far it is. Returns what came of it, in words. */
export const syncAll = async (onProgress) => {
  const { store } = now;
  const told = await syncNow(store, { onProgress, app: document.documentElement.dataset.version });
  if (told.revoked) return { revoked: true };
  if ((!told.problem || told.problem.entry) && !told.busy) {
    await fetchInstruments(store, language());
    await store.setMeta("synced", new Date().toISOString());
    update.check();
  }
  if (now.store === store) await refresh();
  return told;
};

const inSentences = (told) => [
  told.sent > 0 && t("sync.sent", { n: told.sent }), told.held > 0 && t("sync.held", { n: told.held }),
  told.rejected > 0 && t("sync.rejected", { n: told.rejected }), told.gained > 0 && t("sync.gained", { n: told.gained }),
  told.changed > 0 && t("sync.changed", { n: told.changed }), told.lost > 0 && t("sync.lost", { n: told.lost }),
  told.capped && told.capped.says, !told.problem && !(told.sent + told.held + told.rejected + told.gained + told.changed + told.lost) && t("sync.same"),
].filter(Boolean);

const fault = (problem) => (problem.says ? new Trouble(problem.code, problem.says, problem.remedy || "") : inWords(problem));

let last = null; // what came of the last sync, while this page is open

const progress = (said) => {
  const place = document.getElementById("syncing");
  if (place) put(place, html`<p role="status">${said}</p><progress aria-label="${said}"></progress>`);
};


export const screen = async () => {
  const all = unsettled();
  const { count, bytes } = onlyHere();
  const of = (state) => all.filter((one) => one.state === state);
  const carried = now.store ? await outbox.waiting(now.store.id) : { count: 0 };
  return {
    title: t("place.here"),
    on: {
      sync: async () => {
        progress(t("sync.sending"));
        const told = await syncAll(({ stage, done }) => progress(stage === "sending" ? t("sync.sending-n", { n: done }) : t("sync.getting-n", { n: done })));
        if (told.revoked) {
          await now.lock();
          say(t("sync.revoked"));
          return undefined;
        }
        last = told;
        frame();
        return { ...(await screen()), ...(told.problem ? { trouble: fault(told.problem) } : {}) };
      },
      again: async (button) => {
        await outbox.retry(now.store, button.dataset.id);
        await refresh();
        return screen();
      },
      mend: async (button) => {
        const one = now.entries.find((e) => e.id === button.dataset.id);
        await outbox.settle(now.store, one.id);
        await refresh();
        return void replace(MENDS[one.action], one.about);
      },
      aside: async (button) => {
        await outbox.settle(now.store, button.dataset.id);
        await refresh();
        say(t("here.put-aside"));
        return screen();
      },
    },
    view: html`${head(t("place.here"), synced())}
      <div id="syncing">${last && html`<div class="card" role="status"><ul class="bare">${inSentences(last).map((one) => html`<li>${one}</li>`)}</ul></div>`}</div>
      ${now.practice ? html`<p class="card">${t("practice.nothing-sent")}</p>` : html`<div class="button-row"><button class="button" data-do="sync">${icon("send", true)}${count ? t("sync.now-kb", { kb: kilobytes(bytes) }) : t("sync.now")}</button></div>
      ${count > 0 && money(bytes) && html`<p class="meta">${money(bytes)}</p>`}`}
      ${of("rejected").length > 0 && html`<section class="stack below"><h2>${t("here.rejected-head")}</h2><ul class="stack bare">${of("rejected").map(rejected)}</ul></section>`}
      ${undecided().length > 0 && html`<p class="card below">${t("here.conflicts", { n: undecided().length })} <a class="tall" href="${href("decide")}">${t("here.decide")}</a></p>`}
      <section class="stack below"><h2>${t("here.waiting")}</h2>${of("waiting").length + of("practice").length ? html`<ul class="rows-list">${[...of("waiting"), ...of("practice")].map(waiting)}</ul>` : empty(t("here.none"), t("here.none-more"))}
      ${carried.count > of("waiting").length && html`<p class="meta">${t("here.carried", { n: carried.count - of("waiting").length })}</p>`}</section>
      ${of("held").length > 0 && html`<section class="stack below"><h2>${t("here.held")}</h2><p class="soft">${t("here.held-more")}</p><ul class="stack bare">${of("held").map(held)}</ul></section>`}
      ${buttons(link(t("carry.title"), "carry"))}`,
  };
};
