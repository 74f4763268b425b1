// A form that keeps itself: each answer goes into the encrypted store, and comes back after a lock, a crash or a night.

import * as drafts from "./drafts.js";
import { read } from "./forms.js";
import { say } from "./frame.js";
import { inWords } from "./net.js";

const PAUSE = 400; // ms after the last letter

/** Keep a screen's form as `key`: returns {draft, values, changed, leave, done}. `values` is what was typed before. */
export const keeping = async (key, screen, args) => {
  const draft = await drafts.draft(key, screen, args);
  let timer = null;
  let over = false;
  const save = async () => {
    clearTimeout(timer);
    timer = null;
    const form = document.querySelector("form[data-keep]");
    if (over || !form) return;
    draft.values = { ...draft.values, ...read(form) };
    draft.at = new Date().toISOString();
    try {
      await drafts.keep(draft);
    } catch (fault) {
      say(inWords(fault).says);
    }
  };
  return {
    draft,
    values: draft.values,
    changed: (field) => {
      clearTimeout(timer);
      if (field.type === "radio" || field.type === "checkbox") save();
      else timer = setTimeout(save, PAUSE);
    },
    leave: () => (timer ? save() : undefined),
    done: async () => {
      over = true;
      clearTimeout(timer);
      await drafts.drop(key);
    },
  };
};
