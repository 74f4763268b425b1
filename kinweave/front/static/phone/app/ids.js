// The ids of what an entry will create on the site (RFC 9562 §5.5, uuid5): the same rule as core/ids.py, so that a
// person added without signal can be written about before the site has heard of them.

const bytes = (id) => id.replace(/-/g, "").match(/../g).map((two) => parseInt(two, 16));

/** The id of something an entry creates: `child(entry, "/person")`; an action inside it has its number first: "/1/person". */
export const child = async (entry, name) => {
  const digest = await crypto.subtle.digest("SHA-1", new Uint8Array([...bytes(entry), ...new TextEncoder().encode(name)]));
  const out = new Uint8Array(digest).slice(0, 16);
  out[6] = (out[6] & 0x0f) | 0x50;
  out[8] = (out[8] & 0x3f) | 0x80;
  const text = Array.from(out, (one) => one.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
};

/** What an action creates, by the name of its child. */
export const CREATES = {
  "people.register_person": "/person",
  "people.add_contact": "/contact",
  "people.change_contact": "/contact",
  "people.add_tie": "/tie",
  "flows.agree": "/1/consent",
  "care.note_session": "/session",
  "care.set_goal": "/goal",
  "care.change_goal": "/goal",
};
