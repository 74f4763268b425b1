// The questions themselves, one to a page, kept at every answer. Safety is looked at the moment an answer is touched:
// the card opens at once, signal or not, and the answer is on its way as soon as there is signal.

import { draft, drop, keep } from "../drafts.js";
import { agreed } from "../effects.js";
import { buttons, choices } from "../forms.js";
import { html } from "../html.js";
import { child } from "../ids.js";
import { back } from "../parts.js";
import { go, href, replace } from "../route.js";
import { judged } from "../reading.js";
import { person } from "../known.js";
import { called, now } from "../session.js";
import { say } from "../frame.js";
import { write } from "../write.js";
import { t } from "../words.js";
import { wording } from "./ask.js";

const DECLINED = "declined";

/** Whether another answer already says what this one would. */
const needless = (table, code, answers) => (table.implied || []).some((rule) => rule.item === code && rule.values.includes(answers[rule.when]));

const shownOf = (asked, words, answers) => words.questions.filter((q) => !needless(asked.table, q.code, answers));

// What was written of this form before: the response it made, or the form that the site holds in its place. A guess
// only where the person had agreed; a second alert is better than none.
const earlier = async (id, entry) => {
  const sent = now.entries.find((one) => one.id === entry);
  const told = (sent && sent.result) || {};
  return told.response || told.held || (agreed(person(id) || {}, "care") ? child(entry, "/1/response") : undefined);
};

const whole = async (id, asked, form) => {
  const { answers, language, taken_on, unfinished } = form.values;
  const replaces = unfinished ? await earlier(id, unfinished) : undefined;
  return { person_id: id, instrument: asked.slug, answers, language, mode: "screen", taken_on, ...(replaces ? { replaces } : {}) };
};

// A safety answer reaches the site by an entry of its own, finished or not; the finished form then takes its place.
const alarm = async (id, asked, form) => {
  const { signs } = judged(asked.slug, form.values.answers);
  const fresh = signs.filter((one) => !form.values.fired.includes(one.code));
  if (!fresh.length) return false;
  form.values.fired = signs.map((one) => one.code);
  const entry = await write("flows.receive_response", await whole(id, asked, form), { urgent: true });
  form.values.unfinished = entry.id;
  await keep(form);
  return true;
};

const audio = (q) => q.audio && html`<p><audio controls preload="none" src="${q.audio}" aria-label="${t("ask.listen")}"></audio></p>`;

const question = (id, asked, words, form, place, fault) => {
  const { answers } = form.values;
  const shown = shownOf(asked, words, answers);
  const q = shown[place];
  return html`<h1 class="calm-title" tabindex="-1">${words.shown_as}</h1>
    <form data-do="next" novalidate>
    ${words.lead && html`<p class="asked-lead" lang="${words.language}" dir="${words.direction}">${words.lead}</p>`}
    ${audio(q)}
    ${choices({ name: "answer", legend: q.text, help: q.help, alone: true, lang: words.language, dir: words.direction, error: fault, value: answers[q.code],
      options: [...q.options, [DECLINED, words.rather_not || t("ask.rather-not")]] })}
    <p class="progress"><progress max="${shown.length}" value="${place + 1}" aria-label="${t("how-far")}"></progress><span class="meta">${t("of", { n: place + 1, all: shown.length })}</span></p>
    ${buttons(html`<button class="button">${t("next")}</button><button type="button" class="button second" data-do="back">${t("back")}</button>
      <button type="button" class="button quiet" data-do="stop">${t("ask.stop")}</button>`)}</form>`;
};

const said = (q, answer, words) => (answer === DECLINED ? words.rather_not || t("ask.rather-not") : (q.options.find(([value]) => value === answer) || [])[1]);

const check = (id, asked, words, form) => {
  const shown = shownOf(asked, words, form.values.answers);
  const missing = shown.filter((q) => !(q.code in form.values.answers)).length;
  return html`<h1 class="calm-title" tabindex="-1">${t("ask.look-over")}</h1>
    ${missing > 0 && html`<p class="card">${t("ask.missing", { n: missing })}</p>`}
    <ol class="looked-over" lang="${words.language}" dir="${words.direction}">${shown.map((q, n) => html`<li><p class="soft">${q.text}</p><p><strong>${said(q, form.values.answers[q.code], words) || "—"}</strong>
      <a class="tall" href="${href("asking", id, asked.key, String(n + 1))}">${t("ask.change")}</a></p></li>`)}</ol>
    ${buttons(html`<button class="button" data-do="finish">${t("ask.save")}</button>`)}`;
};

export const screen = async (id, key, number) => {
  const one = person(id);
  const asked = now.questions.find((q) => q.key === key);
  if (!one || !asked) return replace("today");
  const form = await draft(`asking/${id}/${key}`, "asking", [id, key]);
  if (!form.values.answers) return replace("ask", id, key);
  const words = wording(asked, form.values.language);
  const shown = () => shownOf(asked, words, form.values.answers);
  const open = () => shown().findIndex((q) => !(q.code in form.values.answers));
  const at = number === undefined ? open() : Number(number) - 1;
  const place = at >= 0 && at < shown().length ? at : -1;
  const to = (n) => (n < shown().length ? go("asking", id, key, String(n + 1)) : go("asking", id, key, "look"));

  const take = async (value) => {
    const q = shown()[place];
    const found = value === DECLINED ? DECLINED : (q.options.find(([code]) => String(code) === value) || [])[0];
    if (found === undefined) return undefined;
    form.values.answers = { ...form.values.answers, [q.code]: found };
    form.at = new Date().toISOString();
    await keep(form);
    return alarm(id, asked, form);
  };

  if (place < 0) {
    return {
      title: t("ask.title"), form: true,
      on: {
        finish: async () => {
          await write("flows.receive_response", await whole(id, asked, form), { id: form.entry, urgent: form.values.fired.length > 0 });
          await drop(form.key);
          say(t("ask.kept"));
          return void replace("answers", id, form.entry);
        },
      },
      view: check(id, asked, words, form),
    };
  }
  return {
    title: t("ask.title"), form: true,
    changed: async (field) => {
      if (field.name === "answer" && (await take(field.value))) go("card", id, key);
    },
    on: {
      next: async (element) => {
        const chosen = element.querySelector("[name=answer]:checked");
        const q = shown()[place];
        if (chosen && (await take(chosen.value))) return void go("card", id, key);
        if (!(q.code in form.values.answers)) return { faults: { answer: t("ask.choose") } };
        return void to(place + 1);
      },
      back: () => void (place > 0 ? go("asking", id, key, String(place)) : go("person", id)),
      stop: () => void go("person", id),
    },
    view: html`${back("person", called(one), id)}${question(id, asked, words, form, place)}`,
  };
};
