// What stands around every screen: who works here, what is only on this phone, the lock, the practice banner, and the
// news (a new version, something the site sent back).

import { html, icon, put } from "./html.js";
import { href, where } from "./route.js";
import { now, unsettled } from "./session.js";
import { clock, kilobytes, t, unchecked } from "./words.js";

const root = () => document.getElementById("app");
const PLACES = [["today", "calendar-check"], ["people", "users"], ["here", "send"], ["more", "menu"]];

/** Draw the frame once; screens go into its main part. */
export const draw = () => {
  put(root(), html`
    <a class="skip" href="#main" data-skip>${t("frame.skip")}</a>
    <header class="top"><div class="inner"><span class="brand">${mark}<span id="brand"></span></span><div class="tools" id="tools"></div></div>
      <div id="banner"></div><div id="news" class="page-news" aria-live="polite"></div></header>
    <main id="main" class="page reading" tabindex="-1"></main>
    <nav class="places" id="places" aria-label="${t("frame.main")}"></nav>`);
  root().querySelector("[data-skip]").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
};

const mark = html`<svg viewBox="0 0 32 32" fill="none" stroke-width="6" aria-hidden="true" focusable="false"><path class="mark-b" d="M1 10H5.5M14.5 10H31M1 22H17.5M26.5 22H31"/><path class="mark-a" d="M10 1V17.5M10 26.5V31M22 1V5.5M22 14.5V31"/></svg>`;

/** Only what waits counts: what the site holds is safe there. */
export const onlyHere = () => {
  const all = unsettled().filter((one) => one.state === "waiting" || one.state === "rejected");
  return { count: all.length, bytes: all.reduce((sum, one) => sum + (one.bytes || 0), 0), rejected: all.filter((one) => one.state === "rejected").length };
};

const place = ([name, picture], count) => html`<li><a href="${href(name)}" ${where().name === name && html`aria-current="page"`}>${icon(picture, name === "here")}<span>${t(`place.${name}`)}</span>
  ${name === "here" && count > 0 && html`<span class="count">${count}</span>`}</a></li>`;

/** Bring the frame up to date: after each screen, write and sync. */
export const refresh = () => {
  const open = Boolean(now.store);
  const { count } = onlyHere();
  put(document.getElementById("brand"), open && now.site.name ? now.site.name : "Kinweave");
  put(document.getElementById("tools"), open && html`<button class="button quiet" data-frame="lock">${icon("lock")}<span>${t("frame.lock")}</span></button>`);
  const places = document.getElementById("places");
  places.hidden = !open;
  put(places, open && html`<ul>${PLACES.map((one) => place(one, count))}</ul>`);
  banner(open);
  news();
};

const banner = (open) => {
  const practice = open && now.practice;
  const invented = document.documentElement.dataset.invented || (open && now.settings.invented);
  put(document.getElementById("banner"), practice
    ? html`<section class="invented" aria-label="${t("practice.name")}"><p><strong>${t("practice.banner")}</strong> ${t("practice.nothing-sent")}</p></section>`
    : invented ? html`<section class="invented" aria-label="${t("practice.demo")}"><p><strong>${t("practice.demo-banner")}</strong></p></section>`
    : unchecked() && !open ? html`<section class="invented"><p>${t("frame.unchecked")}</p></section>` : "");
};

let notice = null; // {says, remedy, kind}
let form = false;
let newer = null; // takes the new version into use, where one waits

/** Whether the worker is in the middle of a form: then nothing new is offered. */
export const busy = (yes) => {
  form = yes;
};

/** A new version waits; `use` puts it in charge. */
export const offer = (use) => {
  newer = use;
  news();
};
export const useNewer = () => newer && newer();

export const say = (says, kind) => {
  notice = says ? { says, kind } : null;
  news();
};

/** Another screen: what was said before the last one has been read. */
export const turn = () => {
  if (notice && notice.shown) notice = null;
  else if (notice) notice.shown = true;
};

export const news = () => {
  const place_ = document.getElementById("news");
  if (!place_) return;
  put(place_, html`${notice && html`<div class="toast" role="status"><span>${notice.says}</span><button class="button" data-frame="close">${t("close")}</button></div>`}
    ${newer && !form && html`<div class="toast"><span>${t("update.ready")}</span><button class="button" data-frame="update">${t("update.use")}</button></div>`}`);
};

/** "synced 10:42 · 3 only on this phone (4 kB)". */
export const synced = () => {
  const { count, bytes } = onlyHere();
  const first = now.practice ? t("sync.practice") : now.synced ? t("sync.at", { when: clock(now.synced) }) : t("sync.never");
  return count ? html`${first} · <a href="${href("here")}">${t("sync.only", { n: count })}</a> (${t("sync.kb", { kb: kilobytes(bytes) })})` : html`${first} · ${t("sync.nothing")}`;
};
