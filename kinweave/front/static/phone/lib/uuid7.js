// Time-ordered random ids (RFC 9562 §5.7). Within one millisecond a 12-bit counter keeps their order.

import { hex, random } from "./bytes.js";

const BACK = 1000; // ms that a clock may step back (time service) without the order of ids breaking
let last = -1;
let counter = 0;

/** A new id. `nowMs`: Unix time in milliseconds; an id made later in this page sorts later at the same time. */
export function uuid7(nowMs) {
  const now = nowMs === undefined ? Date.now() : Math.floor(nowMs);
  const bytes = random(16);
  if (now > last || now < last - BACK) {
    last = now;
    counter = ((bytes[6] & 7) << 8) | bytes[7]; // starts in the lower half: room to count up
  } else if ((counter += 1) > 0xfff) {
    last += 1;
    counter = bytes[7];
  }
  for (let at = 5, rest = last; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
