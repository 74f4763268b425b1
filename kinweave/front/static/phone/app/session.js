// The hour at work: the open store, what it holds opened in memory, and what is only on this phone on top of it.

export const now = {
  store: null, // the open store; null while locked
  id: null, // which store, also while locked
  site: {}, account: {}, settings: {}, practice: false, decoy: false,
  people: new Map(), // the site's documents by id
  entries: [], // what was written here, oldest first: {id, action, asked, about, at, made, state, …}
  due: [], questions: [], synced: null,
};

/** Take a store as the open one and read what it holds. */
export const open = async (store) => {
  Object.assign(now, { store, id: store.id, decoy: Boolean(store.decoy), practice: Boolean(store.practice) });
  await refresh();
};

/** Read again after a sync or a write. */
export const refresh = async () => {
  const { read } = await import("./reading.js"); // the library comes when there is something to open
  await read();
};

/** The questionnaire of a slug, as the site sent it: words, options, scoring table. */
export const questionnaire = (slug) => now.questions.find((one) => one.slug === slug);

/** Forget everything readable. */
export const close = () => {
  if (now.store) now.store.lock();
  Object.assign(now, { held: now.store, store: null, people: new Map(), entries: [], due: [], questions: [], settings: {}, account: {} });
};

/** Entries that the site's documents do not show yet: not sent, held or rejected. */
export const unsettled = () => now.entries.filter((one) => !["accepted", "settled"].includes(one.state));

export const called = (one) => (one && (one.name || one.code)) || "?";

/** Whom to call: the site's emergency number, if it has one. */
export const emergency = () => {
  const found = now.settings.emergency || now.site.emergency;
  if (!found) return null;
  return typeof found === "string" ? { name: "", number: found } : found.number ? found : null;
};
