"""The phone: a week's work of fifty entries sent up, and the first sync of three hundred people, over HTTP.

Envelopes are sealed before the clock starts; each is opened, vouched for, checked for reach and consent, scored or
sealed, journalled, and durable when it is answered. Then a new phone of a worker with 300 people, each with a
history, asks for all of them. Goals: design section 8.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import time
from typing import Any

from bench.client import Seen, drive, request
from bench.site import Site, fresh
from bench.table import Rounds, Row, progress, show

ENTRIES = 50
CONNECTIONS = (1, 4, 16)
WORDS = (
    "slept better walked with the sister to the market spoke of the field the goat and the roof rested twice "
    "wants to visit the aunt next week cooked again laughed about the radio will try the song in the evening"
).split()


def sizes(quick: bool) -> dict[str, int]:
    return {"weeks": 8, "people": 30, "rounds": 1} if quick else {"weeks": 48, "people": 300, "rounds": 3}


def run(quick: bool = False, postgres: bool = True) -> list[Row]:
    size = sizes(quick)
    rows: list[Row] = []
    for kind in ("SQLite", "PostgreSQL") if postgres else ("SQLite",):
        from bench.actions import _database

        with _database(kind) as url, fresh(url) as site:
            rows += _measure(site, kind, **size)
    show("The phone (sealed envelopes and changes over HTTP)", rows, [
        f"A week is {ENTRIES} entries: 3 newcomers with consent and a number, 27 meetings, 9 questionnaires, 5 goals.",
        "Server, client and database share the cores.",
    ])  # fmt: skip
    return rows


def _measure(site: Site, kind: str, *, weeks: int, people: int, rounds: int) -> list[Row]:
    progress(f"{kind}: {weeks} phones with a week each, for each number of connections and round")
    made = site.call("bench.phone:prepare", weeks=weeks * rounds * len(CONNECTIONS) + 4)
    progress(f"{kind}: a worker with {people} people")
    reader = site.call("bench.phone:caseload", people=people)
    taken: list[bytes] = [_post("envelopes", one["drop"], one["body"].encode()) for one in made]
    rows: list[Row] = []
    with site.served() as served:
        drive(served.port, taken[:4], 4)
        at = 4
        for connections in CONNECTIONS:
            seen = []
            for _ in range(rounds):
                seen.append(drive(served.port, taken[at : at + weeks], connections, keep=True))
                at += weeks
            rows += _sent(kind, connections, seen)
        rows += _first_sync(kind, served.port, reader, people, max(rounds, 3))
    found = site.call("bench.phone:counted")
    if found != {"entries": len(made) * ENTRIES, "held": 0}:
        raise AssertionError(f"{len(made) * ENTRIES} were sent, the journal holds {found}")
    return rows


def _post(path: str, token: str, body: bytes) -> bytes:
    headers = [f"Authorization: Bearer {token}", "Accept-Encoding: gzip"]
    return request("POST", f"/phone/api/{path}", body=body, headers=headers)


def _sent(kind: str, connections: int, seen: list[Seen]) -> list[Row]:
    states = {a["state"] for one in seen for body in one.bodies for a in json.loads(gzip.decompress(body))["answers"]}
    note = "all accepted" if states == {"accepted"} and not any(one.errors for one in seen) else f"states {states}"
    what = f"{kind}, {connections} connection{'s' * (connections > 1)}"
    goal = 100 if connections == 1 else None
    rate = Rounds.of([one.rate * ENTRIES for one in seen])
    return [
        Rounds.of([one.milliseconds(0.5) for one in seen]).row(f"{what}: a week, p50", "ms", at_most=goal, note=note),
        Rounds.of([one.milliseconds(0.95) for one in seen]).row(f"{what}: a week, p95", "ms"),
        rate.row(f"{what}: entries", "per s", at_least=3_000),
    ]


def _first_sync(kind: str, port: int, reader: dict[str, str], people: int, rounds: int) -> list[Row]:
    seconds, sizes_ = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        received, held, answer = 0, {}, {"epoch": None, "position": 0, "more": True, "ask": None}
        while answer["more"]:
            have = hashlib.sha256("\n".join(sorted(one.replace("-", "") for one in held)).encode()).hexdigest()
            asked = {"epoch": answer["epoch"], "position": answer["position"], "have": have}
            if answer["ask"] == "people":
                asked["people"] = sorted(held)
            one = drive(port, [_post("changes", reader["read"], json.dumps(asked).encode())], 1, keep=True)
            received += len(one.bodies[0])
            answer = json.loads(gzip.decompress(one.bodies[0]))
            held |= {document["id"]: document for document in answer["gained"]}
        seconds.append(time.perf_counter() - began)
        sizes_.append(float(received))
        if len(held) != people:
            raise AssertionError(f"{len(held)} of {people} people came")
    share = people / 300  # a small run is held to its share of the goal
    return [
        Rounds.of(sizes_).times(1 / 1000).row(f"{kind}: first sync of {people} people, compressed", "kB",
                                              at_most=400 * share),
        Rounds.of(seconds).row(f"{kind}: first sync of {people} people", "s", at_most=2 * share),
    ]  # fmt: skip


# ------------------------------------------------------------------------------- inside the site


def prepare(weeks: int) -> list[dict[str, str]]:
    """Phones of as many workers, each with a sealed week of work; the requests' bodies and tokens."""
    from bench import world

    made = world.make(places=4, teams=min(50, weeks), workers=weeks)
    return [_week(made, worker, n) for n, worker in enumerate(made.workers)]


