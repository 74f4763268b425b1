// Consent, one purpose after another, in the person's own language: each item read out, the answer spoken or witnessed.
// Saying no changes nothing. Under age, the young person's own answer and a guardian's stand beside it.

import { buttons, choices, line, read, submit, tick } from "../forms.js";
import { html, icon } from "../html.js";
import { back, head } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called, now } from "../session.js";
import { write } from "../write.js";
import { draft, drop, keep } from "../drafts.js";
import { codes, language, languages, t } from "../words.js";

const PURPOSES = ["care", "statistics", "research"];
const ADULT = 18; // where the site has not said otherwise

const isYoung = (one) => one.birth_year && new Date().getFullYear() - one.birth_year < (now.settings.adult_age || ADULT);

// The words of a language without turning the whole page: read out to the person, who may speak another than the worker.
const spoken = {};
const inLanguage = async (name) => {
  if (!spoken[name]) {
    const answer = await fetch(new URL(`../../../words/${name}.json`, import.meta.url).pathname);
    spoken[name] = answer.ok ? await answer.json() : null;
  }
  return spoken[name];
};

const leaves = (their, purpose) => {
  const { says, codes: c, dir, language: lang } = their;
  const what = c.leaves[purpose];
  return html`<section class="card leaves" lang="${lang}" dir="${dir}"><h2>${c.purposes[purpose]}</h2>
    <p>${says["consent.to"].replace("{who}", what.to)}</p>
    <h3>${says["consent.they-see"]}</h3><ol class="read-out">${what.what.map((item) => html`<li>${icon("send", true)}<span>${item}</span></li>`)}</ol>
    <h3>${says["consent.stays"]}</h3><ul class="read-out">${what.stays.map((item) => html`<li>${icon("lock")}<span>${item}</span></li>`)}</ul>
    <p><strong>${says["consent.same"]}</strong></p></section>`;
};

const young = (v) => html`
  ${choices({ name: "assent", legend: t("consent.assent"), options: [["yes", t("yes")], ["no", t("no")]], value: v.assent })}
  ${tick({ name: "danger", legend: t("consent.danger"), value: (v.danger || [])[0] })}
  ${line({ name: "guardian", legend: t("consent.guardian"), help: t("consent.guardian-help"), value: v.guardian, most: 120, optional: true })}
  ${choices({ name: "guardian_says", legend: t("consent.guardian-says"), options: [["yes", t("yes")], ["no", t("no")]], value: v.guardian_says })}`;

const youngFaults = (v) => {
  if (v.answer !== "yes") return {};
  const faults = {};
  if (v.assent !== "yes") faults.assent = t("consent.say-assent");
  if (!v.danger.length && !v.guardian) faults.guardian = t("consent.say-guardian");
  if (!v.danger.length && v.guardian_says !== "yes") faults.guardian_says = t("consent.say-guardian-yes");
  return faults;
};

// The guardian as someone close, written once for all purposes of this form.
const guardianTie = async (id, v, kept) => {
  if (v.answer !== "yes" || (!v.guardian && !v.danger.length)) return null;
  if (kept.values.tie) return kept.values.tie;
  const asked = { person_id: id, kind: "guardian", name: v.guardian || t("consent.guardian"), guardian: true, danger: v.danger.length > 0 };
  const { made } = await write("people.add_tie", asked);
  kept.values.tie = made;
  await keep(kept);
  return made;
};

export const screen = async (id, at = "0") => {
  const one = person(id);
  if (!one) return replace("today");
  const place = Number(at) || 0;
  const purpose = PURPOSES[place];
  if (!purpose) return replace("person", id);
  const kept = await draft(`consent/${id}`, "consent", [id]);
  const v = { language: one.language ? one.language.split("-")[0] : language(), ...kept.values };
  const their = (await inLanguage(v.language)) || (await inLanguage(language())) || (await inLanguage("en"));
  const under = isYoung(one);
  return {
    title: t("consent.title"), form: true,
    on: {
      tongue: async (button) => {
        kept.values.language = button.dataset.language;
        await keep(kept);
        return screen(id, at);
      },
      save: async (element) => {
        const said = { danger: [], ...read(element) };
        if (!said.answer) return { faults: { answer: t("consent.say") } };
        const faults = under ? youngFaults(said) : {};
        if (Object.keys(faults).length) return { faults };
        const items = their.codes.leaves[purpose].what;
        if (said.answer !== "skip") {
          const tie = under ? await guardianTie(id, said, kept) : null;
          await write("flows.agree", {
            person_id: id, purpose, given: said.answer === "yes", how: said.how || "spoken", language: their.language, items,
            ...(under ? { assent: said.assent ? said.assent === "yes" : null, guardian_tie_id: said.danger.length ? null : tie } : {}),
          });
        }
        if (place + 1 < PURPOSES.length && !(purpose === "care" && said.answer !== "yes")) {
          kept.values = { ...kept.values, ...said, answer: "", at: String(place + 1) };
          kept.args = [id, String(place + 1)];
          await keep(kept);
          return void replace("consent", id, String(place + 1));
        }
        await drop(kept.key);
        return void replace("person", id);
      },
    },
    view: html`${back("person", called(one), id)}${head(html`${t("consent.head")} <bdi>${called(one)}</bdi>`, t("consent.read-out"))}
      ${languages().length > 1 && html`<p class="row" role="group" aria-label="${t("consent.language")}">${languages().map(([name, own]) => html`<button type="button" class="button${name === their.language ? "" : " second"}" aria-pressed="${name === their.language ? "true" : "false"}" data-do="tongue" data-language="${name}" lang="${name}">${own}</button>`)}</p>`}
      ${leaves(their, purpose)}
      <form data-do="save" novalidate>
      ${choices({ name: "answer", legend: their.says["consent.question"], lang: their.language, dir: their.dir, options: [["yes", their.says.yes], ["no", their.says.no], ["skip", their.says["consent.later"]]], value: "" })}
      ${choices({ name: "how", legend: t("consent.how"), options: codes("how").filter(([name]) => name !== "before"), value: v.how || "spoken", two: true })}
      ${under && young(v)}
      <p class="progress"><progress max="${PURPOSES.length}" value="${place + 1}" aria-label="${t("how-far")}"></progress><span class="meta">${t("of", { n: place + 1, all: PURPOSES.length })}</span></p>
      ${buttons(submit(t("next")))}</form>`,
  };
};
