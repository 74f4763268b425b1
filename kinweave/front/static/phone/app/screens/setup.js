// The first time: sign in at the site, give the store a name, a passphrase of five words or one's own, a duress
// passphrase if wanted, a short code for the day. And practice, which needs none of it and sends nothing.

import { buttons, choices, read, submit } from "../forms.js";
import { say } from "../frame.js";
import { html, icon } from "../html.js";
import { go, href, replace } from "../route.js";
import { now, open } from "../session.js";
import { choose, language, languages, t } from "../words.js";

// The library comes while the worker reads the page: it is not needed to show it.
const library = () => Promise.all([import("../../lib/passphrase.js"), import("../../lib/stores.js")]).then(([one, other]) => ({ ...one, ...other }));

const CODE = /^\d{4,8}$/;
const head = (title, more) => html`<div class="page-head"><div><h1 tabindex="-1">${title}</h1>${more && html`<p class="meta">${more}</p>`}</div></div>`;
let words = ""; // the five words on the page, until they are used

const value = (form, name) => form.querySelector(`[name=${name}]`).value.trim();

const field = (name, legend, help, type, more) => html`<div class="question" id="f-${name}"><label class="asked" for="i-${name}">${legend}</label>
  ${help && html`<p class="help" id="h-${name}">${help}</p>`}<input type="${type || "text"}" id="i-${name}" name="${name}" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200" ${help && html`aria-describedby="h-${name}"`} ${more}></div>`;

const begin = () => html`<div id="way-back" hidden><p><a class="back" href="${href("unlock")}">${icon("arrow-left", true)}${t("unlock.title")}</a></p></div>${head(t("setup.head"), t("setup.lead"))}
  <form data-do="register" novalidate>
  ${field("label", t("setup.label"), t("setup.label-help"))}
  ${choices({ name: "whose", legend: t("setup.passphrase"), help: t("setup.passphrase-help"), value: "words", options: [["words", html`<bdi class="five-words" dir="ltr" lang="en">${words || "…"}</bdi>`, t("setup.words-help")], ["own", t("setup.own")]] })}
  <div data-if="whose=own" hidden>${field("own", t("setup.own-label"), t("setup.own-help"), "password")}</div>
  ${field("code", t("more.code-label"), t("more.code-help"), "password", html`inputmode="numeric"`)}
  <details><summary>${t("setup.duress-open")}</summary><div>${field("duress", t("setup.duress"), t("setup.duress-help"), "password")}</div></details>
  ${field("rebind", t("setup.rebind"), t("setup.rebind-help"))}
  <div class="question" id="f-noted"><label class="choice"><input type="checkbox" name="noted" value="yes"><span>${t("setup.noted")}</span></label></div>
  ${buttons(html`<button class="button">${t("setup.begin")}</button><button type="button" class="button quiet" data-do="other">${t("setup.other-words")}</button>`)}
  <p class="meta" id="making" role="status"></p></form>
  <section class="card below"><h2>${t("setup.practice")}</h2><p>${t("more.practice-help")}</p>${buttons(html`<button class="button second" data-do="practice">${icon("sprout")}${t("more.practice-go")}</button>`)}</section>
  ${languages().length > 1 && html`<p class="row languages">${languages().filter(([name]) => name !== language()).map(([name, own]) => html`<button type="button" class="button quiet" data-do="tongue" data-language="${name}" lang="${name}">${own}</button>`)}</p>`}`;

const faultsOf = (form, check) => {
  const faults = {};
  const own = value(form, "own");
  const chosen = read(form).whose === "own" ? own : words;
  const weak = read(form).whose === "own" && check(form.querySelector("[name=own]").value, [value(form, "label"), "kinweave"]);
  if (!value(form, "label")) faults.label = t("setup.say-label");
  if (weak) faults.own = t(`fault.${weak}`);
  if (value(form, "code") && !CODE.test(value(form, "code"))) faults.code = t("more.say-code");
  const duress = value(form, "duress");
  const weakToo = duress && check(duress, [value(form, "label")]);
  if (weakToo) faults.duress = t(`fault.${weakToo}`);
  if (duress && duress === chosen) faults.duress = t("fault.passphrases-equal");
  if (!read(form).noted.length) faults.noted = t("setup.say-noted");
  return { faults, chosen, duress: duress || undefined };
};

const making = (said) => {
  const place = document.getElementById("making");
  if (place) place.textContent = said;
};

const register = async (form) => {
  const { check, createStore } = await library();
  const { faults, chosen, duress } = faultsOf(form, check);
  if (Object.keys(faults).length) return { faults };
  making(t("setup.asking"));
  const label = value(form, "label");
  let registration;
  try {
    const [{ post }, rebind] = [await import("../net.js"), value(form, "rebind")];
    registration = await post("/phone/api/devices", { label, ...(rebind ? { code: rebind } : {}) });
  } catch (fault) {
    making("");
    if (fault.status === 401 || fault.code === "sign-in-first" || fault.code === "csrf") return { ...(await signIn()) };
    throw fault;
  }
  making(t("setup.making"));
  const store = await createStore({ label, passphrase: chosen, duress, registration });
  if (value(form, "code")) await store.setCode(value(form, "code"));
  now.hasCode = Boolean(value(form, "code"));
  words = "";
  localStorage.setItem("kinweave.stores", "1");
  await open(store);
  const [{ signOut }, { syncAll }] = await Promise.all([import("../net.js"), import("./here.js")]);
  await signOut(); // its cookie would open the site to whoever copies this phone; from here on the store's keys do
  making(t("sync.getting"));
  const told = await syncAll(({ done }) => making(t("sync.getting-n", { n: done }))).catch(() => ({ problem: { code: "no-connection" } }));
  if (told.problem) say(t("setup.later"));
  return void go("today");
};

const signIn = async () => ({
  view: html`${head(t("setup.sign-in-head"))}<p class="lead">${t("setup.sign-in")}</p>
    ${buttons(html`<a class="button" href="/sign-in/?next=/phone/">${t("setup.sign-in-go")}</a>`)}`,
});

const practise = async () => {
  const [{ createStore, generate, listStores, removeStore }, { fill }] = await Promise.all([library(), import("../practice.js")]);
  const old = (await listStores()).filter((one) => one.practice);
  await Promise.all(old.map((one) => removeStore(one.id)));
  making(t("setup.making"));
  const store = await createStore({ label: t("practice.name"), passphrase: generate(5), practice: true });
  await fill(store);
  await open(store);
  return void go("today");
};

// The five words, and the way back to a store that is here already.
const complete = async () => {
  const { generate, listStores } = await library();
  const stores = (await listStores()).filter((one) => !one.practice);
  if (stores.length) localStorage.setItem("kinweave.stores", "1");
  words = words || generate(5);
  const place = document.querySelector(".five-words");
  if (place) place.textContent = words;
  const way = document.getElementById("way-back");
  if (way && stores.length) way.hidden = false;
};

export const screen = async (mode) => {
  if (mode === "practice") {
    await practise();
    return replace("today");
  }
  return {
    title: t("setup.title"),
    after: complete,
    changed: (element) => {
      if (element.name === "whose") element.form.querySelector("[data-if]").hidden = element.form.querySelector("[name=whose]:checked").value !== "own";
    },
    on: {
      register,
      practice: practise,
      other: async () => {
        words = (await library()).generate(5);
        document.querySelector(".five-words").textContent = words;
      },
      tongue: async (button) => {
        await choose(button.dataset.language);
        return void now.redraw();
      },
    },
    view: begin(),
  };
};
