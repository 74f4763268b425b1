// Sealing to a public key: only the holder of the private key reads it. Used for entries (to the site) and
// for the site's answers that arrive while this phone is locked (to the store itself).

import { b64u, concat, hex, padded, text, unb64u, utf8 } from "./bytes.js";

export const STEP = 256; // bytes: the sealed length is a multiple of it
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const subtle = () => crypto.subtle;

export async function hkdf(secret, salt, info, bytes) {
  const key = await subtle().importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) };
  return new Uint8Array(await subtle().deriveBits(how, key, bytes * 8));
}

export const aesKey = (raw) => subtle().importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

export const hmacKey = (raw) => subtle().importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

export const hmac = async (key, bytes) => new Uint8Array(await subtle().sign("HMAC", key, bytes));

export const sha256 = async (bytes) => new Uint8Array(await subtle().digest("SHA-256", bytes));

/** First 8 bytes of SHA-256 of a raw public key, in hex: which key an envelope was sealed to. */
export const keyId = async (publicRaw) => hex((await sha256(publicRaw)).slice(0, 8));

/** {private: PKCS #8 bytes, public: 65 raw bytes} of a new pair. */
export async function newPair() {
  const pair = await subtle().generateKey(CURVE, true, ["deriveBits"]);
  const [pkcs8, raw] = [await subtle().exportKey("pkcs8", pair.privateKey), await subtle().exportKey("raw", pair.publicKey)];
  return { private: new Uint8Array(pkcs8), public: new Uint8Array(raw) };
}

async function agreed(privateKey, publicRaw, epk, receiver) {
  const other = await subtle().importKey("raw", publicRaw, CURVE, false, []);
  const shared = new Uint8Array(await subtle().deriveBits({ name: "ECDH", public: other }, privateKey, 256));
  return aesKey(await hkdf(shared, concat(epk, receiver), "kinweave envelope v1", 32));
}

const bound = (kid, id) => utf8(`kinweave|1|${kid}|${id}`);

/** Seal a text to a raw public key. Returns {v, kid, id, epk, iv, ct}. */
export async function sealText(publicRaw, kid, id, words) {
  const pair = await subtle().generateKey(CURVE, true, ["deriveBits"]);
  const epk = new Uint8Array(await subtle().exportKey("raw", pair.publicKey));
  const key = await agreed(pair.privateKey, publicRaw, epk, publicRaw);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const ct = await subtle().encrypt({ name: "AES-GCM", iv, additionalData: bound(kid, id) }, key, padded(words, STEP));
  return { v: 1, kid, id, epk: b64u(epk), iv: b64u(iv), ct: b64u(ct) };
}

/** Open what sealText sealed to this pair. Throws when it was changed or meant for another. */
export async function openText(pair, sealed) {
  const key = await subtle().importKey("pkcs8", pair.private, CURVE, false, ["deriveBits"]);
  const epk = unb64u(sealed.epk);
  const opened = await agreed(key, epk, epk, pair.public);
  const how = { name: "AES-GCM", iv: unb64u(sealed.iv), additionalData: bound(sealed.kid, sealed.id) };
  return text(new Uint8Array(await subtle().decrypt(how, opened, unb64u(sealed.ct))));
}

/** An entry for the site. `site`: {public_key: b64url, kid}; `deviceSecretKey`: the device's HMAC key;
 *  `body`: the entry with its id. The text that is signed is exactly the text that is sealed. */
export async function sealEnvelope(site, deviceSecretKey, body) {
  const words = JSON.stringify(body);
  const mac = b64u(await hmac(deviceSecretKey, utf8(words)));
  return sealText(unb64u(site.public_key), site.kid, body.id, JSON.stringify({ body: words, mac }));
}
