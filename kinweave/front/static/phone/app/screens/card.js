// The safety card: what to do now, whom to call, and, once the site has heard, that somebody there was told. It needs
// no signal, shows no score and no cause.

import { buttons } from "../forms.js";
import { say } from "../frame.js";
import { html } from "../html.js";
import { link, safety } from "../parts.js";
import { href } from "../route.js";
import { person } from "../known.js";
import { called, emergency, now } from "../session.js";
import { withOffset, write } from "../write.js";
import { t } from "../words.js";

const ALERTS = ["flows.receive_response", "flows.voice_worry"];

/** What the site said about the latest alert from this phone: nobody told yet, or told. */
const toldWords = (id, one) => {
  const sent = now.entries.filter((e) => e.about === id && ALERTS.includes(e.action) && (e.action === "flows.voice_worry" || (e.signs || []).length));
  const last = sent[sent.length - 1];
  if (last && (last.state === "waiting" || last.state === "rejected" || last.state === "practice")) return "";
  const told = (one && one.risk && one.risk.told) || [];
  if (told.length) return t("safety.told-who", { who: told.join(t("comma")) });
  return last || (one && one.risk && one.risk.state !== "here") ? t("safety.told") : "";
};

export const screen = async (id, draft) => {
  const one = person(id);
  const call = emergency();
  const since = now.entries.filter((e) => e.about === id && e.action === "care.note_call_to_emergency").length > 0;
  const log = async () => {
    await write("care.note_call_to_emergency", { person_id: id, at: withOffset(new Date()) });
    return screen(id, draft);
  };
  const risk = one && one.risk && one.risk.id ? one.risk : null;
  const met = async () => {
    await write("care.contact_after_risk", { risk_id: risk.id, note: "" });
    say(t("safety.met-kept"));
    return screen(id, draft);
  };
  const again = risk && !now.entries.some((e) => e.action === "care.contact_after_risk" && e.asked.risk_id === risk.id && e.state !== "rejected");
  return {
    title: t("safety.now"), form: true,
    on: { called: log, calling: () => null, met },
    view: html`<h1 class="hush" tabindex="-1">${t("safety.now")}</h1>
      ${safety({ who: called(one), call, told: toldWords(id, one), called: since })}
      ${buttons(draft && html`<a class="button" href="${href("asking", id, draft)}">${t("ask.go-on")}</a>`, again && html`<button class="button second" data-do="met">${t("safety.met")}</button>`, link(called(one), "person", id))}`,
  };
};
