// What an entry written here changes on a person's page before the site has answered. Pure: document in, document out.
// The site's own document replaces all of this at the next sync.

const MEETING = ["session", "first_meeting", "missed"];

const without = (list, id) => (list || []).filter((one) => one.id !== id);

const EFFECTS = {
  "people.register_person": (doc, e) => ({
    id: e.made, code: "", name: e.asked.alias || e.asked.name, state: "identified", step: null, since: e.at,
    language: e.asked.language || "", birth_year: e.asked.birth_year || null, gender: e.asked.gender || "", place: null,
    worker: true, contacts: [], consents: [], next: null, sessions: [], goals: [], scores: [], risk: null, ties: [],
    here: true,
  }),
  "flows.agree": (doc, e) => ({
    ...doc,
    state: doc.state === "identified" && e.asked.purpose === "care" && e.asked.given ? "consented" : doc.state,
    consents: [
      ...(doc.consents || []).filter((one) => one.purpose !== e.asked.purpose || one.recipient),
      { id: e.made, purpose: e.asked.purpose, given: e.asked.given, until: e.asked.until || null },
    ],
  }),
  "people.withdraw_consent": (doc, e) => ({
    ...doc, consents: (doc.consents || []).map((one) => (one.id === e.asked.consent_id ? { ...one, given: false } : one)),
  }),
  "care.note_session": (doc, e) => ({
    ...doc,
    next: e.asked.next_at ? { kind: "session", at: e.asked.next_at }
      : e.asked.held ? clear(doc.next, MEETING) : { kind: "missed", at: e.at },
    sessions: [
      { id: e.made, at: e.asked.at || e.at, held: e.asked.held, kind: e.asked.kind, mood: e.asked.mood,
        missed_reason: e.asked.missed_reason, note: e.asked.note, here: true },
      ...(doc.sessions || []),
    ],
  }),
  "care.set_goal": (doc, e) => ({ ...doc, goals: [{ id: e.made, text: e.asked.text, state: "open" }, ...(doc.goals || [])] }),
  "care.set_goal_state": (doc, e) => ({
    ...doc, goals: (doc.goals || []).map((one) => (one.id === e.asked.goal_id ? { ...one, state: e.asked.state } : one)),
  }),
  "care.mark_goal": (doc, e) => EFFECTS["care.set_goal_state"](doc, e),
  "care.change_goal": (doc, e) => ({
    ...doc, goals: (doc.goals || []).map((one) => (one.id === e.asked.instead_of ? { ...one, id: e.made, text: e.asked.text } : one)),
  }),
  "people.change_contact": (doc, e) => EFFECTS["people.add_contact"]({ ...doc, contacts: without(doc.contacts, e.asked.instead_of) }, e),
  "people.add_contact": (doc, e) => ({
    ...doc,
    contacts: [...(doc.contacts || []), { id: e.made, kind: e.asked.kind, value: e.asked.value, allowed: e.asked.allowed,
      who_answers: e.asked.who_answers, cover: e.asked.cover }],
  }),
  "people.end_contact": (doc, e) => ({ ...doc, contacts: without(doc.contacts, e.asked.contact_id) }),
  "care.move_on": (doc, e) => ({ ...doc, state: e.to || doc.state, step: e.asked.move === "start" ? doc.step || 1 : e.asked.step || doc.step,
    next: e.asked.move === "close" ? null : doc.next }),
  "flows.receive_response": (doc, e) => ({
    ...doc,
    state: ["consented", "below"].includes(doc.state) && agreed(doc, "care") ? "screened" : doc.state,
    scores: [...(e.scales || []).map((one) => ({ instrument: e.asked.instrument, taken_on: e.asked.taken_on, ...one, here: true })),
      ...(doc.scores || [])],
    risk: e.signs && e.signs.length ? doc.risk || { state: "here", urgency: e.signs[0].urgency } : doc.risk,
  }),
  "flows.voice_worry": (doc, e) => ({ ...doc, risk: doc.risk || { state: "here", urgency: e.asked.urgency } }),
};

const clear = (next, kinds) => (next && kinds.includes(next.kind) ? null : next || null);

/** A person's document with one entry on top. Unknown actions change nothing. */
export const apply = (doc, entry) => (EFFECTS[entry.action] ? EFFECTS[entry.action](doc || {}, entry) : doc);

/** Whether a person agreed to a purpose and it still holds. */
export const agreed = (doc, purpose, now = new Date()) =>
  (doc.consents || []).some((one) => one.purpose === purpose && one.given && !one.recipient && (!one.until || new Date(one.until) >= now));

// Which lines of today's list an entry settles.
const SETTLES = {
  "care.note_session": (due, e) => MEETING.includes(due.kind) || (e.asked.held && due.kind === "risk_follow"),
  "flows.receive_response": (due) => due.kind === "ask_again",
  "care.move_on": (due, e) => e.asked.move === "close" ? !due.kind.startsWith("risk") : e.asked.move === "start" && ["waiting", "first_meeting"].includes(due.kind),
  "care.contact_after_risk": (due, e) => due.kind === "risk_contact" && due.ref === e.asked.risk_id,
};

/** Today's lines with an entry on top: what it settles goes, what it makes due comes. */
export const dues = (lines, entry) => {
  const settles = SETTLES[entry.action];
  const left = settles ? lines.filter((one) => (entry.about && one.person !== entry.about) || !settles(one, entry)) : lines;
  if (entry.action === "care.note_session" && (entry.asked.next_at || !entry.asked.held)) {
    const at = entry.asked.next_at || new Date(new Date(entry.at).getTime() + 864e5).toISOString();
    return [...left, { kind: entry.asked.next_at ? "session" : "missed", person: entry.about, at, priority: 2 }];
  }
  return left;
};

/** The moves along the way: where each may start and where it leads (core/pathway.py; a test compares them). */
export const MOVES = {
  tell: [["consented", "screened", "below"], "told"],
  inform: [["screened"], "below"],
  wait: [["consented", "screened", "told", "below", "active"], "waiting"],
  start: [["screened", "told", "waiting"], "active"],
  graduate: [["active"], "graduating"],
  join_group: [["active", "graduating"], "group"],
  return: [["graduating", "group"], "active"],
  close: [["identified", "consented", "screened", "told", "below", "waiting", "active", "graduating", "group"], "closed"],
  reenter: [["closed"], "consented"],
};
export const movesFrom = (state) => Object.keys(MOVES).filter((move) => MOVES[move][0].includes(state));
