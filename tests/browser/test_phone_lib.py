"""The phone's scoring and safety rules equal the server's; its ids, bytes and language features."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from kinweave.core import safety
from kinweave.core.instruments import compile_table, load_all
from kinweave.core.scoring import AnswersOutOfRange, meets, score
from tests.browser.phone_site import PhoneSite

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "kinweave" / "front" / "static" / "phone" / "lib"
TABLES = {slug: compile_table(made) for slug, made in load_all(ROOT / "instruments").items()}
A_TABLE = 2000  # random answer sets per questionnaire

RUN = """async (batch) => {
  const [scoring, safety] = [await import("/static/phone/lib/scoring.js"), await import("/static/phone/lib/safety.js")];
  const {tables, cases} = JSON.parse(batch);
  return JSON.stringify(cases.map(([slug, answers]) => {
    const table = tables[slug];
    const signs = safety.find(table, answers);
    try {
      const scored = scoring.score(table, answers);
      const passed = table.cutoffs.map((cut) => scoring.meets(table, scored, cut.code));
      return {scales: scored.scales, slug: scored.slug, version: scored.version, passed, signs};
    } catch (error) {
      if (!error.code) throw error;
      return {code: error.code, items: error.items, unknown: error.unknown, signs};
    }
  }));
}"""


@pytest.fixture
def at_site(new_page: Callable[..., Page]) -> Iterator[Page]:
    with PhoneSite() as site:
        page = new_page()
        page.goto(site.url)
        yield page


def by_server(table: Any, answers: Any) -> dict[str, Any]:
    """What the server's own interpreter says, in the shape of the phone's."""
    signs = [dataclasses.asdict(sign) for sign in safety.find(table, answers)]
    try:
        scored = score(table, answers)
    except AnswersOutOfRange as problem:
        return {"code": problem.code, **problem.facts, "signs": signs}
    scales = [
        {
            "code": scale.code,
            "scaled": scale.scaled,
            "digits": scale.digits,
            "band": scale.band,
            "answered": scale.n_answered,
            "missing": scale.n_missing,
            "declined": scale.n_declined,
            "prorated": scale.prorated,
            "reason": scale.reason,
        }
        for scale in scored.scales
    ]
    passed = [meets(table, scored, cut["code"]) for cut in table["cutoffs"]]
    return {"scales": scales, "slug": scored.slug, "version": scored.version, "passed": passed, "signs": signs}


def compare(page: Page, tables: dict[str, Any], cases: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Send every case into the page at once; both sides must say the same. Returns what was said."""
    said = json.loads(page.evaluate(RUN, json.dumps({"tables": tables, "cases": cases})))
    assert len(said) == len(cases)
    for (slug, answers), phone in zip(cases, said, strict=True):
        # Through JSON, as a phone would send them.
        assert phone == by_server(tables[slug], json.loads(json.dumps(answers))), (slug, answers)
    return said


def test_every_golden_answer_scores_alike(at_site: Page) -> None:
    cases = []
    for slug in TABLES:
        golden = json.loads((ROOT / "instruments" / slug / "golden.json").read_text(encoding="utf-8"))
        cases += [(slug, case["answers"]) for part in ("cases", "impossible") for case in golden.get(part, [])]
    said = compare(at_site, TABLES, cases)
    assert {slug for slug, _ in cases} == set(TABLES)
    assert any(one["signs"] for one in said)
    assert any(one.get("code") for one in said)


def some_answers(rng: random.Random, table: Any) -> dict[str, Any]:
    """One answer set: mostly coded answers, with gaps, refusals and now and then what cannot be."""
    gaps, odd = rng.choice([0.0, 0.05, 0.2, 0.5, 0.9]), rng.choice([0.0, 0.0, 0.0, 0.02])
    answers: dict[str, Any] = {}
    for item in table["items"]:
        draw = rng.random()
        if draw < gaps / 2:
            continue
        if draw < gaps:
            answers[item["code"]] = rng.choice([None, "declined", "declined"])
        elif draw < gaps + odd:
            answers[item["code"]] = rng.choice([-1, 99, 1.5, "2", "", True, False, [1], {"a": 1}, 10**20, "Declined"])
        else:
            answers[item["code"]] = rng.choice(item["values"])
    if rng.random() < 0.03:
        answers[rng.choice(["q0", "extra", "__proto__", "constructor", "Q1"])] = rng.choice([1, None, "declined"])
    return answers


