// Sync: entries go up, then changes come down page by page. A page, the list of held people and the place in the
// line are stored in one transaction before the next page is asked for: whatever is cut, nothing is half there.

import { hex, utf8 } from "./bytes.js";
import { fault } from "./fault.js";
import { call, offerAgainIn, send, waiting } from "./outbox.js";
import { sha256 } from "./seal.js";
import { forget } from "./stores.js";

const PAGE = 100;
const MOST_PAGES = 200; // a site that never says "that was all" does not keep a phone busy for ever
const START = { epoch: null, position: 0, people: [], settings_etag: null };
const plainId = (id) => id.replace(/-/g, "").toLowerCase();

/** SHA-256 of the held people's ids: 32 hex digits each, sorted, one a line. */
export const haveHash = async (ids) => hex(await sha256(utf8(ids.map(plainId).sort().join("\n"))));

/** Send, then fetch. `store` is open. `options`: {fetch, onProgress({stage, done}), app, language}.
 *  Returns {sent, held, rejected, gained, changed, lost, capped, left, busy, revoked, problem}. Throws locked only. */
export async function syncNow(store, options) {
  const { onProgress = () => {}, fetch: given, app = null, language = null } = options || {};
  const fetchFn = given || ((...all) => fetch(...all));
  const none = { sent: 0, held: 0, rejected: 0, gained: 0, changed: 0, lost: 0, capped: null, left: 0, busy: false, revoked: false, problem: null };
  if (store.decoy || store.practice) return none;
  if (store.locked) throw fault("locked");
  return navigator.locks.request(`kinweave-sync-${store.id}`, { ifAvailable: true }, async (lease) => {
    if (!lease) return { ...none, busy: true };
    const up = { ...none, ...(await send(store.id, fetchFn, onProgress)) };
    if (up.problem && !up.problem.entry) return finished(store, up);
    const down = await fetchAll(store, { fetchFn, onProgress, app });
    const total = { ...up, ...down.counts, problem: down.problem || up.problem };
    if (down.problem) return finished(store, total);
    if (language) await fetchInstruments(store, language, fetchFn);
    if (!down.offered) return total;
    const again = await send(store.id, fetchFn, onProgress);
    return finished(store, { ...total, sent: total.sent + again.sent, left: again.left, problem: again.problem || total.problem });
  });
}

/** A site that took this phone's right away: the readable part and every key go; sealed entries stay. */
async function finished(store, total) {
  if (!total.problem || total.problem.code !== "device-revoked") return total;
  await forget(store.id, "revoked");
  if (!store.locked) await store.setCode(null);
  store.lock();
  return { ...total, revoked: true };
}

async function fetchAll(store, { fetchFn, onProgress, app }) {
  const { read_token: token, site } = await store.meta("registration");
  let counts = { gained: 0, changed: 0, lost: 0, capped: null };
  let offered = false;
  let ask = false;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const state = (await store.meta("sync")) || START;
    const { epoch, position, settings_etag } = state;
    const question = { epoch: epoch || site.epoch, position, have: await haveHash(state.people), app, want: PAGE, settings_etag };
    if (ask) question.people = state.people;
    question.waiting = (await waiting(store)).count;
    const answer = await call(fetchFn, "/phone/api/changes", token, JSON.stringify(question));
    if (answer.problem) return { counts, offered, problem: answer.problem };
    const lists = [answer.gained, answer.changed, answer.lost].map((list) => list || []);
    const before = state.epoch || site.epoch || null;
    const renewed = before !== null && answer.epoch !== before;
    await keepPage(store, state, answer, lists, renewed);
    offered = offered || renewed;
    counts = {
      gained: counts.gained + lists[0].length,
      changed: counts.changed + lists[1].length,
      lost: counts.lost + lists[2].length,
      capped: answer.capped || null,
    };
    onProgress({ stage: "getting", done: counts.gained + counts.changed });
    ask = answer.ask === "people";
    if (!answer.more && !ask) break;
  }
  return { counts, offered, problem: null };
}

/** Store one page and the place in the line; at a new epoch also offer what the old one acknowledged. */
async function keepPage(store, state, answer, [gained, changed, lost], renewed) {
  const held = new Set(state.people);
  for (const person of [...gained, ...changed]) held.add(person.id);
  for (const id of lost) held.delete(id);
  const next = { epoch: answer.epoch, position: answer.position, people: [...held], settings_etag: state.settings_etag };
  const changes = [...gained, ...changed].map((person) => ({ kind: "person", id: person.id, value: person }));
  for (const id of lost) changes.push({ kind: "person", id });
  const parts = { today: answer.today, capped: answer.capped === undefined ? undefined : { now: answer.capped } };
  if (answer.settings) {
    parts.settings = answer.settings;
    next.settings_etag = answer.settings.etag || answer.settings_etag || null;
  }
  for (const [id, value] of Object.entries(parts)) if (value !== undefined) changes.push({ kind: "meta", id, value });
  changes.push({ kind: "meta", id: "sync", value: next });
  await store.write(changes, (row, tables, guard) => {
    if (renewed) offerAgainIn(tables, guard, store.id, answer.offer_from || null);
  });
}

/** The questionnaires in a language, asked for only when they changed. Kept as meta "instruments" (a list).
 *  Returns null, or the problem. */
export async function fetchInstruments(store, language, fetchFn) {
  if (store.decoy || store.practice) return null;
  const { read_token: token } = await store.meta("registration");
  const held = await store.meta("instruments_tag");
  const more = held && held.language === language && held.etag ? { "If-None-Match": held.etag } : {};
  const address = `/phone/api/instruments?language=${encodeURIComponent(language)}`;
  const answer = await call(fetchFn || ((...all) => fetch(...all)), address, token, null, more);
  if (answer.problem || answer.unchanged) return answer.problem || null;
  await store.write([
    { kind: "meta", id: "instruments", value: answer.instruments },
    { kind: "meta", id: "instruments_tag", value: { language, etag: answer.etag } },
  ]);
  return null;
}
