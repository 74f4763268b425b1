// Bytes and texts. b64u is base64url without padding, as the server writes it.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const PIECE = 32768; // arguments that one call may take on a small phone

export const utf8 = (words) => encoder.encode(words);

/** The text of UTF-8 bytes; throws a TypeError when they are none. */
export const text = (bytes) => decoder.decode(bytes);

export function b64u(bytes) {
  const all = new Uint8Array(bytes);
  let binary = "";
  for (let at = 0; at < all.length; at += PIECE) binary += String.fromCharCode(...all.subarray(at, at + PIECE));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

export function unb64u(words) {
  return Uint8Array.from(atob(words.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

export const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part.buffer || part, part.byteOffset || 0, part.byteLength), at);
    at += part.byteLength;
  }
  return whole;
}

/** Whether two byte strings are equal, in a time that depends on their length only. */
export function same(a, b) {
  if (a.length !== b.length) return false;
  let other = 0;
  for (let at = 0; at < a.length; at += 1) other |= a[at] ^ b[at];
  return other === 0;
}

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

/** UTF-8 bytes of a text, filled with spaces to a whole number of `step`: the length tells little. */
export function padded(words, step) {
  const bytes = utf8(words);
  const whole = new Uint8Array(Math.ceil(bytes.length / step) * step).fill(32);
  whole.set(bytes);
  return whole;
}
