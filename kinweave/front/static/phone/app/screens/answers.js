// What a form came to, in words that may be overheard; counted here, by the same table as at the site.

import { buttons } from "../forms.js";
import { html } from "../html.js";
import { back, head, link } from "../parts.js";
import { replace } from "../route.js";
import { person } from "../known.js";
import { called, now, questionnaire } from "../session.js";
import { language, t } from "../words.js";
import { wording } from "./ask.js";
import { bandWords } from "./person.js";

export const screen = async (id, entry) => {
  const one = person(id);
  const found = now.entries.find((e) => e.id === entry);
  if (!one || !found) return replace("today");
  const asked = questionnaire(found.asked.instrument);
  const words = asked ? wording(asked, language()).shown_as : t("ask.questions");
  return {
    title: t("ask.title"),
    view: html`${back("person", called(one), id)}${head(words, html`<bdi>${called(one)}</bdi>`)}
      <section class="card wash">${found.scales.length ? found.scales.map((s) => html`<p class="lead">${bandWords({ ...s, instrument: found.asked.instrument })}</p>`) : html`<p class="lead">${t("score.none")}</p>`}
      <p class="meta">${t("answers.words")}</p></section>
      ${found.state === "waiting" && html`<p class="meta below">${t("answers.here")}</p>`}
      ${buttons(link(t("person.note"), "note", id), link(called(one), "person", id))}`,
  };
};
