// Scores by a scoring table: the twin of the server's interpreter. Whole numbers below 2**53 only.
// A test compares the two on every golden answer and on random ones.

import { fault } from "./fault.js";

const DECLINED = "declined";
const has = (thing, key) => Object.prototype.hasOwnProperty.call(thing, key);
const floorDivide = (a, b) => (a - (((a % b) + b) % b)) / b;

/** Scores for answers by item code; an absent item, null and "declined" count as missing.
 *  Throws answers-out-of-range {items: codes joined by ", " or "none", unknown: how many keys}. */
export function score(table, answers) {
  const given = checked(table, answers);
  const declined = new Set(Object.keys(answers).filter((code) => answers[code] === DECLINED));
  for (const rule of table.implied) {
    if (rule.values.includes(given.get(rule.when)) && !given.has(rule.item)) given.set(rule.item, rule.value);
  }
  const scales = table.scales.map((scale) => scoreScale(scale, given, declined));
  return { slug: table.slug, version: table.version, scales };
}

function checked(table, answers) {
  const given = new Map();
  const wrong = [];
  for (const item of table.items) {
    const answer = has(answers, item.code) ? answers[item.code] : null;
    if (answer === null || answer === undefined || answer === DECLINED) continue;
    if (Number.isInteger(answer) && item.values.includes(answer)) given.set(item.code, answer);
    else wrong.push(item.code);
  }
  const known = new Set(table.items.map((item) => item.code));
  const unknown = Object.keys(answers).filter((code) => !known.has(code)).length;
  if (wrong.length || unknown) throw fault("answers-out-of-range", { items: wrong.join(", ") || "none", unknown });
  return given;
}

function scoreScale(scale, given, declined) {
  const worth = scale.items.filter((item) => given.has(item.code)).map((item) => pointsOf(item, given.get(item.code)));
  const missing = scale.items.filter((item) => !given.has(item.code));
  const settled = scale.op === "any" && worth.some((points) => points !== 0);
  const scaled = worth.length >= scale.need || settled ? valueOf(scale, worth) : null;
  return {
    code: scale.code,
    scaled,
    digits: scale.digits,
    band: scaled === null ? null : bandOf(scale, scaled),
    answered: worth.length,
    missing: missing.length,
    declined: missing.filter((item) => declined.has(item.code)).length,
    prorated: scaled !== null && missing.length > 0,
    reason: scaled === null ? "too-few-answers" : null,
  };
}

const pointsOf = (item, answer) => item.points.find((pair) => pair[0] === answer)[1];

/** The exact fraction top / bottom, rounded half up to the scale's digits, as a scaled whole number. */
function valueOf(scale, worth) {
  let top = worth.reduce((sum, points) => sum + points, 0);
  let bottom = 1;
  if (scale.op === "any") top = Math.min(top, 1);
  else if (scale.op === "mean") bottom = worth.length;
  else if (scale.fill === "prorate") [top, bottom] = [top * scale.items.length, worth.length];
  top *= scale.times[0] * 10 ** scale.digits;
  bottom *= scale.times[1];
  return floorDivide(2 * top + bottom, 2 * bottom);
}

function bandOf(scale, value) {
  const band = scale.bands.find((one) => one.from <= value && value <= one.to);
  return band ? band.code : null;
}

/** Whether the score passes the cut-off of that code; null when there is no score. Throws no-such-cut-off. */
export function meets(table, scored, cutoff) {
  const rule = table.cutoffs.find((row) => row.code === cutoff);
  if (!rule) throw fault("no-such-cut-off");
  const value = scored.scales.find((scale) => scale.code === rule.scale).scaled;
  if (value === null) return null;
  return {
    at_least: value >= rule.value,
    above: value > rule.value,
    at_most: value <= rule.value,
    below: value < rule.value,
  }[rule.rule];
}
