// Whose store, and the words that open it. While a store is locked by the clock, its short code opens it again.

import { leftBehind, listStores, openStore, openWithDeviceKey } from "../../lib/stores.js";
import { send, waiting } from "../../lib/outbox.js";
import { buttons, submit } from "../forms.js";
import { say } from "../frame.js";
import { html, icon } from "../html.js";
import { inWords } from "../net.js";
import { head, link } from "../parts.js";
import { replace } from "../route.js";
import { now, open } from "../session.js";
import { choose, kilobytes, language, languages, t } from "../words.js";

const enter = async (store) => {
  await open(store);
  now.lockMinutes = await store.meta("lock_minutes");
  return void now.enter();
};

const said = (fault) => {
  const told = inWords(fault);
  const seconds = Math.ceil((fault.wait_ms || 0) / 1000);
  return { trouble: { ...told, says: told.says, remedy: seconds ? t("unlock.wait", { n: seconds }) : told.remedy } };
};

const byCode = (id) => html`<form data-do="code" novalidate><input type="hidden" name="id" value="${id}">
  <div class="question" id="f-code"><label class="asked" for="i-code">${t("unlock.code")}</label>
  <input type="password" inputmode="numeric" id="i-code" name="code" autocomplete="off" maxlength="8"></div>${buttons(submit(t("unlock.open")))}</form>
  <details><summary>${t("unlock.instead")}</summary><div>${byPassphrase(id, "second")}</div></details>`;

const byPassphrase = (id, kind) => html`<form data-do="open" novalidate><input type="hidden" name="id" value="${id}">
  <div class="question" id="f-passphrase"><label class="asked" for="i-passphrase">${t("unlock.passphrase")}</label>
  <p class="help">${t("unlock.passphrase-help")}</p>
  <input type="password" id="i-passphrase" name="passphrase" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200">
  <p><label class="choice small"><input type="checkbox" data-show="i-passphrase" name="show" value="yes"><span>${t("unlock.show")}</span></label></p></div>
  ${buttons(submit(t("unlock.open"), kind))}<p class="meta" id="opening" role="status"></p></form>`;

const tongues = () => languages().length > 1 && html`<p class="row languages" role="group" aria-label="${t("more.language")}">${languages().filter(([name]) => name !== language()).map(([name, own]) => html`<button type="button" class="button quiet" data-do="tongue" data-language="${name}" lang="${name}">${own}</button>`)}</p>`;

const sealed = async (stores) => {
  const all = await Promise.all([...stores, ...(await leftBehind())].map(async (one) => ({ ...one, ...(await waiting(one.id)) })));
  return all.filter((one) => one.count > 0);
};

const value = (form, name) => form.querySelector(`[name=${name}]`).value;

export const screen = async (chosen) => {
  const stores = (await listStores()).filter((store) => !store.practice);
  const waits = await sealed(stores);
  if (!stores.length && !waits.length) return replace("setup");
  const only = stores.length === 1 ? stores[0].id : chosen;
  const one = stores.find((store) => store.id === only);
  const again = one && now.held && now.held.id === one.id && now.hasCode;
  const count = waits.reduce((sum, store) => sum + store.count, 0);
  return {
    title: t("unlock.title"),
    changed: (field) => {
      if (field.dataset.show) document.getElementById(field.dataset.show).type = field.checked ? "text" : "password";
    },
    on: {
      tongue: async (button) => {
        await choose(button.dataset.language);
        return void now.redraw();
      },
      open: async (form) => {
        document.getElementById("opening").textContent = t("unlock.opening");
        try {
          return await enter(await openStore(value(form, "id"), value(form, "passphrase")));
        } catch (fault) {
          document.getElementById("opening").textContent = "";
          return said(fault);
        }
      },
      key: async (button) => enter(await openWithDeviceKey(button.dataset.id)),
      code: async (form) => {
        try {
          await now.held.unlockWithCode(value(form, "code"));
          return await enter(now.held);
        } catch (fault) {
          if (fault.code === "passphrase-needed") now.hasCode = false;
          return { ...(await screen(chosen)), ...said(fault) };
        }
      },
      send: async () => {
        for (const store of waits) {
          const told = await send(store.id);
          if (told.problem) throw told.problem;
        }
        say(t("sync.sent", { n: count }));
        return screen(chosen);
      },
    },
    view: html`${head(!stores.length ? t("unlock.title") : one ? html`<bdi>${one.label}</bdi>` : t("unlock.who"))}
      ${one ? html`${again ? byCode(one.id) : byPassphrase(one.id)}
        ${one.deviceKey && buttons(html`<button class="button second" data-do="key" data-id="${one.id}">${icon("lock")}${t("unlock.key")}</button>`)}
        ${stores.length > 1 && html`<p class="below">${link(t("unlock.other"), "unlock")}</p>`}`
        : html`<ul class="stack bare">${stores.map((store) => html`<li><a class="button second wide" href="#/unlock/${store.id}"><bdi>${store.label}</bdi></a></li>`)}</ul>`}
      ${count > 0 && html`<section class="card below"><p>${t("unlock.waits", { n: count })} ${t("sync.kb", { kb: kilobytes(waits.reduce((sum, s) => sum + s.bytes, 0)) })}</p>
        ${buttons(html`<button class="button second" data-do="send">${icon("send", true)}${t("unlock.send")}</button>`)}</section>`}
      <div class="below">${link(t("more.another-go"), "setup")}</div>${tongues()}`,
  };
};
