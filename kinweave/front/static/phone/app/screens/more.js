// The app's own settings on this phone: language, lock, codes, practice, other workers, a lost phone.

import { fault as asFault } from "../../lib/fault.js";
import { check } from "../../lib/passphrase.js";
import { removeStore } from "../../lib/stores.js";
import { buttons, choices, read, submit } from "../forms.js";
import { html, icon } from "../html.js";
import { head } from "../parts.js";
import { go, replace } from "../route.js";
import { now } from "../session.js";
import { onlyHere, say } from "../frame.js";
import * as update from "../update.js";
import { choose, language, languages, t } from "../words.js";

const LOCKS = ["1", "5", "15"];
const CODE = /^\d{4,8}$/;

const secret = (name, legend, help, fill) => html`<div class="question" id="f-${name}"><label class="asked" for="i-${name}">${legend}</label>${help && html`<p class="help">${help}</p>`}
  <input type="password" id="i-${name}" name="${name}" autocomplete="${fill || "new-password"}" maxlength="200"></div>`;

const part = (title, inside) => html`<details><summary>${title}</summary><div>${inside}</div></details>`;

const typed = (form, name) => form.querySelector(`[name=${name}]`).value;

export const screen = async () => {
  const lock = String((await now.store.meta("lock_minutes")) || now.settings.lock_minutes || 5);
  return {
    title: t("place.more"),
    on: {
      language: async (form) => {
        await choose(read(form).language);
        return void now.redraw();
      },
      lock: async (form) => {
        now.lockMinutes = Number(read(form).minutes);
        await now.store.setMeta("lock_minutes", now.lockMinutes);
        say(t("more.kept"));
      },
      code: async (form) => {
        const code = typed(form, "code");
        if (!CODE.test(code)) return { faults: { code: t("more.say-code") } };
        await now.store.setCode(code);
        say(t("more.code-kept"));
        return screen();
      },
      passphrase: async (form) => {
        const found = check(typed(form, "passphrase"), [now.store.label, now.site.name || ""]);
        if (found) return { faults: { passphrase: t(`fault.${found}`) } };
        await now.store.changePassphrase(typed(form, "passphrase"));
        say(t("more.passphrase-kept"));
        return screen();
      },
      duress: async (form) => {
        const words = typed(form, "duress");
        const found = words && check(words, [now.store.label]);
        if (found) return { faults: { duress: t(`fault.${found}`) } };
        await now.store.setDuress(words || null);
        say(t("more.duress-kept"));
        return screen();
      },
      key: async () => {
        await now.store.addDeviceKey();
        say(t("more.key-kept"));
      },
      practice: () => void now.lock().then(() => go("setup", "practice")),
      another: () => void now.lock().then(() => go("setup")),
      remove: async (form) => {
        if (!read(form).sure.length) return { faults: { sure: t("more.say-sure") } };
        const { id } = now.store;
        if (onlyHere().count && !now.practice) throw asFault("only-here");
        await now.lock();
        await removeStore(id);
        return void replace("unlock");
      },
    },
    view: html`${head(t("place.more"), update.kept() ? t("more.offline") : t("more.not-offline"))}
      <form data-do="language">${choices({ name: "language", legend: t("more.language"), options: languages(), value: language(), two: true })}${buttons(submit(t("more.save"), "second"))}</form>
      <form data-do="lock">${choices({ name: "minutes", legend: t("more.lock"), options: LOCKS.map((n) => [n, t("minutes", { n })]), value: lock, two: true })}${buttons(submit(t("more.save"), "second"))}</form>
      ${part(t("more.code"), html`<form data-do="code" novalidate>${secret("code", t("more.code-label"), t("more.code-help"))}${buttons(submit(t("more.save"), "second"))}</form>`)}
      ${part(t("more.passphrase"), html`<form data-do="passphrase" novalidate>${secret("passphrase", t("more.passphrase-label"), t("more.passphrase-help"))}${buttons(submit(t("more.save"), "second"))}</form>`)}
      ${part(t("more.duress"), html`<form data-do="duress" novalidate>${secret("duress", t("setup.duress"), t("setup.duress-help"))}${buttons(submit(t("more.save"), "second"))}</form>`)}
      ${window.PublicKeyCredential && part(t("more.key"), html`<p>${t("more.key-help")}</p>${buttons(html`<button class="button second" data-do="key">${t("more.key-add")}</button>`)}`)}
      ${part(t("more.practice"), html`<p>${t("more.practice-help")}</p>${buttons(html`<button class="button second" data-do="practice">${t("more.practice-go")}</button>`)}`)}
      ${part(t("more.another"), html`<p>${t("more.another-help")}</p>${buttons(html`<button class="button second" data-do="another">${icon("user-plus")}${t("more.another-go")}</button>`)}`)}
      ${part(t("more.lost"), html`<p>${t("more.lost-help")}</p>`)}
      ${part(t("more.remove"), html`<form data-do="remove" novalidate><p>${t("more.remove-help")}</p><div class="question" id="f-sure"><label class="choice"><input type="checkbox" name="sure" value="yes"><span>${t("more.sure")}</span></label></div>${buttons(submit(t("more.remove-go"), "second"))}</form>`)}
      <p class="meta below">${t("more.version")} <bdi dir="ltr">${document.documentElement.dataset.version}</bdi></p>`,
  };
};
