// IndexedDB in a few words. Every write is one transaction that waits for the disk where the browser can:
// all of it stands or none. A full disk is {code: "storage-full"}.

import { asFault, fault } from "./fault.js";

const NAME = "kinweave-phone";
let opening = null;

function make(db) {
  db.createObjectStore("stores", { keyPath: "id" });
  db.createObjectStore("records", { keyPath: ["s", "k"] });
  const outbox = db.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
  outbox.createIndex("id", "id", { unique: true });
  outbox.createIndex("state", ["s", "state", "n"]);
}

function connect() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => make(asked.result);
    asked.onblocked = () => reject(fault("storage-busy"));
    asked.onerror = () => reject(asFault(asked.error));
    asked.onsuccess = () => {
      const closed = () => {
        opening = null;
      };
      asked.result.onclose = closed;
      asked.result.onversionchange = () => {
        asked.result.close();
        closed();
      };
      resolve(asked.result);
    };
  });
}

/** Run `work(tables, answer)` in one transaction; `tables` by name, `answer(value)` sets what is returned.
 *  A fault thrown inside, or a full disk, undoes all of it. */
export async function transaction(names, mode, work) {
  if (!opening) opening = connect();
  const db = await opening.catch((error) => {
    opening = null;
    throw error;
  });
  return new Promise((resolve, reject) => {
    let value;
    let thrown = null;
    const tx = db.transaction(names, mode, { durability: "strict" });
    tx.oncomplete = () => resolve(value);
    tx.onabort = () => reject(thrown || asFault(tx.error));
    const guard = (step) => (...given) => {
      try {
        step(...given);
      } catch (error) {
        thrown = asFault(error);
        try {
          tx.abort();
        } catch {
          reject(thrown); // it was over already
        }
      }
    };
    const tables = {};
    for (const name of names) tables[name] = tx.objectStore(name);
    guard(work)(
      tables,
      (result) => {
        value = result;
      },
      guard,
    );
  });
}

/** The result of one request of a table: `read("stores", (table) => table.get(id))`. */
export function read(name, ask) {
  return transaction([name], "readonly", (tables, answer) => {
    const request = ask(tables[name]);
    request.onsuccess = () => answer(request.result);
  });
}

/** Change one row in place: `change(row)` returns the new row, undefined to leave it, null to delete it. */
export function update(name, key, change) {
  return transaction([name], "readwrite", (tables, answer, guard) => {
    const request = tables[name].get(key);
    request.onsuccess = guard(() => {
      const next = change(request.result);
      if (next === null) tables[name].delete(key);
      else if (next !== undefined) tables[name].put(next);
      answer(next);
    });
  });
}

/** Call `step(row, cursor)` for each row of a range within a running transaction. */
export function each(source, range, guard, step, done) {
  const request = source.openCursor(range);
  request.onsuccess = guard(() => {
    const cursor = request.result;
    if (!cursor) {
      if (done) done();
      return;
    }
    if (step(cursor.value, cursor) !== false) cursor.continue();
    else if (done) done();
  });
}

/** Every row of a store `s` (and a key prefix) in `records`. */
export const within = (s, prefix) => IDBKeyRange.bound([s, prefix || ""], [s, (prefix || "") + "\uffff"]);
