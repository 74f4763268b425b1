// Own people, and the search among them: opened here, on this phone, letter by letter.

import { html, icon, put } from "../html.js";
import { empty, head, tag } from "../parts.js";
import { href } from "../route.js";
import { everyone } from "../known.js";
import { called, now } from "../session.js";
import { code, moment, t } from "../words.js";

const plain = (text) => (text || "").normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u065f]/g, "").toLowerCase();

const row = (one) => html`<li><a class="person-row" href="${href("person", one.id)}"><span class="who"><bdi>${called(one)}</bdi>${one.here && tag(t("only.here"), "warm")}</span>
  <span class="meta">${code("states", one.state)}${one.next && html` · ${moment(one.next.at)}`}${one.code && html` · <bdi dir="ltr">${one.code}</bdi>`}</span></a></li>`;

const list = (all, typed) => {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  const found = all.filter((one) => wanted.every((part) => plain(`${called(one)} ${one.code}`).includes(part)));
  if (!all.length) return empty(t("people.none"), t("people.none-more"));
  if (!found.length) return html`<p class="soft" role="status">${t("people.not-found")}</p>`;
  return html`<p class="meta" role="status">${t("people.count", { n: found.length })}</p><ul class="people">${found.map(row)}</ul>`;
};

export const screen = async () => {
  const all = everyone().filter((one) => one.state !== "closed").concat(everyone().filter((one) => one.state === "closed"));
  const capped = now.settings.capped;
  return {
    title: t("place.people"),
    changed: (field) => {
      if (field.name === "find") put(document.getElementById("found"), list(all, field.value));
    },
    on: { find: () => null },
    view: html`${head(t("place.people"))}
      <form data-do="find" role="search"><label class="asked" for="find">${t("people.find")}</label>
      <input id="find" name="find" type="search" autocomplete="off" spellcheck="false"></form>
      ${capped && html`<p class="card">${capped.says}</p>`}
      <div id="found">${list(all, "")}</div>
      <div class="button-row"><a class="button" href="${href("new")}">${icon("user-plus")}${t("today.new")}</a></div>`,
  };
};