def test_random_answers_score_alike(at_site: Page) -> None:
    rng = random.Random(20261121)
    cases = [(slug, some_answers(rng, table)) for slug, table in TABLES.items() for _ in range(A_TABLE)]
    said = compare(at_site, TABLES, cases)
    scales = [scale for one in said for scale in one.get("scales", [])]
    # The draw reaches what it is there for: scores, gaps filled, too few answers, impossible answers, signs.
    assert sum(scale["prorated"] for scale in scales) > 500
    assert sum(scale["scaled"] is None for scale in scales) > 500
    assert sum(scale["declined"] > 0 for scale in scales) > 500
    assert sum("code" in one for one in said) > 200
    assert {sign["code"] for one in said for sign in one["signs"]} == {
        rule["code"] for table in TABLES.values() for rule in table["safety"]
    }


def a_table(rng: random.Random, slug: str) -> dict[str, Any]:
    """A table that no shipped questionnaire has: negative points, every operation, ties in the rounding."""
    codes = [f"q{number}" for number in range(1, rng.randint(2, 7))]
    values = sorted(rng.sample(range(-3, 8), rng.randint(2, 5)))
    op = rng.choice(["sum", "sum", "mean", "any"])
    scale = {
        "code": "s",
        "op": op,
        "items": [{"code": code, "points": [[v, rng.randint(-4, 9)] for v in values]} for code in codes],
        "need": rng.randint(1, len(codes)),
        "fill": "skip" if op != "sum" else rng.choice(["none", "prorate"]),
        "times": [rng.randint(1, 25), rng.randint(1, 8)],
        "digits": rng.randint(0, 3),
        "rounding": "half_up",
        "lowest": -1000,
        "highest": 100000,
        "bands": [
            {"code": "low", "from": -(10**6), "to": 3},
            {"code": "middle", "from": 4, "to": 40},
            {"code": "high", "from": 44, "to": 10**7},
        ],
    }
    implied = [{"when": codes[0], "values": values[:1], "item": codes[-1], "value": values[-1]}]
    rules = ("at_least", "above", "at_most", "below")
    cutoffs = [
        {"code": rule, "scale": "s", "rule": rule, "value": 5, "language": "", "population": ""} for rule in rules
    ]
    return {
        "format": 1,
        "slug": slug,
        "version": "1",
        "items": [{"code": code, "values": values} for code in codes],
        "implied": implied if len(codes) > 1 else [],
        "scales": [scale],
        "cutoffs": cutoffs,
        "safety": [],
    }


def test_invented_tables_with_negative_points_and_ties_score_alike(at_site: Page) -> None:
    rng = random.Random(7)
    tables = {f"t{number}": a_table(rng, f"t{number}") for number in range(400)}
    cases = [(slug, some_answers(rng, table)) for slug, table in tables.items() for _ in range(25)]
    said = compare(at_site, tables, cases)
    values = [scale["scaled"] for one in said for scale in one.get("scales", [])]
    assert sum(value is not None and value < 0 for value in values) > 100
    # A tie by hand: 1 x 5 / 2 = 2.5 gives 3, and -2.5 gives -2: half up, not half away from nought.
    tie = a_table(rng, "tie")
    tie["items"] = [{"code": "q1", "values": [1, 2]}]
    tie["implied"] = []
    tie["scales"][0].update(
        op="sum", fill="none", need=1, times=[5, 2], digits=0, items=[{"code": "q1", "points": [[1, 1], [2, -1]]}]
    )
    up, down = compare(at_site, {"tie": tie}, [("tie", {"q1": 1}), ("tie", {"q1": 2})])
    assert (up["scales"][0]["scaled"], down["scales"][0]["scaled"]) == (3, -2)


