// One person: what is next, how things are (in words), their plan, safe ways to reach them, what they agreed to.

import { agreed, movesFrom } from "../effects.js";
import { buttons } from "../forms.js";
import { html, icon } from "../html.js";
import { back, contact, head, link, tag } from "../parts.js";
import { go, href } from "../route.js";
import { person } from "../known.js";
import { called, now, questionnaire, unsettled } from "../session.js";
import { write } from "../write.js";
import { code, moment, month, t } from "../words.js";

/** A band in words that a neighbour may read; never a number. */
export const bandWords = (one) => {
  const asked = questionnaire(one.instrument);
  if (one.scaled === null || one.scaled === undefined) return t("score.too-few");
  const own = asked && code("bands_of", `${asked.key}|${one.band}`);
  return own || code("bands", one.band) || t("score.no-band");
};

const titleOf = (slug, language) => {
  const asked = questionnaire(slug);
  const words = asked && (asked.wordings[language] || Object.values(asked.wordings)[0]);
  return words ? words.shown_as : t("ask.questions");
};

const scores = (one) => {
  const latest = {};
  for (const found of one.scores || []) (latest[found.instrument] = latest[found.instrument] || []).push(found);
  const all = Object.entries(latest);
  if (!all.length) return html`<p class="soft">${t("person.no-scores")}</p>`;
  return html`<ul class="bare">${all.map(([slug, found]) => html`<li><strong>${titleOf(slug, document.documentElement.lang)}</strong>
    <p>${bandWords(found[0])}</p><p class="meta">${t("person.asked", { when: month(found[0].taken_on) })} · ${t("person.times", { n: new Set(found.map((s) => s.taken_on)).size })}</p></li>`)}</ul>`;
};

const happened = (one) => {
  const told = (one.sessions || []).slice(0, 10);
  if (!told.length) return html`<p class="soft">${t("person.no-sessions")}</p>`;
  return html`<ul class="timeline">${told.map((s) => html`<li class="moment"><span class="knot">${icon(s.held ? "handshake" : "clock")}</span>
    <h3>${s.held ? code("happened", "met") : code("happened", "missed")}${s.missed_reason && `: ${code("missed", s.missed_reason)}`}${s.held && `: ${code("kinds", s.kind)}`}</h3>
    <p class="meta">${moment(s.at)}${s.mood && html` · ${code("moods", s.mood)}`}${s.here && html` · ${t("only.here")}`}</p>${s.note && html`<blockquote><bdi>${s.note}</bdi></blockquote>`}</li>`)}</ul>`;
};

const goal = (id, one) => html`<div class="goal"><blockquote><bdi>${one.text}</bdi></blockquote><p class="meta">${code("goals", one.state)}</p>
  ${one.state === "open" && html`<div class="row"><a class="tall" href="${href("goal", id, one.id)}">${t("ask.change")}<span class="hush"> — ${one.text}</span></a> <button class="button quiet" data-do="goal" data-goal="${one.id}" data-state="reached">${t("goal.reached")}<span class="hush"> — ${one.text}</span></button>
  <button class="button quiet" data-do="goal" data-goal="${one.id}" data-state="let_go">${t("goal.let-go")}<span class="hush"> — ${one.text}</span></button></div>`}</div>`;

const consents = (one) => {
  const said = (one.consents || []).filter((c) => c.given && (!c.until || new Date(c.until) >= new Date()));
  return said.length ? said.map((c) => `${code("agreed", c.purpose) || c.purpose}${c.until ? ` (${t("until", { when: month(c.until) })})` : ""}`).join(t("comma")) : t("person.nothing-agreed");
};

// What may be done next, from where they are on their way.
const ways = (one) => {
  const yes = agreed(one, "care");
  const first = !yes ? ["consent", "check", t("person.ask-consent")]
    : ["consented", "below"].includes(one.state) ? ["ask", "clipboard-list", t("person.ask")] : ["note", "notebook-pen", t("person.note")];
  const all = [first, ["note", "notebook-pen", t("person.note")], ["ask", "clipboard-list", t("person.ask")]];
  return all.filter(([name], n) => all.findIndex(([other]) => other === name) === n && (yes || name === "consent"));
};

export const screen = async (id) => {
  const one = person(id);
  if (!one) return { title: t("person.title"), view: html`${back("people", t("place.people"))}${head(t("person.gone"), t("person.gone-more"))}` };
  const waits = unsettled().filter((e) => e.about === id && e.state !== "practice").length;
  const age = one.birth_year ? t("person.born", { year: one.birth_year }) : "";
  return {
    title: t("person.title"),
    on: {
      goal: async (button) => {
        const { goal: which, state } = button.dataset;
        const seen = one.goals.find((g) => g.id === which).state;
        await write("care.mark_goal", { person_id: id, goal_id: which, state, seen });
        return screen(id);
      },
      reach: () => go("note", id, "call"),
    },
    view: html`${back("people", t("place.people"))}
      ${head(html`<bdi>${called(one)}</bdi>`, html`${one.code && html`${t("person.code")} <bdi dir="ltr">${one.code}</bdi>`}${age && html` · ${age}`}`)}
      ${one.risk && html`<p class="card danger-line"><span class="alarm">${icon("shield-alert")}</span> ${t("person.card-open")} <a class="tall" href="${href("card", id)}">${t("person.card-see")}</a></p>`}
      ${waits > 0 && html`<p class="meta">${t("person.waits", { n: waits })}</p>`}
      <p class="lead">${one.next ? t("person.next", { when: moment(one.next.at) }) : t("person.no-next")}</p>
      <p class="row soft">${tag(code("states", one.state), "indigo")}${one.step && html`<span>${t("person.step", { step: one.step })}</span>`}
        <span>${t("person.agreed")} <a class="tall" href="${href("consent", id)}">${consents(one)}</a></span></p>
      ${buttons(
        ways(one).map(([name, picture, words], n) => html`<a class="button${n ? " second" : ""}" href="${href(name, id)}">${icon(picture)}${words}</a>`),
        html`<a class="button second" href="${href("tell", id)}">${icon("shield-alert")}${t("worry.button")}</a>`,
      )}
      <div class="stack-wide">
      <section class="stack"><h2>${t("person.plan")}</h2>${(one.goals || []).length ? one.goals.map((g) => goal(id, g)) : html`<p class="soft">${t("person.no-goal")}</p>`}
        <p><a class="tall with-icon" href="${href("goal", id)}">${icon("plus")}${t("goal.add")}</a></p></section>
      <section class="stack"><h2>${t("person.reach")}</h2>${(one.contacts || []).length ? one.contacts.map((c) => contact(c)) : html`<p class="soft">${t("person.no-contact")}</p>`}
        <p class="row"><a class="tall with-icon" href="${href("contact", id)}">${icon("plus")}${t("contact.add")}</a> <a class="tall with-icon" href="${href("note", id, "call")}">${icon("phone")}${t("person.tried")}</a></p></section>
      <section class="stack"><h2>${t("person.how")}</h2>${scores(one)}</section>
      <section class="stack"><h2>${t("person.happened")}</h2>${happened(one)}</section>
      <section class="stack"><h2>${t("person.more")}</h2><div class="button-row">${movesFrom(one.state).length > 0 && agreed(one, "care") && link(t("person.move"), "move", id)}${link(t("person.referral"), "referral", id)}</div></section>
      </div>`,
  };
};
