"""The report's numbers as CSV, and the table that says what each column is. Shown numbers only."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = (
    ("report", "Address of the report these numbers belong to"),
    ("place", "Name of the place"),
    ("question", "What the table answers, as a short code; see the list below the columns"),
    ("period", "A year, such as 2025, or three months of it, such as 2025-Q1: when people started or came"),
    ("split", "All, gender, age_band, disability, dimension (groups of the place) or owner; * joins combined ones"),
    ("group", "Which of them"),
    ("part", "Which part of the people: see the list below the columns; `people` means all of them"),
    ("count", "Number of people, rounded; empty where it is not shown, so that nobody can be found"),
    ("average", "Average among those asked, one decimal; empty where there is none or it is not shown"),
    ("rounded_to", "Counts are rounded to whole multiples of this"),
    ("smallest_shown", "No count below this is shown"),
    ("invented", "yes where all people are invented, as in a demonstration"),
)  # fmt: skip

# Neutral names outside the house; the codes within are the indicators' own.
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "better-and-worse": ("how-people-felt", "Of everyone who started: felt clearly better, worse, the same, or missed"),
    "symptom-change": ("points-changed", "Average change in points on the questionnaire; a fall is a relief"),
    "reach": ("reached", "People who started, of all who live here (people = inhabitants)"),
    "unmet-need": ("what-people-got", "Of everyone who came: what they had some months later"),
    "re-entry": ("came-back", "Of everyone whose time with us ended: who came back"),
    "continuity": ("same-worker", "Average share, of ten, of meetings with the worker a person knew best"),
    "sessions-held": ("meetings-held", "Average share, of ten, of planned meetings that took place"),
    "support": ("people-to-count-on", "Of everyone who started: bands from few (band_1) to many (band_3), or missed"),
    "caregivers-load": ("load-of-caring", "Of those who care for others: bands from light to heavy, or missed"),
    "alerts-answered": (
        "alerts-answered",
        "Of times when someone may have been in danger (not people): late, done, or missed: not known",
    ),
    "own-goals": (
        "own-goals",
        "Of everyone who started: reached a goal of their own, not, none written down, or missed",
    ),
    "wellbeing": (
        "wellbeing",
        "Of everyone who started: told of clearly more wellbeing (better), less, the same, or missed",
    ),
    "loneliness": (
        "feeling-lonely",
        "Of everyone who started: bands of a questionnaire in the order of its points, or missed",
    ),
    "circles": (
        "came-to-circles",
        "By heads: came to a circle for the first time, of all who live here (people = inhabitants)",
    ),
    "unpaid-hours": (
        "unpaid-hours",
        "Average share, of ten, of the hours of workers that nobody paid for (people = workers)",
    ),
    "strata": ("how-groups-felt", "As how-people-felt, by groups in combination, such as woman*60+*yes"),
    "gaps": ("same-for-all", "What a model says of groups in combination, from the numbers of how-groups-felt"),
    "lasting": ("does-it-last", "What became of the gain in points after money ended; more is better for people"),
    "slopes": (
        "first-year",
        "What a model says of average points over the first year; groups of visits too small to show are left out",
    ),
    "promises": (
        "what-was-promised",
        "Promises, not people, not rounded: how each stood; all of them, then by whoever made it, where it is named",
    ),
}
SCORE_AT = "score-at-"
PARTS: Mapping[str, str] = {
    "people": "everyone the question is about",
    "missed": "people we know nothing later about",
    "measured": "people asked at the start and later; of points-after-N: asked about N months after the start",
    "NAME_of_ten": "of ten people, chance taken out; _low and _high: the reach of chance",
    "NAME_vpc": "of a hundred parts of all that differs, how many lie between the groups; _low and _high as above",
    "after_N_months_NAME": "points: gain while the money came, after it, and what is kept; _low and _high as above",
    "NAME_mor": "median odds ratio between two groups; _low and _high as above",
    "kept, kept_late, has_time, late, broken, dropped": "promises by how they stood; dropped: no longer wanted",
    "points_after_N": "average points N months after the start, by that model; _low and _high as above",
}


def csv_text(row: Any) -> str:
    """All shown numbers of the report's place. `row`: a release with its tables."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow([name for name, _ in COLUMNS])
    place, name = row.head["place"], next(iter(row.texts.values()))["place"]
    invented = "yes" if row.head["invented"] else "no"
    noise = row.head.get("noise")
    for table in row.tables:
        rules = table["rules"]
        question = _question(table["name"])[0]
        for cell in noise["tables"].get(table["name"], ()) if noise else table["cells"]:
            if cell["place"] == place:
                first = [row.slug, _safe(name), question, _period(cell["period"]), cell["dimension"]]
                for part, count, average in _parts(table, cell):
                    write.writerow([*first, cell["group"], part, "" if count is None else count,
                                    "" if average is None else average, rules["base"], rules["smallest"],
                                    invented])  # fmt: skip
    rules = row.tables[0]["rules"] if row.tables else {"base": "", "smallest": ""}
    for one in row.head.get("models", ()):
        first = [row.slug, _safe(name), _question(one["topic"])[0], _period(one["period"])]
        for split, group, part, count, value in _modelled(one):
            write.writerow([*first, split, group, part, "" if count is None else count, value, rules["base"],
                            rules["smallest"], invented])  # fmt: skip
    first = [row.slug, _safe(name), _question("promises")[0], _period(row.period)]
    for split, group, part, count in _promises(row.head.get("promises")):
        write.writerow([*first, split, _safe(group), part, count, "", "", "", invented])
    return out.getvalue()