def _week(made: Any, worker: Any, n: int) -> dict[str, str]:
    from kinweave.house import devices
    from kinweave.house.access import Actor
    from kinweave.house.intake_key import b64u, key_id, public_key
    from tests.phone_kit import Phone
    from tests.phone_kit import made as made_by

    told = devices.register(by=Actor.of(worker), label="bench")
    site = {"public_key": b64u(public_key()), "kid": key_id()}
    phone = Phone(str(worker), str(told.device.id), told.secret, told.drop_token, told.read_token, site, client=None)
    rng, sent, people = random.Random(n), [], []
    for _ in range(3):
        new = phone.write("people.register_person", **_newcomer(made, worker, rng))
        person = made_by(new, "person")
        people.append(person)
        sent += [
            new,
            phone.write("flows.agree", person_id=person, purpose="care", given=True),
            phone.write("people.add_contact", person_id=person, kind="phone", value=f"07{rng.randrange(10**8):08}"),
        ]
    for number in range(ENTRIES - 9):
        person = people[number % 3]
        if number < 27:
            sent.append(phone.write("care.note_session", person_id=person, held=True, note=_said(rng), mood="easier"))
        elif number < 36:
            answers = {f"q{item}": rng.choice((0, 1, 1, 2, 3)) for item in range(1, 9)} | {"q9": 0}
            asked = {"person_id": person, "instrument": "phq-9", "answers": answers, "language": "en"}
            sent.append(phone.write("flows.receive_response", **asked))
        else:
            sent.append(phone.write("care.set_goal", person_id=person, text=_said(rng)))
    return {"drop": told.drop_token, "body": json.dumps({"now": phone.now.isoformat(), "envelopes": sent})}


def _newcomer(made: Any, worker: Any, rng: random.Random) -> dict[str, Any]:
    return {
        "organisation_id": made.organisation, "programme_id": made.programme, "place_id": made.places[0],
        "team_id": made.teams[made.team_of(made.workers.index(worker))], "alias": f"Reed {rng.randrange(10**6)}",
        "birth_year": rng.randrange(1950, 2005), "gender": rng.choice(("woman", "man")), "language": "en",
    }  # fmt: skip


def _said(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(8, 24)))


def caseload(people: int) -> dict[str, str]:
    """A worker of the site with this many people of her own, each with a history of half a year."""
    from bench import world
    from kinweave.house import devices
    from kinweave.house.access import SYSTEM, Actor
    from kinweave.house.actions import grant_role
    from kinweave.house.models import Account
    from kinweave.house.sequencer import sequence

    made = world.there()
    account = Account.objects.create(username="many", shown_name="Many", password="!")
    grant_role(by=SYSTEM, account_id=account.id, role="worker", organisation_id=made.organisation,
               team_id=made.teams[0])  # fmt: skip
    by = Actor.of(account.id)
    for n in range(people):
        _history(made, by, random.Random(n))
    sequence()
    return {"read": devices.register(by=by, label="many").read_token}


def _history(made: Any, by: Any, rng: random.Random) -> None:
    """Consents, a contact, two goals, nine meetings with notes, three rounds of questions."""
    from kinweave.care.actions import move_on, note_session, set_goal
    from kinweave.flows.receive import receive_response
    from kinweave.people.actions import add_contact, record_consent, register_person

    asked = {**_newcomer(made, made.workers[0], rng), "team_id": made.teams[0]}
    person = register_person(by=by, **asked).result["person"]
    for purpose in ("care", "statistics"):
        record_consent(by=by, person_id=person, purpose=purpose, given=True)
    add_contact(by=by, person_id=person, kind="phone", value=f"07{rng.randrange(10**8):08}", allowed="call")
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    for _ in range(2):
        set_goal(by=by, person_id=person, text=_said(rng))
    for _ in range(9):
        note_session(by=by, person_id=person, held=True, note=_said(rng))
    for _ in range(3):
        answers = {f"q{item}": rng.choice((0, 1, 1, 2, 3)) for item in range(1, 9)} | {"q9": 0}
        receive_response(by=by, person_id=person, instrument="phq-9", answers=answers, language="en")


def counted() -> dict[str, int]:
    """What the journal holds of what the phones sent, and what could not be placed."""
    from kinweave.house.models import Entry, Held

    return {"entries": Entry.objects.exclude(device="").count(), "held": Held.objects.count()}