# What a form, an export tool or a hand may have written for one answer, of every type that JSON has.
WRITTEN = [
    0, 1, 2, 3, 4, -1, 99, 1.5, 2.0, 1e300, 10**400, True, False, None, "", "  ", "declined",
    "DECLINED ", " Declined\u2003",
    "0", "1", " 3 ", "3.0", "3.", ".5", "+2", "-0", "-1", "1_0", "1__0", "_1", "0_1", "2e0", "20e-1", "2E0", "1e400",
    "0x2", "0b1", "1,0", "nan", "inf", "Infinity", "-inf", "yes", "3 of 3", "1" * 41, "0" * 39 + "1", "0" * 40 + "1",
    "٣", "२", "１", "٣.٠", "১", "𝟑", "𝟘", "Ⅲ", "³", "٣_٠", "\x1c2\x1f", "\u00852", "\ufeff2", "2\u200b", "\u30002",
    "2\x00", "\ud800",
    [], {}, [None], ["0", "2"], {"value": 3}, [[{"code": "1"}]], [[[[["٢"]]]]], {"a": {"b": ["x"]}}, ["declined", 0],
    [0] * 199 + [3], [0] * 200 + [3], [0] * 500, [[]] * 300, [[0] * 3] * 60, {str(n): 0 for n in range(250)},
]  # fmt: skip
NAMED = [
    "{item}", " {item} ", "group/{item}", "a/b/{item}", "g-{item}", "g:{item}", "g.{item}", "{ITEM}", "G/{ITEM}\u2003",
    "\x1c{item}",
    "x{item}", "{item}9", "{item}/other", "/{item}", "", "\ufeff{item}", "ß/{item}", "{item}\u0307", "ſ.{item}",
]  # fmt: skip


def test_safety_signs_are_alike_however_an_answer_is_written(at_site: Page) -> None:
    tables = {slug: table for slug, table in TABLES.items() if table["safety"]}
    assert tables
    rng = random.Random(3)
    cases: list[tuple[str, Any]] = []
    for slug, table in tables.items():
        item = table["safety"][0]["item"]
        names = [name.format(item=item, ITEM=item.upper()) for name in NAMED]
        cases += [(slug, {name: written}) for name in names for written in WRITTEN]
        cases += [(slug, dict(zip(rng.sample(names, 3), rng.choices(WRITTEN, k=3), strict=True))) for _ in range(3000)]
    said = at_site.evaluate(
        """async (batch) => {
          const safety = await import("/static/phone/lib/safety.js");
          const {tables, cases} = JSON.parse(batch);
          return JSON.stringify(cases.map(([slug, answers]) => safety.find(tables[slug], answers)));
        }""",
        json.dumps({"tables": tables, "cases": cases}),
    )
    seen = set()
    for (slug, answers), phone in zip(cases, json.loads(said), strict=True):
        server = [dataclasses.asdict(sign) for sign in safety.find(tables[slug], answers)]
        assert phone == server, (slug, answers)
        seen |= {sign["certain"] for sign in server} or {None}
    assert seen == {True, False, None}


@pytest.mark.parametrize("whole", ["[]", "null", "3", '"q9"', "[[1]]"])
def test_what_is_no_answer_set_gives_no_sign(at_site: Page, whole: str) -> None:
    table = next(table for table in TABLES.values() if table["safety"])
    run = """async ([table, whole]) => (await import("/static/phone/lib/safety.js")).find(table, JSON.parse(whole))"""
    assert at_site.evaluate(run, [table, whole]) == []
    assert safety.find(table, json.loads(whole)) == ()


