// What is written here and not yet at the site. Each entry is sealed to the site's key as it is written, in one
// transaction with a readable copy; sending needs no passphrase. Entries are counted (seq): the order of the
// count is the order at the site, whatever the clock says.

import { b64u, padded, unb64u } from "./bytes.js";
import { iso, noteContact, now, segment } from "./clock.js";
import { each, read, transaction, update } from "./db.js";
import { fault } from "./fault.js";
import { hmacKey, openText, sealEnvelope, sealText } from "./seal.js";
import { looksEmpty } from "./stores.js";
import { uuid7 } from "./uuid7.js";

const MOST_ENVELOPES = 50;
const MOST_BYTES = 900000;
const MOST_ENTRY = 380000; // of one sealed entry; the site takes 400,000
const REFUSES = [400, 413, 422, 500]; // what one entry that the site cannot bear would bring on a whole batch
const MOST_REFUSED = 3; // entries: more than that, and it is the site
const MOST_FILE = 20000000;
const KEEP = 30 * 86400000; // ms that an acknowledged entry stays, to be offered again at a new epoch
const PATIENCE = 60000; // ms for one batch
const DONE = ["accepted", "held", "settled"];
const OWN = (id, state) => IDBKeyRange.bound([id, state || ""], [id, state || "\uffff", Infinity]);
const idOf = (store) => (typeof store === "string" ? store : store.id);
const lines = {}; // one line per store: adding in this tab happens one after the other

/** Write an entry. Returns {id, bytes}: bytes that sending it will take. `how.id`: a uuid7 chosen before (a form's own,
 *  so that a second touch writes nothing twice). Throws storage-full, locked. */
export function add(store, action, asked, how) {
  const before = lines[store.id] || Promise.resolve();
  const mine = before.then(() => addNow(store, action, asked, how || {}));
  lines[store.id] = mine.catch(() => {});
  return mine;
}

async function addNow(store, action, asked, how) {
  const [id, moment] = [how.id || uuid7(), how.happenedAt || now()];
  const copy = {
    id,
    action,
    asked,
    happened_at: typeof moment === "string" ? moment : iso(moment),
    precision: how.precision || "second",
  };
  const kept = { kind: "entry", id, value: copy };
  if (store.decoy || store.practice) {
    await store.write([kept]);
    return { id, bytes: padded(JSON.stringify(copy), 256).length };
  }
  const known = await store.meta("registration");
  if (!known) throw fault("not-registered");
  const ready = await store.prepare(kept);
  for (;;) {
    const done = await addAs((await store.row()).seq + 1, store, known, copy, ready, how.app);
    if (done) return { id, bytes: done };
  }
}

/** Seal under this number and write. Returns bytes; null when another tab took the number meanwhile. */
async function addAs(seq, store, known, copy, ready, app) {
  const { id: stretch, skew_ms } = segment();
  const about = { v: 1, id: copy.id, device: known.device, account: known.account.id, seq, segment: stretch, skew_ms };
  const body = { ...copy, ...about, app: app || known.app || null };
  const envelope = await sealEnvelope(known.site, await hmacKey(unb64u(known.secret)), body);
  const bytes = JSON.stringify(envelope).length;
  if (bytes > MOST_ENTRY) throw fault("entry-too-large");
  const row = { s: store.id, id: copy.id, state: "waiting", bytes, at: Date.now(), k: ready.k, envelope };
  const found = await store.write([], (mine, tables, guard, answer) => {
    const there = tables.outbox.index("id").getKey(copy.id);
    there.onsuccess = guard(() => {
      if (there.result !== undefined) answer("there");
      else if (mine.seq !== seq - 1) answer("taken");
      else {
        tables.outbox.add(row);
        store.place(tables, ready);
        tables.stores.put({ ...mine, seq });
      }
    });
  });
  return found === "taken" ? null : bytes;
}

/** What is only on this phone: {count, bytes, oldest: ms or null}. Works while locked. */
export async function waiting(store) {
  if (looksEmpty(store)) return { count: 0, bytes: 0, oldest: null };
  const rows = await read("outbox", (table) => table.index("state").getAll(OWN(idOf(store), "waiting")));
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return { count: rows.length, bytes, oldest: rows.length ? rows[0].at : null };
}

/** Readable copies in the order written: [{id, action, asked, happened_at, precision, state, bytes, …answer}]. */
export async function entries(store) {
  const copies = await store.list("entry");
  const rows = store.decoy ? [] : await read("outbox", (table) => table.index("state").getAll(OWN(store.id)));
  const pair = store.decoy ? null : await store.meta("inbox");
  const byId = new Map(rows.map((row) => [row.id, row]));
  const all = await Promise.all(copies.map((copy) => joined(store, copy, byId.get(copy.id), pair)));
  return all.sort((a, b) => a.n - b.n || (a.id < b.id ? -1 : 1));
}