def _question(name: str) -> tuple[str, str]:
    """The outside name of a table and what it answers."""
    if name.startswith(SCORE_AT):
        months = name.removeprefix(SCORE_AT)
        return f"points-after-{months}", f"Average points about {months} months after the start, of all who started"
    return QUESTIONS.get(name, (name, ""))


def _modelled(one: Mapping[str, Any]) -> Iterable[tuple[str, str, str, Any, Any]]:
    """The numbers of one model: split, group, part, people, value."""
    if one["state"] != "found":
        return
    ends = ("", "_low", "_high")
    if one["topic"] == "gaps":
        about = one["about"]
        for name in ("vpc", "mor"):
            yield from (("all", "all", f"{about}_{name}{end}", None, v) for end, v in zip(ends, one[name], strict=True))
        for cell in one["rows"]:
            split, group = "*".join(one["columns"]), "*".join(cell["group"])
            values = (cell["value"], cell["low"], cell["high"])
            yield from (
                (split, group, f"{about}_of_ten{end}", cell["n"], v) for end, v in zip(ends, values, strict=True)
            )
        return
    if one["topic"] == "lasting":
        for key in ("gain", "after", "kept"):
            name = f"after_{one['months']}_months_{key}"
            yield from (("all", "all", f"{name}{end}", None, v)
                        for end, v in zip(ends, one[key], strict=True))  # fmt: skip
        return
    for months, at in zip(one["windows"], one["model"], strict=True):
        values = (at["value"], at["low"], at["high"])
        yield from (("all", "all", f"points_after_{months}{end}", None, v) for end, v in zip(ends, values, strict=True))


def _promises(found: Mapping[str, Any] | None) -> Iterable[tuple[str, str, str, int]]:
    """How many promises stand how: split, group, part and count."""
    if not found:
        return
    yield from (("all", "all", standing, count) for standing, count in found["counts"].items())
    named = Counter((one["owner"], one["standing"]) for one in found["rows"])
    yield from (("owner", owner, standing, count) for (owner, standing), count in sorted(named.items()))


def _parts(table: Mapping[str, Any], cell: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    yield "people", cell["n"], None
    for name, count in zip(table["parts"], cell["parts"], strict=True):
        yield name, count, cell["mean"] if name == "measured" else None


def _period(key: int) -> str:
    return f"{key // 10}-Q{key % 10}" if key % 10 else f"{key // 10}"


def _safe(text: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def columns_text(row: Any) -> str:
    """What each column, question and part means; itself a CSV."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(["kind", "name", "meaning"])
    write.writerows(["column", name, meaning] for name, meaning in COLUMNS)
    used = [table["name"] for table in row.tables]
    used += dict.fromkeys(one["topic"] for one in row.head.get("models", ()))
    used += ["promises"] if row.head.get("promises") else []
    write.writerows(["question", *_question(name)] for name in used if _question(name)[1])
    write.writerows(["part", name, meaning] for name, meaning in PARTS.items())
    if noise := row.head.get("noise"):
        said = f"Counts have noise on purpose: in 95 of 100 at most {noise['error']} people. No averages are given."
        write.writerow(["note", "noise", said])
    if promises := row.head.get("promises"):
        said = f"As they stood on {promises['day']}. Broken: more than {promises['broken_after']} days late."
        write.writerow(["note", "promises", said])
    if row.head["invented"]:
        write.writerow(["note", "invented", "All people are invented. No person stands behind any number."])
    return out.getvalue()
