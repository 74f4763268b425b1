// Without signal for long: what waits here as a sealed file for a memory stick or another phone, and another phone's
// file taken along. The file tells nothing to whoever finds it.

import { exportFile, importFile, waiting } from "../../lib/outbox.js";
import { buttons } from "../forms.js";
import { html, icon } from "../html.js";
import { back, head } from "../parts.js";
import { now, refresh } from "../session.js";
import { say } from "../frame.js";
import { today } from "../write.js";
import { kilobytes, t } from "../words.js";

const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

export const screen = async () => {
  const { count, bytes } = await waiting(now.store.id);
  return {
    title: t("carry.title"),
    on: {
      give: async () => {
        save(await exportFile(now.store.id), `kinweave-${today()}.json`);
        say(t("carry.given"));
      },
      take: async (form) => {
        const file = form.querySelector("[type=file]").files[0];
        if (!file) return { faults: { file: t("carry.choose") } };
        const { added, already } = await importFile(file, now.store.id);
        await refresh();
        say(t("carry.taken", { n: added }) + (already ? ` ${t("carry.already", { n: already })}` : ""));
        return screen();
      },
    },
    view: html`${back("here", t("place.here"))}${head(t("carry.title"), t("carry.lead"))}
      <section class="stack"><h2>${t("carry.give-head")}</h2><p>${count ? t("carry.count", { n: count }) : t("here.none-more")} ${count > 0 && t("sync.kb", { kb: kilobytes(bytes) })}</p>
      ${count > 0 && buttons(html`<button class="button second" data-do="give">${icon("download")}${t("carry.give")}</button>`)}</section>
      <section class="stack below"><h2>${t("carry.take-head")}</h2><form data-do="take" novalidate><div class="question" id="f-file"><label class="asked" for="file">${t("carry.file")}</label>
      <p class="help">${t("carry.file-help")}</p><input type="file" id="file" name="file" accept="application/json,.json"></div>
      ${buttons(html`<button class="button second">${icon("upload")}${t("carry.take")}</button>`)}</form></section>`,
  };
};
