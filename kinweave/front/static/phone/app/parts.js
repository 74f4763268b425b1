// What several screens show: the way back, a line of today's list, tags, an empty place, a safety card.

import { html, icon } from "./html.js";
import { href } from "./route.js";
import { code, moment, t } from "./words.js";

export const back = (to, words, ...args) => html`<p><a class="back" href="${href(to, ...args)}">${icon("arrow-left", true)}<bdi>${words}</bdi></a></p>`;

export const head = (title, more) => html`<div class="page-head"><div><h1 tabindex="-1">${title}</h1>${more && html`<p class="meta">${more}</p>`}</div></div>`;

export const link = (words, to, ...args) => html`<a class="button second" href="${href(to, ...args)}">${words}</a>`;

export const tag = (words, kind) => html`<span class="tag${kind ? ` ${kind}` : ""}">${words}</span>`;

/** A line of a list of what to do: who, what, when, one action. */
export const task = ({ who, what, at, late, now, to, args, action }) => html`
  <li class="task${now ? " now" : ""}"><span class="what-who">${now && html`<span class="alarm">${icon("shield-alert")}</span>`}<bdi class="who">${who}</bdi> — ${what}</span>
  <span class="when${late ? " late" : ""}">${now ? t("when.now") : moment(at)}</span>
  <a class="button do${now ? "" : " second"}" href="${href(to, ...args)}">${action}<span class="hush"> — ${who}</span></a></li>`;

export const empty = (title, sentence, more) => html`<div class="empty">${bench}<h2>${title}</h2><p class="soft">${sentence}</p>${more}</div>`;

// The bench under its tree, as on the desk: decoration only.
const bench = html`<svg class="scene" viewBox="0 0 240 120" aria-hidden="true" focusable="false"><circle class="sc-sun" cx="196" cy="30" r="14"/>
  <path class="sc-trunk" d="M86 104V58M86 74L66 54M86 66L104 48" stroke-width="5" stroke-linecap="round"/><ellipse class="sc-leaf" cx="84" cy="38" rx="46" ry="26"/>
  <ellipse class="sc-leaf2" cx="112" cy="46" rx="24" ry="14"/><path class="sc-bench" d="M124 84H190M132 84V104M182 84V104M124 70H190" stroke-width="5" stroke-linecap="round"/>
  <path class="sc-ground" d="M20 106H220" stroke-width="3" stroke-linecap="round"/></svg>`;

/** What to do now when someone may be in danger. `call`: {name, number} or nothing; `told`: a sentence once the site has heard. */
export const safety = ({ who, call, told, called }) => html`
  <section class="safety${told ? "" : " untold"}" aria-labelledby="safety-now">
  <h2 id="safety-now">${icon("shield-alert")}<span>${t("safety.now")}${who && html` — <bdi>${who}</bdi>`}</span></h2>
  <p class="told" role="alert">${told || html`${t("safety.untold")} ${call ? html`${t("safety.call-this")} <bdi class="phone" dir="ltr">${call.number}</bdi>` : t("safety.no-number")}`}</p>
  <ol class="steps">${["stay", "listen", "who", "means"].map((step) => html`<li><span>${t(`safety.${step}`)}</span></li>`)}</ol>
  ${call && html`<div class="button-row"><a class="button ink" href="tel:${call.number.replace(/[^\d+*#]/g, "")}" data-do="calling">${icon("phone")}<span>${t("safety.call")} <bdi class="phone" dir="ltr">${call.number}</bdi></span></a>
  ${called ? html`<p class="meta" role="status">${t("safety.called-kept")}</p>` : html`<button type="button" class="button second" data-do="called">${t("safety.called")}</button>`}</div>`}
  </section>`;

/** A safe way to reach someone: what is allowed there, who may answer, what to say. */
export const contact = (one, changes) => html`
  <div class="card"><div class="card-head"><h3>${code("contacts", one.kind)}</h3>${tag(code("allowed", one.allowed), one.allowed === "none" ? "warm" : "indigo")}</div>
  <p>${dial(one)}</p>
  ${one.who_answers && html`<p><span class="soft">${t("contact.who")}</span> <bdi>${one.who_answers}</bdi></p>`}
  ${one.cover && one.allowed !== "none" && html`<p><span class="soft">${t("contact.cover")}</span></p><blockquote><bdi>${one.cover}</bdi></blockquote>`}
  ${changes}</div>`;

const dial = (one) => {
  const number = (one.value || "").replace(/[^\d+]/g, "");
  if (one.kind !== "phone" || number.length < 3) return html`<bdi>${one.value}</bdi>`;
  const shown = html`<bdi class="phone" dir="ltr">${one.value}</bdi>`;
  if (one.allowed === "message") return html`<a class="tall with-icon" href="sms:${number}">${icon("message-circle")}${shown}</a>`;
  if (one.allowed === "none" || one.allowed === "visit") return shown;
  return html`<a class="tall with-icon" href="tel:${number}">${icon("phone")}${shown}</a>`;
};
