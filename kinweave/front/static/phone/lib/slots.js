// Key slots: what stands between a copied browser profile and the readable store.
//
// A passphrase is stretched by PBKDF2-SHA-256 (at least 600,000 rounds, tuned to about a second on this phone)
// into a key that wraps the store's master key. Two slots are always there, in random order: the second holds
// another passphrase's empty store, or random bytes. Nobody can tell which.

import { concat, random, utf8 } from "./bytes.js";
import { fault } from "./fault.js";
import { aesKey } from "./seal.js";

export const LEAST_ROUNDS = 600000;
const MOST_ROUNDS = 20000000;
const TRIAL = 60000; // rounds timed to tune the rest
const AIM = 1000; // ms on this phone

/** One spelling of a passphrase: capitals, kinds of spaces and composed letters make no difference. */
export const spelled = (words) => words.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();

export async function stretch(words, salt, rounds) {
  const key = await crypto.subtle.importKey("raw", utf8(spelled(words)), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return aesKey(await crypto.subtle.deriveBits(how, key, 256));
}

async function timed() {
  const began = performance.now();
  await stretch("a trial", random(16), TRIAL);
  return (performance.now() - began) / TRIAL;
}

/** Rounds that take about a second here; the faster of two trials, for a busy phone would make them too few. */
export async function tunedRounds() {
  const each = Math.min(await timed(), await timed());
  const rounds = each > 0 ? Math.round(AIM / each) : LEAST_ROUNDS;
  return Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, rounds));
}

/** Wrap 32 master bytes: {iv, ct}, 12 and 49 bytes. `about`: {decoy, at}, at the place of its passphrase's slot. */
export async function wrap(key, id, master, about) {
  const iv = random(12);
  const inner = concat(new Uint8Array([(about.decoy ? 1 : 0) | (about.at << 1)]), master);
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(id) }, key, inner);
  return { iv, ct: new Uint8Array(ct) };
}

/** {master, decoy, at}, or null when this key does not open this slot. */
export async function unwrap(key, id, slot) {
  try {
    const how = { name: "AES-GCM", iv: slot.iv, additionalData: utf8(id) };
    const inner = new Uint8Array(await crypto.subtle.decrypt(how, key, slot.ct));
    return { master: inner.slice(1), decoy: Boolean(inner[0] & 1), at: inner[0] >> 1 };
  } catch {
    return null;
  }
}

/** What a slot without a key looks like. */
export const noise = () => ({ iv: random(12), ct: random(49) });

/** Both slots of a new store: {at, held: {salt, rounds, slots}}, `at` the place of the real one. */
export async function makeSlots(id, master, passphrase, duress) {
  if (duress && spelled(duress) === spelled(passphrase)) throw fault("passphrases-equal");
  const [salt, rounds, at] = [random(16), await tunedRounds(), random(1)[0] & 1];
  const slots = [];
  slots[at] = await wrap(await stretch(passphrase, salt, rounds), id, master, { decoy: false, at });
  slots[1 - at] = noise();
  if (duress) slots[1 - at] = await wrap(await stretch(duress, salt, rounds), id, random(32), { decoy: true, at: 1 - at });
  return { at, held: { salt, rounds, slots } };
}

/** {master, decoy, at} for a passphrase, or null. Both slots are tried, whichever opens. */
export async function openSlots(id, held, passphrase) {
  const key = await stretch(passphrase, held.salt, held.rounds);
  const found = await Promise.all(held.slots.map((slot) => unwrap(key, id, slot)));
  return found.find((one) => one) || null;
}
