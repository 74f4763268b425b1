// Safety answers: looked for first of all, on whatever came, finished or not, valid or not. Never throws.
// The twin of the server's rules: a test compares the two on every golden answer and on odd ones.

const MOST_PARTS = 200; // parts of one nested answer that are read before it counts as unreadable
const MOST_DIGITS = 40;
const SEPARATORS = "/:.-"; // what export tools put between a group and a question's name
// The server's idea of white space around words and around numbers, which is not this language's.
const SPACES = "\\t-\\r\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const edges = (set) => new RegExp(`^[${set}]+|[${set}]+$`, "g");
const OF_WORDS = edges(`${SPACES}\\x1c-\\x1f`);
const OF_NUMBERS = edges(SPACES);
const NUMBER = /^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;
const DIGIT = /\p{Nd}/u;

/** Every safety rule that the answers set off, in the table's order, at most one sign a rule:
 *  [{code, item, kind, urgency, says_key, certain}]. `certain` is false when an answer is there that cannot be
 *  read as one of the question's: a human looks rather than nobody. */
export function find(table, answers) {
  if (answers === null || typeof answers !== "object" || Array.isArray(answers)) return [];
  const signs = [];
  for (const { code, item, kind, urgency, says_key, values } of table.safety) {
    const allowed = table.items.find((one) => one.code === item).values;
    const given = Object.keys(answers).filter((key) => means(key, item)).map((key) => answers[key]);
    const certain = judge(values, allowed, given);
    if (certain !== null) signs.push({ code, item, kind, urgency, says_key, certain });
  }
  return signs;
}

const folded = (words) => words.replace(OF_WORDS, "").toLowerCase().replace(/[ßſﬀ-ﬆ]/g, (letter) => letter.toUpperCase().toLowerCase());

/** Whether a key of the answers means this item, perhaps behind a group prefix. */
function means(key, item) {
  const name = folded(key);
  if (name === item) return true;
  const before = name[name.length - item.length - 1];
  return name.endsWith(item) && before !== undefined && SEPARATORS.includes(before);
}

/** true: set off for certain. false: something unreadable is there. null: nothing to see. */
function judge(values, allowed, given) {
  let unsure = null;
  for (const part of parts(given)) {
    const number = numberOf(part);
    if (values.includes(number)) return true;
    if (!allowed.includes(number)) unsure = false;
  }
  return unsure;
}

/** The single values within lists and tables, silence left out; beyond MOST_PARTS one unreadable part. */
function parts(given) {
  const waiting = [...given];
  const found = [];
  for (let read = 0; read < MOST_PARTS && waiting.length; read += 1) {
    const part = waiting.shift();
    if (part !== null && typeof part === "object") waiting.push(...Object.values(part));
    else if (!isSilence(part)) found.push(part);
  }
  if (waiting.length) found.push("?");
  return found;
}

const isSilence = (part) =>
  part === null || part === undefined || (typeof part === "string" && ["", "declined"].includes(folded(part)));

/** The whole number that this is or reads as, in digits of any script; null when it is none. true reads as 1. */
function numberOf(part) {
  if (typeof part === "boolean") return part ? 1 : 0;
  const number = typeof part === "string" ? readNumber(part) : part;
  return Number.isInteger(number) ? number : null;
}

function readNumber(words) {
  if ([...words].length > MOST_DIGITS) return null;
  const plain = [...words.replace(OF_NUMBERS, "")].map(plainDigit).join("");
  return NUMBER.test(plain) ? Number(plain.replace(/_/g, "")) : null;
}

/** Digits of every script come in unbroken runs of ten, from zero to nine. */
function plainDigit(letter) {
  if (letter <= "\x7f" || !DIGIT.test(letter)) return letter;
  let zero = letter.codePointAt(0);
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((letter.codePointAt(0) - zero) % 10);
}
