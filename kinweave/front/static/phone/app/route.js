// Where one is: addresses after the # hold a screen's name and numbers of this hour, never whose page it is.

const ids = new Map(); // what a number stands for, until the app is closed
const names = new Map();
let screens = {};
let show = null;
let here = { name: "", args: [] };

const local = (id) => {
  if (!names.has(id)) {
    const name = `~${Array.from(crypto.getRandomValues(new Uint8Array(5)), (one) => (one % 36).toString(36)).join("")}`;
    names.set(id, name);
    ids.set(name, id);
  }
  return names.get(id);
};

/** The address of a screen. Ids become numbers of this hour; short words (a step, a kind) stay. */
export const href = (name, ...args) =>
  `#/${[name, ...args.filter((one) => one !== undefined && one !== null && one !== "")].map((one) => (one.length > 20 ? local(one) : one)).join("/")}`;

export const go = (name, ...args) => {
  const to = href(name, ...args);
  if (location.hash === to) return again();
  location.hash = to;
  return undefined;
};

/** Go on without leaving the last screen behind: Back does not lead into a form that is done. */
export const replace = (name, ...args) => {
  history.replaceState(null, "", href(name, ...args));
  return again();
};

export const where = () => here;
export const again = () => arrive();

const arrive = async () => {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  // A number of an hour that is over (the app was closed since) leads home.
  const lost = rest.some((one) => one.startsWith("~") && !ids.has(one));
  here = screens[name] && !lost ? { name, args: rest.map((one) => ids.get(one) || one) } : { name: "today", args: [] };
  await show(here.name, screens[here.name], here.args);
};

/** Begin: `all` are the screens by name, `how` shows one. */
export const begin = (all, how) => {
  screens = all;
  show = how;
  window.addEventListener("hashchange", arrive);
};

/** Forget which number stood for whom (when the store is locked for good). */
export const forget = () => {
  ids.clear();
  names.clear();
};