async function joined(store, copy, row, pair) {
  if (!row) return { ...copy, n: 0, state: "practice", bytes: 0 };
  const answer = row.answer && pair ? await openedAnswer(store, row, pair) : {};
  return { ...answer, ...copy, n: row.n, state: row.state, bytes: row.bytes };
}

/** Opening costs a key agreement, so each answer is opened once until the store is locked. */
async function openedAnswer(store, row, pair) {
  const { epk } = row.answer;
  const before = store.answers.get(row.id);
  if (before && before.epk === epk) return before.answer;
  const keys = { private: unb64u(pair.private), public: unb64u(pair.public) };
  const answer = JSON.parse(await openText(keys, row.answer));
  if (!store.locked) store.answers.set(row.id, { epk, answer });
  return answer;
}

/** Entries that the site could not take, each with its code, sentence and remedy. They stay until settled. */
export const rejected = async (store) => (await entries(store)).filter((entry) => entry.state === "rejected");

const setState = (store, id, from, to) =>
  transaction(["outbox"], "readwrite", (tables, answer, guard) => {
    const request = tables.outbox.index("id").get(id);
    request.onsuccess = guard(() => {
      const row = request.result;
      if (row && row.s === idOf(store) && row.state === from) tables.outbox.put({ ...row, state: to });
    });
  });

/** Send a rejected entry once more with the next batch. */
export const retry = (store, id) => setState(store, id, "rejected", "waiting");

/** The worker has dealt with a rejected entry (written it anew, or let it be). */
export const settle = (store, id) => setState(store, id, "rejected", "settled");

/** Send all that waits, in order. Works while locked. One sender at a time over all tabs.
 *  Returns {sent, held, rejected, left, busy, problem}: problem {code, says, remedy} when not all could go;
 *  its `entry` is true when single entries were passed over and the rest went on. */
export async function send(storeId, fetchFn, onProgress) {
  const nothing = { sent: 0, held: 0, rejected: 0, left: 0, busy: false, problem: null };
  return navigator.locks.request(`kinweave-send-${storeId}`, { ifAvailable: true }, async (lease) => {
    if (!lease) return { ...nothing, busy: true };
    return sendAll(storeId, fetchFn || ((...given) => fetch(...given)), onProgress || (() => {}), nothing);
  });
}

async function sendAll(storeId, fetchFn, onProgress, total) {
  const owner = await read("stores", (table) => table.get(storeId));
  if (!owner || !owner.drop || looksEmpty(storeId)) return total;
  let [last, size, refused] = [-1, MOST_ENVELOPES, 0];
  while (refused < MOST_REFUSED) {
    const batch = await nextBatch(storeId, last, size);
    if (!batch.length) break;
    const answer = await post(fetchFn, owner.drop, batch, (await waiting(storeId)).count - batch.length);
    if (answer.problem) {
      const oneOfThem = REFUSES.includes(answer.problem.status);
      total = { ...total, problem: { ...answer.problem, entry: oneOfThem } };
      if (!oneOfThem) break;
      if (batch.length === 1) [last, refused] = [batch[0].n, refused + 1]; // it waits, the others go on
      size = 1; // which of them is it?
      continue;
    }
    last = batch[batch.length - 1].n;
    size = Math.min(MOST_ENVELOPES, size * 4);
    const counts = await note(owner, batch, answer);
    total = { ...total, ...counts.reduce((sum, state) => ({ ...sum, [state]: sum[state] + 1 }), total) };
    onProgress({ stage: "sending", done: total.sent + total.held + total.rejected });
  }
  return { ...total, left: (await waiting(storeId)).count };
}

async function nextBatch(storeId, after, most) {
  const range = IDBKeyRange.bound([storeId, "waiting", after], [storeId, "waiting", Infinity], true);
  const rows = await read("outbox", (table) => table.index("state").getAll(range, most));
  let bytes = 0;
  return rows.filter((row, place) => (bytes += row.bytes) <= MOST_BYTES || place === 0);
}

/** `segment` and `now` let the site put right the times written in this stretch of our clock. */
function post(fetchFn, token, batch, rest) {
  const envelopes = batch.map((row) => row.envelope);
  const body = JSON.stringify({ now: iso(now()), segment: segment().id, waiting: rest, envelopes });
  return call(fetchFn, "/phone/api/envelopes", token, body);
}

/** One question to the site. Returns its answer, or {problem: {code, says, remedy}}; never throws. */
export async function call(fetchFn, address, token, body, more) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  const sentAt = Date.now();
  try {
    const answer = await fetchFn(address, {
      method: body === null ? "GET" : "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more },
      body: body === null ? undefined : body,
      credentials: "omit",
      cache: "no-store",
      signal: stop.signal,
    });
    if (answer.status === 304) return { unchanged: true };
    const words = await answer.text();
    const found = parsed(words);
    if (!answer.ok || !found) return { problem: { code: "site-trouble", ...(found && found.problem), status: answer.status } };
    if (found.now) noteContact(found.now, sentAt);
    return { ...found, etag: answer.headers.get("ETag") };
  } catch {
    return { problem: { code: "no-connection" } };
  } finally {
    clearTimeout(timer);
  }
}

