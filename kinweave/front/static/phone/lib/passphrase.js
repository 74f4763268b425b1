// Passphrases: five words thrown by the phone, or a worker's own of at least 12 characters that is not obvious.

import { spelled } from "./slots.js";
import { WORDS } from "./words.js";

export const LEAST = 12;
const COMMON =
  "password passwort motdepasse contrasena senha kinweave qwertyuiop qwerty azerty asdfgh zxcvbn iloveyou welcome admin letmein monkey dragon football abc123 123456789 12345678 1234567 123456 12345 1234 0123 111111 000000 987654321 654321 abcdefgh abcd".split(" ");
const LEAST_KINDS = 6;

/** `count` words joined by spaces, each drawn evenly: log2(1296) = 10.3 bits a word. */
export function generate(count) {
  const words = [];
  const limit = 65536 - (65536 % WORDS.length); // beyond it the first words would come more often
  while (words.length < (count || 5)) {
    const [drawn] = crypto.getRandomValues(new Uint16Array(1));
    if (drawn < limit) words.push(WORDS[drawn % WORDS.length]);
  }
  return words.join(" ");
}

/** null when an own passphrase will do, else a code: passphrase-short, passphrase-plain (few different
 *  characters, digits only, a run or a repetition), passphrase-common. `avoid`: label, site name and the like. */
export function check(words, avoid) {
  const own = spelled(words);
  if ([...own].length < LEAST) return "passphrase-short";
  if (new Set(own.replace(/\s/g, "")).size < LEAST_KINDS || /^[\d\s.,/-]+$/.test(own) || isPattern(own)) return "passphrase-plain";
  let rest = own;
  const obvious = [...COMMON, ...(avoid || []).map(spelled).filter((word) => word.length > 2)];
  for (const word of obvious) rest = rest.split(word).join("");
  return [...rest.replace(/[\s\d!?.]/g, "")].length < LEAST / 2 && rest !== own ? "passphrase-common" : null;
}

/** Whether it is one piece again and again, or mostly steps along the alphabet. */
function isPattern(own) {
  const plain = own.replace(/\s/g, "");
  if (/^(.{1,6}?)\1+.{0,5}$/.test(plain)) return true;
  let steps = 0;
  for (let at = 1; at < plain.length; at += 1) {
    if (Math.abs(plain.charCodeAt(at) - plain.charCodeAt(at - 1)) <= 1) steps += 1;
  }
  return steps * 2 >= plain.length;
}
