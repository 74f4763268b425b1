// One encrypted store per worker on this phone. In the clear lie: a label that the worker chose, sealed
// entries, the token that can only hand those in. Everything else is AES-GCM under a key that a passphrase or
// the phone's own key opens; record names are HMACs. See docs/phone-store.md for what a copied profile tells.

import { b64u, concat, padded, random, text, unb64u, utf8 } from "./bytes.js";
import { read, transaction, update, within } from "./db.js";
import { fault } from "./fault.js";
import { aesKey, hkdf, hmac, hmacKey, keyId, newPair } from "./seal.js";
import { LEAST_ROUNDS, makeSlots, noise, openSlots, spelled, stretch, unwrap, wrap } from "./slots.js";

const CODE_ROUNDS = 100000; // the code's key lives in memory only
const CODE_TRIES = 5;
const FREE_TRIES = 3;
const STEP = 256;
const WAITS = [5, 15, 30, 60, 120, 300, 900]; // seconds after the 3rd, 4th … wrong passphrase

const decoys = new Set(); // stores that this page last opened by their duress passphrase

/** Whether a store, or one's id, has to look empty now. */
export const looksEmpty = (store) => (typeof store === "string" ? decoys.has(store) : store.decoy);

/** Stores on this phone: [{id, label, locked, practice, deviceKey}]. */
export async function listStores() {
  const rows = await read("stores", (table) => table.getAll());
  return rows
    .filter((row) => !row.gone)
    .map((row) => ({ id: row.id, label: row.label, locked: true, practice: Boolean(row.practice), deviceKey: Boolean(row.prf) }));
}

/** Ask the browser not to clear this site's storage when the disk runs full; true when it agreed. */
export async function askToPersist() {
  const there = navigator.storage && navigator.storage.persist;
  return there ? navigator.storage.persist().catch(() => false) : false;
}

/** A new store, open. `registration`: the server's answer about this device (see bindDevice). */
export async function createStore({ label, passphrase, duress, practice, registration }) {
  const id = b64u(random(12));
  const master = random(32);
  const { at, held } = await makeSlots(id, master, passphrase, duress);
  const tries = { wrong: 0, at: 0 };
  const row = { id, label, ...held, practice: practice ? 1 : 0, tries, seq: 0, drop: null, inbox: null };
  await transaction(["stores"], "readwrite", (tables) => tables.stores.add(row));
  await askToPersist();
  const store = await opened(row, { master, decoy: false, at });
  if (registration) {
    await bindDevice(store, registration).catch(async (error) => {
      await removeStore(id); // no store without its site is left behind
      throw error;
    });
  }
  return store;
}

/** Open by passphrase. Throws wrong-passphrase {wait_ms}, too-many-tries {wait_ms}, no-such-store. */
export async function openStore(id, passphrase) {
  const row = await countTry(id);
  const found = await openSlots(id, row, passphrase);
  if (!found) throw fault("wrong-passphrase", { wait_ms: delayAfter(row.tries.wrong) });
  await update("stores", id, (now) => now && { ...now, tries: { wrong: 0, at: 0 } });
  return opened(row, found);
}

const delayAfter = (wrong) => (wrong < FREE_TRIES ? 0 : WAITS[Math.min(wrong - FREE_TRIES, WAITS.length - 1)] * 1000);

/** Count a try before it is made, so that closing the tab wins nothing. A clock set back restarts the wait. */
async function countTry(id) {
  let wait = 0;
  const row = await update("stores", id, (found) => {
    if (!found || found.gone) throw fault("no-such-store");
    const { wrong, at } = found.tries;
    const now = Date.now();
    wait = now < at ? delayAfter(wrong) : Math.max(0, at + delayAfter(wrong) - now);
    if (wait > 0) return now < at ? { ...found, tries: { wrong, at: now } } : found;
    return { ...found, tries: { wrong: wrong + 1, at: now } };
  });
  if (wait > 0) throw fault("too-many-tries", { wait_ms: wait });
  return row;
}

/** Forget the readable part and every key. Sealed entries that still wait stay, and can still be sent. */
export function removeStore(id) {
  return forget(id, "removed");
}