function parsed(words) {
  try {
    return JSON.parse(words);
  } catch {
    return null; // a proxy's own page
  }
}

/** Keep what the site answered, in one transaction; what it did not answer goes on waiting. */
async function note(owner, batch, answer) {
  const byId = new Map((Array.isArray(answer.answers) ? answer.answers : []).map((one) => [one.id, one]));
  const at = Date.parse(answer.now) || Date.now();
  const answered = batch.filter((row) => byId.has(row.id) && [...DONE, "rejected"].includes(byId.get(row.id).state));
  const changed = await Promise.all(
    answered.map(async (row) => {
      const said = byId.get(row.id);
      return { ...row, state: said.state, answeredAt: at, answer: await hidden(owner, row.id, said) };
    }),
  );
  await transaction(["outbox", "records", "stores"], "readwrite", (tables, done, guard) => {
    for (const row of changed) tables.outbox.put(row);
    dropOld(tables, guard, owner, at);
  });
  return changed.map((row) => (row.state === "accepted" ? "sent" : row.state));
}

/** The site's sentence may say what an entry was about: only the unlocked store can read it. */
async function hidden(owner, id, said) {
  if (!owner.inbox) return null;
  const { code, says, remedy, result } = said;
  return sealText(unb64u(owner.inbox.key), owner.inbox.kid, id, JSON.stringify({ code, says, remedy, result }));
}

/** Acknowledged entries go after 30 days of the site's clock, with their copy; a store without keys goes with
 *  its last unsent entry. */
function dropOld(tables, guard, owner, at) {
  let unsent = 0;
  const rows = tables.outbox.index("state");
  each(
    rows,
    OWN(owner.id),
    guard,
    (row, cursor) => {
      if (!DONE.includes(row.state)) unsent += 1;
      else if (owner.gone || (row.answeredAt || at) < at - KEEP) {
        if (row.k) tables.records.delete([owner.id, row.k]);
        cursor.delete();
      }
    },
    guard(() => {
      if (owner.gone && unsent === 0) tables.stores.delete(owner.id);
    }),
  );
}

/** At a new epoch the site may have lost what it acknowledged: offer it again (entries count once by id).
 *  `from`: only ids from this one on. Runs within a transaction that holds "outbox". */
export function offerAgainIn(tables, guard, storeId, from) {
  for (const state of ["accepted", "held"]) {
    each(tables.outbox.index("state"), OWN(storeId, state), guard, (row) => {
      if (!from || row.id >= from) tables.outbox.put({ ...row, state: "waiting", answer: null });
    });
  }
}

export const offerAgain = (store, from) =>
  transaction(["outbox"], "readwrite", (tables, answer, guard) => offerAgainIn(tables, guard, idOf(store), from));

/** All that waits, as a file for a memory stick or another phone: sealed, useless to whoever finds it. */
export async function exportFile(store) {
  const held = await read("outbox", (table) => table.index("state").getAll(OWN(idOf(store), "waiting")));
  const rows = looksEmpty(store) ? [] : held;
  const whole = { kinweave: "sealed entries", v: 1, envelopes: rows.map((row) => row.envelope) };
  return new Blob([JSON.stringify(whole)], { type: "application/json" });
}

const SHAPE = {
  kid: /^[0-9a-f]{16}$/,
  id: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  epk: /^[\w-]{87}$/,
  iv: /^[\w-]{16}$/,
  ct: /^[\w-]{22,}$/,
};

function isEnvelope(one) {
  if (!one || one.v !== 1) return false;
  return Object.keys(SHAPE).every((part) => typeof one[part] === "string" && SHAPE[part].test(one[part]));
}

/** Carry another phone's sealed entries: they wait here and go up with ours. Returns {added, already}.
 *  Throws file-unreadable: then nothing was taken. */
export async function importFile(file, store) {
  const whole = file.size > MOST_FILE ? null : await file.text().then(JSON.parse).catch(() => null);
  if (!whole || whole.v !== 1 || !Array.isArray(whole.envelopes) || !whole.envelopes.every(isEnvelope)) {
    throw fault("file-unreadable");
  }
  const s = idOf(store);
  return transaction(["outbox"], "readwrite", (tables, answer, guard) => {
    const counts = { added: 0, already: 0 };
    answer(counts);
    for (const { v, kid, id, epk, iv, ct } of whole.envelopes) {
      const envelope = { v, kid, id, epk, iv, ct };
      const there = tables.outbox.index("id").getKey(id);
      there.onsuccess = guard(() => {
        counts[there.result === undefined ? "added" : "already"] += 1;
        if (there.result !== undefined) return;
        const bytes = JSON.stringify(envelope).length;
        tables.outbox.add({ s, id, state: "waiting", bytes, at: Date.now(), carried: 1, envelope });
      });
    }
  });
}
