"""Sending and fetching: in order, resumable wherever it is cut, once over all tabs, nothing lost at a new epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.phone_site import PhoneSite
from tests.browser.test_phone_lib_store import PASS, SECRET, make

ENVELOPES, CHANGES = "/phone/api/envelopes", "/phone/api/changes"
NOON = "2026-11-21T12:00:00+00:00"


@pytest.fixture
def phone_site() -> Iterator[PhoneSite]:
    with PhoneSite() as site:
        yield site


@pytest.fixture
def at(phone_site: PhoneSite, new_page: Callable[..., Page]) -> Page:
    return phone_site.visit(new_page())


class Intake:
    """A site that takes envelopes in: each entry once by its id, in the order of arrival."""

    def __init__(self, site: PhoneSite) -> None:
        self.site = site
        self.taken: dict[str, dict[str, Any]] = {}
        self.now = NOON
        self.judge: Callable[[dict[str, Any]], dict[str, Any]] = lambda entry: {"state": "accepted"}
        site.answers[ENVELOPES] = self

    def __call__(self, asked: dict[str, Any]) -> tuple[int, Any]:
        answers = []
        for envelope in asked["envelopes"]:
            entry = self.site.key.entry(envelope, SECRET)
            again = entry["id"] in self.taken
            verdict = {"code": "", "says": "", "remedy": "", "result": {}, **self.judge(entry)}
            if verdict["state"] != "rejected":
                self.taken[entry["id"]] = entry
            answers.append({"id": entry["id"], "again": again, **verdict})
        return 200, {"now": self.now, "answers": answers}

    @property
    def numbers(self) -> list[int]:
        return [entry["seq"] for entry in self.taken.values()]


def write(page: Page, many: int, start: int = 0) -> None:
    page.evaluate(
        """async ([many, start]) => {
          for (let n = start; n < start + many; n += 1) await kw.add(store, "care.try_call", {n});
        }""",
        [many, start],
    )


def test_entries_go_up_in_order_and_each_answer_is_kept(at: Page, phone_site: PhoneSite) -> None:
    intake = Intake(phone_site)
    answers = {
        3: {"state": "rejected", "code": "wrong-state", "says": "It is closed.", "remedy": "Open it again."},
        5: {"state": "held", "code": "unknown-person", "says": "A person looks at it."},
        7: {"state": "some later word"},
        11: {"state": "accepted", "result": {"person": "p11"}},
    }
    intake.judge = lambda entry: answers.get(entry["asked"]["n"], {"state": "accepted"})
    store = make(at, phone_site)
    write(at, 120)
    at.evaluate("() => store.lock()")
    told = at.evaluate("(id) => kw.send(id)", store)
    assert told == {"sent": 117, "held": 1, "rejected": 1, "left": 1, "busy": False, "problem": None}
    asked = [asked for path, asked in phone_site.asked if path == ENVELOPES]
    assert [len(one["envelopes"]) for one in asked] == [50, 50, 20]
    assert {one["token"] for one in asked} == {"Bearer drop-1"}
    assert [one["waiting"] for one in asked] == [70, 21, 1]
    assert intake.numbers == [n + 1 for n in range(120) if n != 3]  # in the order written
    state = at.evaluate(
        """async ([id, pass]) => {
          window.store = await kw.openStore(id, pass);
          const all = await kw.entries(store);
          const odd = all.filter((one) => [3, 5, 11].includes(one.asked.n));
          return {states: all.map((one) => one.state), odd, rejected: await kw.rejected(store)};
        }""",
        [store, PASS],
    )
    assert state["states"] == [{3: "rejected", 5: "held", 7: "waiting"}.get(n, "accepted") for n in range(120)]
    rejected, held, accepted = state["odd"]
    assert state["rejected"] == [rejected]
    assert (rejected["code"], rejected["says"], rejected["remedy"]) == (
        "wrong-state",
        "It is closed.",
        "Open it again.",
    )
    assert (held["code"], accepted["result"]) == ("unknown-person", {"person": "p11"})
    # A rejected entry stays until the worker sends it once more or says that it is dealt with.
    answers[3] = {"state": "accepted"}
    at.evaluate("(id) => kw.retry(store, id)", rejected["id"])
    assert at.evaluate("kw.send(store.id)")["sent"] == 1
    assert at.evaluate("kw.rejected(store)") == []
    assert at.evaluate("kw.waiting(store).then((all) => all.count)") == 1


def test_the_sites_sentences_are_not_kept_in_the_clear(at: Page, phone_site: PhoneSite) -> None:
    intake = Intake(phone_site)
    intake.judge = lambda entry: {"state": "rejected", "code": "a-telling-code", "says": "A telling sentence."}
    make(at, phone_site)
    write(at, 1)
    at.evaluate("kw.send(store.id)")
    rows = at.evaluate("kw.read('outbox', (t) => t.getAll()).then(JSON.stringify)")
    assert "telling" not in rows
    assert at.evaluate("kw.rejected(store)")[0]["says"] == "A telling sentence."


def test_an_answer_cut_at_any_byte_loses_and_doubles_nothing(at: Page, phone_site: PhoneSite) -> None:
    intake = Intake(phone_site)
    store = make(at, phone_site)
    write(at, 2)
    problems = set()
    for cut in range(2000):
        phone_site.cut_after = cut
        told = at.evaluate("(id) => kw.send(id)", store)
        problems.add((told["problem"] or {}).get("code"))
        if told["problem"] is None:
            break
        assert (told["sent"], told["left"]) == (0, 2)
    assert cut > 200  # the last cut was behind the last byte
    assert problems == {"no-connection", None}
    phone_site.cut_after = None
    assert at.evaluate("(id) => kw.send(id)", store)["left"] == 0
    assert intake.numbers == [1, 2]


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (500, b"<html>", "site-trouble"),
        (200, b"<html>a page of the network</html>", "site-trouble"),
        (200, b"null", "site-trouble"),
        (429, {"problem": {"code": "too-many", "says": "Wait.", "remedy": "A minute."}}, "too-many"),
        (200, {"now": "never", "answers": "none"}, None),
        (200, {}, None),
    ],
)
def test_a_strange_answer_changes_nothing(
    at: Page, phone_site: PhoneSite, status: int, answer: Any, code: str | None
) -> None:
    store = make(at, phone_site)
    write(at, 1)
    phone_site.answers[ENVELOPES] = lambda asked: (status, answer)
    told = at.evaluate("(id) => kw.send(id)", store)
    assert (told["problem"] or {}).get("code") == code
    assert told["left"] == 1


def test_one_entry_that_breaks_the_site_does_not_hold_up_the_rest(at: Page, phone_site: PhoneSite) -> None:
    intake, site = Intake(phone_site), Changes(phone_site)
    site.touch(*ids(0, 2))
    batches = []

    def fragile(asked: dict[str, Any]) -> tuple[int, Any]:
        numbers = [phone_site.key.entry(envelope, SECRET)["asked"]["n"] for envelope in asked["envelopes"]]
        batches.append(len(numbers))
        return (500, b"<h1>Server Error</h1>") if 7 in numbers else intake(asked)

    phone_site.answers[ENVELOPES] = fragile
    make(at, phone_site)
    write(at, 30)
    told = at.evaluate("kw.syncNow(store)")
    assert (told["sent"], told["left"], told["gained"]) == (29, 1, 2)
    assert (told["problem"]["code"], told["problem"]["entry"]) == ("site-trouble", True)
    assert intake.numbers == [n + 1 for n in range(30) if n != 7]
    assert len(batches) < 16
    # A site that is down is asked a few times and then left in peace.
    batches.clear()
    write(at, 30, start=30)
    phone_site.answers[ENVELOPES] = lambda asked: (batches.append(1), (500, b""))[1]
    assert at.evaluate("kw.syncNow(store)")["left"] == 31
    assert len(batches) == 4
    phone_site.answers[ENVELOPES] = intake
    assert at.evaluate("kw.syncNow(store)")["left"] == 0


def test_what_was_acknowledged_stays_30_days_of_the_sites_clock(at: Page, phone_site: PhoneSite) -> None:
    intake = Intake(phone_site)
    make(at, phone_site)
    write(at, 3)
    at.evaluate("kw.send(store.id)")
    count = "Promise.all([kw.read('outbox', (t) => t.count()), store.list('entry').then((all) => all.length)])"
    for now, kept in (
        ("2026-12-21T11:59:00+00:00", 4),
        ("2026-12-21T12:01:00+00:00", 2),
        ("2027-06-01T00:00:00+00:00", 1),
    ):
        # The phone's own clock says years before and after: only the site's counts.
        at.evaluate("() => { const real = Date.now; Date.now = () => real() - 700 * 86400000; }")
        write(at, 1)
        intake.now = now
        at.evaluate("kw.send(store.id)")
        assert at.evaluate(count) == [kept, kept]


def test_a_new_epoch_is_offered_what_the_old_one_acknowledged(at: Page, phone_site: PhoneSite) -> None:
    intake, site = Intake(phone_site), Changes(phone_site)
    make(at, phone_site)
    write(at, 60)
    told = at.evaluate("kw.syncNow(store)")
    assert (told["sent"], told["left"], len(intake.taken)) == (60, 0, 60)
    assert at.evaluate("kw.syncNow(store)")["sent"] == 0
    # The site is restored from a backup of before: half of it is gone, and its line of positions is another.
    lost = dict(list(intake.taken.items())[30:])
    intake.taken = {key: entry for key, entry in intake.taken.items() if key not in lost}
    site.epoch = "e2"
    write(at, 1, start=60)
    told = at.evaluate("kw.syncNow(store)")
    assert (told["sent"], told["left"]) == (1 + 61, 0)  # the new one, then all that is on offer
    assert sorted(intake.numbers) == list(range(1, 62))
    assert at.evaluate("kw.syncNow(store)")["sent"] == 0


def test_an_epoch_that_ended_while_the_offer_was_cut_is_still_offered(at: Page, phone_site: PhoneSite) -> None:
    intake, site = Intake(phone_site), Changes(phone_site)
    make(at, phone_site)
    write(at, 3)
    at.evaluate("kw.syncNow(store)")
    intake.taken.clear()
    site.epoch = "e2"
    phone_site.answers[ENVELOPES] = lambda asked: (500, b"")
    assert at.evaluate("kw.syncNow(store)")["problem"]["code"] == "site-trouble"
    phone_site.answers[ENVELOPES] = intake
    at.evaluate("kw.syncNow(store)")
    assert intake.numbers == [1, 2, 3]


def test_two_tabs_send_each_entry_once(chromium: Browser, phone_site: PhoneSite) -> None:
    intake, _ = Intake(phone_site), Changes(phone_site)
    context = chromium.new_context()
    one, two = (phone_site.visit(context.new_page()) for _ in range(2))
    store = make(one, phone_site)
    two.evaluate("async ([id, pass]) => { window.store = await kw.openStore(id, pass); }", [store, PASS])
    write(one, 130)
    for page in (one, two):
        page.evaluate("() => { window.done = Promise.all([kw.syncNow(store), kw.syncNow(store), kw.send(store.id)]); }")
    told = [*one.evaluate("window.done"), *two.evaluate("window.done")]
    assert sum(one["sent"] for one in told) == 130
    assert sum(one["busy"] for one in told) >= 1
    assert intake.numbers == list(range(1, 131))
    sent = [envelope["id"] for path, asked in phone_site.asked if path == ENVELOPES for envelope in asked["envelopes"]]
    assert len(sent) == len(set(sent)) == 130
    context.close()


class Changes:
    """A site with people, after the written protocol: by epoch and position, in pages, lost and gained by digest."""

    def __init__(self, site: PhoneSite) -> None:
        self.epoch = "e1"
        self.position = 0
        self.people: dict[str, int] = {}  # id: position of its last change
        self.page = 100
        self.settings = {"etag": "s1", "phone.lock_minutes": 5}
        self.capped: dict[str, Any] | None = None
        self.faults: list[tuple[int, Any]] = []
        self.tokens: set[str] = set()
        site.answers[CHANGES] = self

    def touch(self, *ids: str) -> None:
        for one in ids:
            self.position += 1
            self.people[one] = self.position

    def __call__(self, asked: dict[str, Any]) -> tuple[int, Any]:
        self.tokens.add(asked["token"])
        if self.faults:
            return self.faults.pop(0)
        start = asked["position"] if asked["epoch"] == self.epoch else 0
        mine = hashlib.sha256("\n".join(sorted(one.replace("-", "") for one in self.people)).encode()).hexdigest()
        nobody = asked["have"] == hashlib.sha256(b"").hexdigest()
        held = [] if nobody else list(self.people) if asked["have"] == mine else asked.get("people")
        frame = {
            "now": NOON, "epoch": self.epoch, "today": [{"id": "d1", "kind": "care.visit"}], "capped": self.capped,
            "settings": None if asked["settings_etag"] == self.settings["etag"] else self.settings,
            "offer_from": None,
        }  # fmt: skip
        if held is None:
            return 200, {
                **frame,
                "position": start,
                "more": True,
                "ask": "people",
                "gained": [],
                "changed": [],
                "lost": [],
            }
        gained = sorted(set(self.people) - set(held))
        changed = sorted((at, one) for one, at in self.people.items() if one in held and at > start)
        page = changed[: self.page]
        room = gained[: self.page - len(page)]
        rest = len(page) < len(changed)
        return 200, {
            **frame,
            "position": page[-1][0] if rest else self.position,
            "more": rest or len(room) < len(gained),
            "ask": "people" if len(room) < len(gained) else None,
            "gained": [{"id": one, "version": self.people[one]} for one in room],
            "changed": [{"id": one, "version": at} for at, one in page],
            "lost": sorted(set(held) - set(self.people)),
        }


def ids(first: int, many: int) -> list[str]:
    return [f"018f0000-0000-7000-8000-{number:012d}" for number in range(first, first + many)]


HELD = """() => store.list("person").then((all) => all.map((one) => [one.id, one.version]).sort())"""


def test_changes_come_in_pages_and_go_on_where_they_were_cut(at: Page, phone_site: PhoneSite) -> None:
    Intake(phone_site)
    site = Changes(phone_site)
    site.touch(*ids(0, 250))
    make(at, phone_site)
    asks: list[Any] = []
    phone_site.answers[CHANGES] = lambda asked: (asks.append(asked), site(asked) if len(asks) != 2 else (503, b""))[1]
    told = at.evaluate("kw.syncNow(store)")
    assert (told["gained"], told["problem"]["code"]) == (100, "site-trouble")
    assert len(at.evaluate(HELD)) == 100
    seen: list[Any] = at.evaluate(
        """async () => {
          const seen = [];
          return [await kw.syncNow(store, {onProgress: (one) => seen.push(one)}), seen];
        }"""
    )
    assert (seen[0]["gained"], seen[0]["lost"]) == (150, 0)
    assert {"stage": "getting", "done": 150} in seen[1]
    assert at.evaluate(HELD) == [[one, site.people[one]] for one in sorted(site.people)]
    assert at.evaluate("Promise.all([store.meta('today'), store.meta('settings')])") == [
        [{"id": "d1", "kind": "care.visit"}],
        site.settings,
    ]
    # Now only what changed: some anew, some gone, some another's.
    site.touch(*ids(10, 5))
    for one in ids(20, 3):
        del site.people[one]
    site.touch(*ids(1000, 2))
    site.capped = {"most": 400, "says": "This phone holds 400 people."}
    told = at.evaluate("kw.syncNow(store)")
    assert {name: told[name] for name in ("gained", "changed", "lost", "capped", "problem")} == {
        "gained": 2, "changed": 5, "lost": 3, "capped": site.capped, "problem": None,
    }  # fmt: skip
    assert at.evaluate(HELD) == [[one, site.people[one]] for one in sorted(site.people)]
    before = len(asks)
    told = at.evaluate("kw.syncNow(store)")
    assert (told["gained"], told["changed"], told["lost"], len(asks) - before) == (0, 0, 0, 1)
    assert asks[-1]["settings_etag"] == "s1"
    # A restored site: everything again from the start, nobody twice.
    site.epoch, site.position = "e2", 0
    site.people.clear()
    site.touch(*ids(0, 120))
    at.evaluate("kw.syncNow(store)")
    assert at.evaluate(HELD) == [[one, site.people[one]] for one in sorted(site.people)]
    assert site.tokens == {"Bearer read-1"}


def test_a_page_that_does_not_fit_the_disk_is_not_half_there(at: Page, phone_site: PhoneSite) -> None:
    Intake(phone_site)
    site = Changes(phone_site)
    site.touch(*ids(0, 50))
    make(at, phone_site)
    fault = at.evaluate("""async () => {
      const put = IDBObjectStore.prototype.put;
      let left = 30;
      IDBObjectStore.prototype.put = function (...given) {
        if (this.name === "records" && (left -= 1) < 0) throw new DOMException("no room", "QuotaExceededError");
        return put.apply(this, given);
      };
      const fault = await kw.fails(() => kw.syncNow(store));
      IDBObjectStore.prototype.put = put;
      return [fault && fault.code, (await store.list("person")).length, await store.meta("sync")];
    }""")
    assert fault == ["storage-full", 0, None]
    assert at.evaluate("kw.syncNow(store)")["gained"] == 50
    assert len(at.evaluate(HELD)) == 50


def test_a_revoked_phone_forgets_everything_readable_and_keeps_what_is_sealed(at: Page, phone_site: PhoneSite) -> None:
    intake, site = Intake(phone_site), Changes(phone_site)
    site.touch(*ids(0, 3))
    store = make(at, phone_site)
    at.evaluate("kw.syncNow(store)")
    phone_site.answers[ENVELOPES] = lambda asked: (503, b"")
    write(at, 2)
    phone_site.answers[ENVELOPES] = lambda asked: (200, {"now": NOON, "answers": []})
    site.faults = [(403, {"problem": {"code": "device-revoked", "says": "This phone was ended.", "remedy": "Ask."}})]
    told = at.evaluate("kw.syncNow(store)")
    assert (told["revoked"], told["problem"]["code"], told["left"]) == (True, "device-revoked", 2)
    assert at.evaluate("store.locked") is True
    assert at.evaluate("kw.read('records', (t) => t.count())") == 0
    row = at.evaluate("(id) => kw.read('stores', (t) => t.get(id))", store)
    assert set(row) == {"id", "gone", "drop", "inbox", "seq"}
    assert at.evaluate("kw.leftBehind()") == [{"id": store, "why": "revoked"}]
    assert (
        at.evaluate("([id, pass]) => kw.fails(() => kw.openStore(id, pass))", [store, PASS])["code"] == "no-such-store"
    )
    phone_site.answers[ENVELOPES] = intake
    assert at.evaluate("(id) => kw.send(id)", store)["sent"] == 2
    assert intake.numbers == [1, 2]


def test_questionnaires_are_fetched_when_they_changed(at: Page, phone_site: PhoneSite) -> None:
    asked = []

    def instruments(question: dict[str, Any]) -> tuple[int, Any]:
        asked.append((question["address"].partition("?")[2], question["tag"]))
        if question["tag"] == phone_site.tag:
            return 304, b""
        return 200, {"language": "en", "instruments": [{"slug": "phq-9", "made": len(asked)}]}

    phone_site.answers["/phone/api/instruments"] = instruments
    phone_site.tag = '"one"'
    make(at, phone_site)
    fetch = "(language) => kw.fetchInstruments(store, language).then(() => store.meta('instruments'))"
    assert at.evaluate(fetch, "en") == [{"slug": "phq-9", "made": 1}]
    assert at.evaluate(fetch, "en") == [{"slug": "phq-9", "made": 1}]
    assert at.evaluate(fetch, "ar") == [{"slug": "phq-9", "made": 3}]
    phone_site.tag = '"two"'
    assert at.evaluate(fetch, "ar") == [{"slug": "phq-9", "made": 4}]
    assert asked == [("language=en", None), ("language=en", '"one"'), ("language=ar", None), ("language=ar", '"one"')]