export function forget(id, why) {
  return transaction(["stores", "records", "outbox"], "readwrite", (tables, answer, guard) => {
    tables.records.delete(within(id));
    const unsent = ["rejected", "waiting"].map((state) =>
      tables.outbox.index("state").count(IDBKeyRange.bound([id, state], [id, state, Infinity])),
    );
    const found = tables.stores.get(id);
    found.onsuccess = guard(() => {
      const row = found.result;
      if (!row) return;
      if (unsent.some((count) => count.result > 0)) tables.stores.put({ id, gone: why, drop: row.drop, inbox: null, seq: row.seq });
      else tables.stores.delete(id);
    });
  });
}

/** Stores whose keys are gone and whose sealed entries still wait: [{id, why}]. */
export async function leftBehind() {
  return (await read("stores", (table) => table.getAll())).filter((row) => row.gone).map((row) => ({ id: row.id, why: row.gone }));
}

/** Give an open store its device: {device, secret, drop_token, read_token, site, account} as the server answered. */
export async function bindDevice(store, registration) {
  if ((await keyId(unb64u(registration.site.public_key))) !== registration.site.kid) throw fault("site-key-wrong");
  const pair = await newPair();
  const inbox = { key: b64u(pair.public), kid: await keyId(pair.public) };
  await store.write(
    [
      { kind: "meta", id: "registration", value: registration },
      { kind: "meta", id: "inbox", value: { private: b64u(pair.private), public: b64u(pair.public) } },
    ],
    (row) => ({ ...row, drop: registration.drop_token, inbox, seq: 0 }),
  );
}