def test_ids_sort_by_time_and_keep_their_order_within_a_millisecond(at_site: Page) -> None:
    made = at_site.evaluate(
        """async () => {
          const {uuid7} = await import("/static/phone/lib/uuid7.js");
          const burst = Array.from({length: 20000}, () => uuid7(1700000000000));
          const later = uuid7(1700000000500);
          return {burst, later, live: Array.from({length: 5000}, () => uuid7()), back: uuid7(1600000000000)};
        }"""
    )
    shape = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    everything = [*made["burst"], made["later"], *made["live"], made["back"]]
    assert all(shape.fullmatch(one) for one in everything)
    assert len(set(everything)) == len(everything)
    assert made["burst"] == sorted(made["burst"])
    assert made["live"] == sorted(made["live"])
    assert made["burst"][-1] < made["later"]
    assert made["burst"][0].startswith("018bcfe5-6800-")  # 1,700,000,000,000 ms
    assert made["back"].startswith("0174876e-8000-")  # an older time is taken as it is


def test_bytes_go_there_and_back(at_site: Page) -> None:
    said = at_site.evaluate(
        """async () => {
          const B = await import("/static/phone/lib/bytes.js");
          const all = Uint8Array.from({length: 70000}, (_, n) => n % 256);
          const odd = [0, 1, 2, 3].map((n) => B.same(B.unb64u(B.b64u(all.slice(0, n))), all.slice(0, n)));
          let broken = false;
          try { B.text(new Uint8Array([255, 254])); } catch { broken = true; }
          const view = all.subarray(10, 20);
          return {odd, long: B.same(B.unb64u(B.b64u(all)), all), broken,
            words: B.text(B.utf8("نور 𝟑 ñ")), hex: B.hex([0, 15, 255]),
            joined: B.hex(B.concat(view, new Uint8Array([1]).buffer)), unlike: B.same(B.utf8("a"), B.utf8("ab")),
            chars: B.b64u(all.slice(248, 256))};
        }"""
    )
    assert said == {
        "odd": [True] * 4,
        "long": True,
        "words": "نور 𝟑 ñ",
        "hex": "000fff",
        "broken": True,
        "joined": "0a0b0c0d0e0f1011121301",
        "unlike": False,
        "chars": "-Pn6-_z9_v8",
    }


LATER_THAN_CHROME_80 = {
    r"\?\?=|\|\|=|&&=": "logical assignment (85)",
    r"\.at\(": "at() (92)",
    r"\.replaceAll\(": "replaceAll (85)",
    r"structuredClone": "structuredClone (98)",
    r"randomUUID": "randomUUID (92)",
    r"\.findLast": "findLast (97)",
    r"Object\.hasOwn\b": "hasOwn (93)",
    r"Promise\.any|AggregateError": "Promise.any (85)",
    r"WeakRef|FinalizationRegistry": "WeakRef (84)",
    r"\.toSorted|\.toReversed|\.with\(|\.groupBy|Array\.fromAsync": "newer array methods",
    r"AbortSignal\.(timeout|any)": "AbortSignal.timeout (103)",
    r"^\s*static\s*\{|^\s+#\w+\s*\(": "class static blocks (94), private methods (84)",
    r"/[a-z]*[dv][a-z]*\.test": "regular expression flags d, v",
    r"CompressionStream|navigator\.userActivation": "CompressionStream",
    r"from \"(?!\./)": "an address outside the library",
}


@pytest.mark.parametrize("file", sorted(LIB.glob("*.js")), ids=lambda file: file.name)
def test_nothing_younger_than_chrome_80(file: Path) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    for pattern, what in LATER_THAN_CHROME_80.items():
        assert not re.search(pattern, code, re.MULTILINE), f"{file.name}: {what}"
    assert not re.search(r"^await\b|^(?:const|let) [^\n]*= await\b", code, re.MULTILINE), (
        f"{file.name}: top-level await"
    )


def test_the_library_stays_small() -> None:
    import gzip

    whole = "".join(file.read_text(encoding="utf-8") for file in sorted(LIB.glob("*.js")))
    bare = re.sub(r"^\s*(?://[^\n]*|/\*\*.*?\*/)\n", "", whole, flags=re.DOTALL | re.MULTILINE)
    assert len(bare) < len(whole)
    assert len(gzip.compress(bare.encode(), 9)) <= 35_000
