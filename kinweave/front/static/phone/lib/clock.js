// The phone's clock, which may be wrong by years and may jump. An entry carries the phone's own time, the
// stretch ("segment") in which that clock ran without a known jump, and how far the server's clock was ahead.
// Order never comes from the time: entries are counted.

import { b64u, random } from "./bytes.js";

const KEPT = "kinweave-clock"; // local storage: {segment, seen, skew}; holds nothing about anybody
const DRIFT = 120000; // ms that the two clocks may drift apart before it counts as a jump
const SLEEP = 36 * 3600000; // ms: a longer silence is no sleep of the phone that we would vouch for
const wall = () => Date.now();
const steady = () => performance.now();

let kept = null;
let base = 0; // wall - steady when last looked
let rested = true; // the page was hidden since the last look: the phone may have slept

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => {
    rested = true;
  });
}

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT));
    return found && typeof found.segment === "string" && Number.isFinite(found.seen) ? found : null;
  } catch {
    return null;
  }
}

function write() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // A full or closed local storage costs a new segment at the next start, nothing else.
  }
}

/** Look at both clocks. A jump back, a jump ahead under our eyes, or too long a silence begins a segment.
 *  Ahead while the page was hidden is what sleep looks like (the steady clock stops in sleep on Android). */
function look() {
  const now = wall();
  const first = !kept;
  const found = read(); // another tab may have seen a jump or the server
  const handed = !first && found && found.segment !== kept.segment;
  if (found) kept = found;
  const ahead = first || handed ? 0 : now - steady() - base;
  const silence = kept ? now - kept.seen : -1;
  const backward = first ? silence < 0 : Math.min(silence, ahead) < -DRIFT;
  const forward = silence > SLEEP || (ahead > DRIFT && !rested);
  if (!kept || backward || forward) kept = { segment: b64u(random(12)), skew: null };
  kept = { ...kept, seen: now };
  base = now - steady();
  rested = typeof document !== "undefined" && document.hidden;
  write();
}

export function now() {
  look();
  return new Date();
}

/** {id, skew_ms}: this stretch of the clock; server minus phone in ms, null when the server was not met in it. */
export function segment() {
  look();
  return { id: kept.segment, skew_ms: kept.skew };
}

/** Note the server's clock (ISO text or ms) as met now; `sentAt`: Date.now() when the question left. */
export function noteContact(serverNow, sentAt) {
  const theirs = typeof serverNow === "number" ? serverNow : Date.parse(serverNow);
  if (!Number.isFinite(theirs)) return;
  look();
  const ours = wall();
  const asked = sentAt !== undefined && sentAt <= ours && ours - sentAt < DRIFT ? sentAt : ours;
  kept = { ...kept, skew: Math.round(theirs - (asked + ours) / 2) };
  write();
}

/** Local time with its offset: 2026-11-21T14:05:09.123+02:00. */
export function iso(date) {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  const local = new Date(date.getTime() + minutes * 60000).toISOString().slice(0, -1);
  return `${local}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}
