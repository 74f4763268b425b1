// The phone's own key (WebAuthn with the PRF extension): a secret that leaves the phone's secure part only after
// a fingerprint or the screen lock. Where a phone has none, the passphrase alone opens.

import { random } from "./bytes.js";
import { fault } from "./fault.js";

const PATIENCE = 120000;

/** Make a key. Returns {credential, salt, secret}: the first two may lie in the clear. */
export async function makeDeviceKey(label) {
  if (!window.PublicKeyCredential) throw fault("device-key-unavailable");
  const salt = random(32);
  const publicKey = {
    challenge: random(32), // nobody checks an answer here: the secret alone opens
    rp: { name: "Kinweave" },
    user: { id: random(16), name: label, displayName: label },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "discouraged", userVerification: "required" },
    timeout: PATIENCE,
    extensions: { prf: { eval: { first: salt } } },
  };
  const made = await navigator.credentials.create({ publicKey }).catch(() => null);
  const able = made && (made.getClientExtensionResults().prf || {}).enabled;
  if (!able) throw fault("device-key-unavailable");
  const credential = new Uint8Array(made.rawId);
  return { credential, salt, secret: await askDeviceKey(credential, salt) };
}

/** The 32-byte secret of a key for a salt. Throws device-key-unavailable, also when the worker said no. */
export async function askDeviceKey(credential, salt) {
  const publicKey = {
    challenge: random(32),
    allowCredentials: [{ type: "public-key", id: credential }],
    userVerification: "required",
    timeout: PATIENCE,
    extensions: { prf: { eval: { first: salt } } },
  };
  const found = await navigator.credentials.get({ publicKey }).catch(() => null);
  const results = found && (found.getClientExtensionResults().prf || {}).results;
  if (!results) throw fault("device-key-unavailable");
  return new Uint8Array(results.first);
}