async function opened(row, { master, decoy, at }) {
  let keys = await keysOf(master);
  let code = null; // {salt, slot, left}: the master key under the short code, in memory only
  const memory = new Map(); // a decoy writes nothing to the disk
  const id = row.id;
  decoys[decoy ? "add" : "delete"](id);

  const need = () => {
    if (!keys) throw fault("locked");
    return keys;
  };

  async function name(kind, of) {
    const { index } = need();
    const [first, second] = [await hmac(index, utf8(kind)), await hmac(index, utf8(`${kind}|${of}`))];
    return b64u(first.slice(0, 9)) + b64u(second.slice(0, 18));
  }

  async function close(k, value) {
    const iv = random(12);
    const how = { name: "AES-GCM", iv, additionalData: utf8(k) };
    return { s: id, k, c: concat(iv, await crypto.subtle.encrypt(how, need().data, padded(JSON.stringify(value), STEP))) };
  }

  async function open(found) {
    const how = { name: "AES-GCM", iv: found.c.slice(0, 12), additionalData: utf8(found.k) };
    const plain = await crypto.subtle.decrypt(how, need().data, found.c.slice(12)).catch(() => {
      throw fault("record-broken"); // changed or moved by something other than this app
    });
    return JSON.parse(text(new Uint8Array(plain)));
  }

  const store = {
    id,
    label: row.label,
    decoy,
    practice: Boolean(row.practice),
    answers: new Map(), // the site's answers once opened, until the lock
    get locked() {
      return !keys;
    },

    async get(kind, of) {
      const k = await name(kind, of);
      const found = decoy ? memory.get(k) : await read("records", (table) => table.get([id, k]));
      return found ? open(found) : null;
    },

    put: (kind, of, value) => store.write([{ kind, id: of, value }]),

    remove: (kind, of) => store.write([{ kind, id: of }]),

    async list(kind) {
      const prefix = b64u((await hmac(need().index, utf8(kind))).slice(0, 9));
      const rows = decoy
        ? [...memory.values()].filter((one) => one.k.startsWith(prefix))
        : await read("records", (table) => table.getAll(within(id, prefix)));
      return Promise.all(rows.map(open));
    },

    meta: (what) => store.get("meta", what),

    setMeta: (what, value) => store.put("meta", what, value),

    /** Several changes at once, all or none: [{kind, id, value}], without a value to remove. `also(row, tables,
     *  guard)` runs in the same transaction and may return the store's own row changed. */
    async write(changes, also) {
      const ready = await Promise.all(changes.map((change) => store.prepare(change)));
      if (decoy) {
        for (const one of ready) {
          if (one.c) memory.set(one.k, one);
          else memory.delete(one.k);
        }
        return undefined;
      }
      return transaction(["stores", "records", "outbox"], "readwrite", (tables, answer, guard) => {
        const found = tables.stores.get(id);
        found.onsuccess = guard(() => {
          if (!found.result || found.result.gone) throw fault("no-such-store");
          for (const one of ready) store.place(tables, one);
          const next = also ? also(found.result, tables, guard, answer) : undefined;
          if (next) tables.stores.put(next);
        });
      });
    },

    /** A change made ready for a transaction (encryption cannot happen inside one), and its placing there. */
    async prepare({ kind, id: of, value }) {
      const k = await name(kind, of);
      return value === undefined ? { s: id, k } : close(k, value);
    },

    place: (tables, one) => (one.c ? tables.records.put(one) : tables.records.delete([id, one.k])),

    /** Forget the keys. After setCode the code brings them back in this page; else only the passphrase does. */
    lock() {
      keys = null;
      if (master) master.fill(0);
      master = null;
      store.answers.clear();
    },

    /** A short code for this open page; after 5 wrong ones only the passphrase opens. null takes it away. */
    async setCode(words) {
      need();
      if (words === null) {
        code = null;
        return;
      }
      const salt = random(16);
      code = { salt, slot: await wrap(await stretch(words, salt, CODE_ROUNDS), id, master, { decoy, at }), left: CODE_TRIES };
    },

    /** Throws wrong-code {left} or passphrase-needed. */
    async unlockWithCode(words) {
      if (!code) throw fault("passphrase-needed");
      code.left -= 1;
      const { salt, slot, left } = code;
      if (left <= 0) code = null;
      const back = await unwrap(await stretch(words, salt, CODE_ROUNDS), id, slot);
      if (!back) throw left > 0 ? fault("wrong-code", { left }) : fault("passphrase-needed");
      master = back.master;
      keys = await keysOf(master);
      code = { salt, slot, left: CODE_TRIES };
      return true;
    },

    /** Wrap the same keys under a new passphrase. An older copy of the profile still opens by the older one. */
    async changePassphrase(words) {
      need();
      const slot = await wrap(await stretch(words, row.salt, row.rounds), id, master, { decoy, at });
      await setSlot(at, slot);
    },

    /** A second passphrase that opens an empty list; null makes it noise again. */
    async setDuress(words) {
      need();
      if (decoy) return; // this is the empty store: the other slot is the real one
      const key = words === null ? null : await stretch(words, row.salt, row.rounds);
      if (key && (await unwrap(key, id, (await fresh()).slots[at]))) throw fault("passphrases-equal");
      await setSlot(1 - at, key ? await wrap(key, id, random(32), { decoy: true, at: 1 - at }) : noise());
    },

    /** Let the phone's own key (fingerprint, screen lock) open this store. Throws device-key-unavailable. */
    async addDeviceKey() {
      need();
      if (decoy) throw fault("device-key-unavailable");
      const { makeDeviceKey } = await import("./devicekey.js");
      const { credential, salt, secret } = await makeDeviceKey(store.label);
      const slot = await wrap(await aesKey(await hkdf(secret, salt, "kinweave device key v1", 32)), id, master, { decoy, at });
      await update("stores", id, (now) => now && { ...now, prf: { credential, salt, slot } });
    },

    removeDeviceKey: () => update("stores", id, (now) => now && { ...now, prf: undefined }),

    row: () => fresh(),
  };

  const fresh = () => read("stores", (table) => table.get(id));

  const setSlot = (which, slot) =>
    update("stores", id, (now) => now && { ...now, slots: now.slots.map((old, place) => (place === which ? slot : old)) });

  return store;
}

/** Open by the phone's own key. Throws device-key-unavailable, wrong-passphrase, no-such-store. */
export async function openWithDeviceKey(id) {
  const row = await read("stores", (table) => table.get(id));
  if (!row || row.gone) throw fault("no-such-store");
  if (!row.prf) throw fault("device-key-unavailable");
  const { askDeviceKey } = await import("./devicekey.js");
  const secret = await askDeviceKey(row.prf.credential, row.prf.salt);
  const key = await aesKey(await hkdf(secret, row.prf.salt, "kinweave device key v1", 32));
  const back = await unwrap(key, id, row.prf.slot);
  if (!back) throw fault("wrong-passphrase", { wait_ms: 0 });
  return opened(row, back);
}

async function keysOf(master) {
  const [data, index] = [await hkdf(master, new Uint8Array(0), "kinweave records v1", 32), await hkdf(master, new Uint8Array(0), "kinweave names v1", 32)];
  return { data: await aesKey(data), index: await hmacKey(index) };
}

export { LEAST_ROUNDS, spelled };
