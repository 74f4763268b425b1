// Which questions, and in which language: the person's own first. A form that was begun goes on where it was left.

import { agreed } from "../effects.js";
import { begun, draft, keep } from "../drafts.js";
import { buttons, choices, read, submit } from "../forms.js";
import { say } from "../frame.js";
import { html, icon } from "../html.js";
import { back, empty, head, link } from "../parts.js";
import { href, replace } from "../route.js";
import { person } from "../known.js";
import { called, now } from "../session.js";
import { today } from "../write.js";
import { language, languageName, t } from "../words.js";

/** The words of a questionnaire in a language, its near relative, English, or whatever there is. */
export const wording = (one, wanted) => {
  const all = one.wordings;
  const base = (wanted || "").split("-")[0];
  const near = Object.keys(all).find((code) => code.split("-")[0] === base);
  return all[wanted] || all[near] || all.en || Object.values(all)[0];
};

const card = (id, one, shown) => html`<li class="row apart"><span><strong>${shown.shown_as}</strong><span class="meta"> · ${t("ask.count", { n: shown.questions.length })}</span>
  ${one.alone && html`<span class="meta"> · ${t("ask.alone")}</span>`}</span> <a class="button second" href="${href("ask", id, one.key)}">${t("ask.begin")}<span class="hush"> — ${shown.shown_as}</span></a></li>`;

const recordings = (asked) => {
  const every = Object.values(asked.wordings).map((words) => words.questions.map((q) => q.audio));
  return [].concat(...every).filter(Boolean);
};

const all = (id, one) => html`${back("person", called(one), id)}${head(html`${t("ask.head")} <bdi>${called(one)}</bdi>`, t("ask.lead"))}
  ${!agreed(one, "care") && html`<p class="card">${t("note.not-agreed")} ${link(t("person.ask-consent"), "consent", id)}</p>`}
  ${now.questions.length ? html`<ul class="rows-list">${now.questions.map((q) => card(id, q, wording(q, language())))}</ul>` : empty(t("ask.none"), t("ask.none-more"))}`;

export const screen = async (id, key) => {
  const one = person(id);
  if (!one) return replace("today");
  if (!key) return { title: t("ask.title"), view: all(id, one) };
  const asked = now.questions.find((q) => q.key === key);
  if (!asked) return replace("ask", id);
  const open = (await begun()).find((d) => d.key === `asking/${id}/${key}`);
  if (open) return replace("asking", id, open.key.split("/")[2]);
  const usual = wording(asked, one.language || language());
  const codes = [usual.language, ...Object.keys(asked.wordings).filter((code) => code !== usual.language)];
  return {
    title: t("ask.title"),
    on: {
      begin: async (element) => {
        const form = await draft(`asking/${id}/${key}`, "asking", [id, key]);
        form.values = { language: read(element).language || usual.language, answers: {}, fired: [], taken_on: today() };
        await keep(form);
        return void replace("asking", id, key);
      },
      sounds: async () => {
        for (const address of recordings(asked)) await fetch(address);
        say(t("ask.sounds-kept"));
      },
    },
    view: html`${back("ask", t("ask.title"), id)}${head(usual.shown_as, t("ask.count", { n: usual.questions.length }))}
      ${asked.alone && html`<p class="card">${t("ask.alone-more")}</p>`}
      <form data-do="begin" novalidate>
      ${choices({ name: "language", legend: t("ask.language"), options: codes.map((code) => [code, languageName(code) === code ? asked.wordings[code].name || code : languageName(code),
        asked.wordings[code].translated && !asked.wordings[code].checked ? t("ask.unchecked") : ""]), value: usual.language })}
      ${buttons(submit(t("ask.begin")))}</form>
      ${recordings(asked).length > 0 && html`<p class="below"><button class="button second" data-do="sounds">${icon("volume-2")}${t("ask.sounds", { n: recordings(asked).length })}</button></p>`}`,
  };
};
