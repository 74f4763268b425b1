"""The words of `kinweave measure …`. Nothing heavy is loaded here. Each kind has an example that a test runs."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import NamedTuple

METHODS = ("Jacobson-Truax", "Edwards-Nunnally", "Hageman-Arrindell")


def number(text: str) -> float:
    """A finite number."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


class Kind(NamedTuple):
    """One kind of measure: what it says, its options, and an example that runs where docs/examples lies."""

    says: str
    options: Callable[[argparse.ArgumentParser], None]
    example: str


def add_kinds(measure: argparse.ArgumentParser) -> None:
    """Gives the command its kinds, each with --help of its own."""
    kinds = measure.add_subparsers(title="kinds", metavar="KIND", dest="kind", required=True)
    for name, kind in KINDS.items():
        one = kinds.add_parser(
            name, help=kind.says, description=f"{kind.says[0].upper()}{kind.says[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog=f"example:\n  {kind.example}\n(docs/measure-command.md; the people of the example are invented)",
        )  # fmt: skip
        one.add_argument("file", help="a .csv or .parquet file; columns are named in its first line")
        kind.options(one)
        shared = one.add_argument_group("for every kind")
        shared.add_argument("--json", action="store_true", help="everything as JSON, on standard output")
        shared.add_argument("--plot", default="", help="write a picture to this .svg file")
        shared.add_argument("--decimal", choices=["point", "comma"], default="point", help="how numbers are written")
        says = "what stands for no answer, besides an empty cell and NA; may be given again"
        shared.add_argument("--missing", action="append", default=[], help=says)
        shared.add_argument("--level", type=number, default=0.95, help="of the intervals (0.95)")


def _change(one: argparse.ArgumentParser) -> None:
    one.add_argument("--before", default="before", help="column of the first score (before)")
    one.add_argument("--after", default="after", help="column of the last score, empty if not seen again (after)")
    one.add_argument("--reliability", type=number, help="of the questionnaire, 0 to 1, as published")
    one.add_argument("--reliable", type=number, help="instead: published points that are more than chance")
    one.add_argument("--cutoff", type=number, help="from this score on people count as troubled")
    one.add_argument("--source", default="", help="where these figures are published")
    one.add_argument("--method", choices=METHODS, default=METHODS[0], help=f"how change is judged ({METHODS[0]})")
    one.add_argument("--important", type=number, help="smallest change in points that matters to people")
    one.add_argument("--higher-is-better", action="store_true", help="high scores are good")


def _slopes(one: argparse.ArgumentParser) -> None:
    one.add_argument("--person", default="person", help="column that tells people apart (person)")
    one.add_argument("--time", default="month", help="column of the time, a number (month)")
    one.add_argument("--score", default="score", help="column of the score (score)")
    one.add_argument("--group", help="column of groups to compare")
    one.add_argument("--reference", help="group that the others are compared with (the first)")
    one.add_argument("--covariate", action="append", default=[], help="column taken out first; may be given again")
    one.add_argument("--random", choices=["slope", "intercept"], default="slope", help="how people differ (slope)")
    one.add_argument("--shape", choices=["line", "visits"], default="line", help="a line, or a mean a visit (line)")


def _gaps(one: argparse.ArgumentParser) -> None:
    one.add_argument("--strata", required=True, help="columns whose combinations are compared, with commas between")
    one.add_argument("--outcome", default="outcome", help="column: 0 or 1, or a number with --gaussian (outcome)")
    one.add_argument("--n", help="column: how many people the row stands for, if the outcome is a count of them")
    one.add_argument("--gaussian", action="store_true", help="the outcome is a number")
    one.add_argument("--adjust", action="append", default=[], help="column held even; may be given again")


def _inequality(one: argparse.ArgumentParser) -> None:
    one.add_argument("--rank", default="rank", help="column: higher is better off (rank)")
    one.add_argument("--value", help="column of the outcome")
    one.add_argument("--events", help="instead, for groups: column of how many had it")
    one.add_argument("--people", help="for groups: column of how many people")
    one.add_argument("--se", help="for groups with --value: column of its standard error")
    one.add_argument("--index", choices=["slope", "concentration"], default="slope", help="which index (slope)")


def _endurance(one: argparse.ArgumentParser) -> None:
    one.add_argument("--ends", type=number, required=True, help="first time without the programme's money")
    one.add_argument("--starts", type=number, help="first time with the programme")
    one.add_argument("--time", default="month", help="column of the time, a number (month)")
    one.add_argument("--value", help="column of a measured value")
    one.add_argument("--count", help="instead: column of a count")
    one.add_argument("--exposure", help="with --count: column of the people it is counted among")
    one.add_argument("--series", help="column that tells our series from comparison series")
    one.add_argument("--ours", help="the value of --series that is ours")
    one.add_argument("--season", type=number, help="length of a year in the unit of time, 12 for months")
    one.add_argument("--horizon", type=number, help="how long after the end to judge (to the last time)")
    one.add_argument("--margin", type=number, help="how much may be lost and still hold")
    one.add_argument("--lower-is-better", action="store_true", help="low values are good")


def _validity(one: argparse.ArgumentParser) -> None:
    one.add_argument("--items", required=True, help="columns of the items, with commas between")
    one.add_argument("--reverse", default="", help="items that mean the opposite, with commas between")
    one.add_argument("--language", help="column of the language; with --pair the two are judged")
    one.add_argument("--pair", help="two languages, with a comma between")
    one.add_argument("--instrument", default="", help="name of the questionnaire, for the sentence")
    one.add_argument("--details", action="store_true", help="with --pair: also each item and each model")


def _survey(one: argparse.ArgumentParser) -> None:
    one.add_argument("--value", default="value", help="column of the value; 0 and 1 give a share (value)")
    one.add_argument("--weight", help="column: how many people the row stands for")
    one.add_argument("--cluster", help="column of what was drawn first, such as the village")
    one.add_argument("--stratum", help="column of the parts within which was drawn")
    one.add_argument("--population", help="column: how many clusters the stratum has in all")
    one.add_argument("--by", help="column of groups, each estimated besides")
    one.add_argument("--total", action="store_true", help="a total instead of a mean; needs --weight")


def _signals(one: argparse.ArgumentParser) -> None:
    one.add_argument("--count", default="count", help="column of the counts (count)")
    one.add_argument("--time", default="week", help="column of dates, or of whole numbers (week)")
    one.add_argument("--by", help="column of places or groups, each judged by itself")
    one.add_argument("--method", choices=["C1", "C2", "C3", "cusum", "seasonal"], default="C1",
                     help="EARS C1 to C3, CUSUM, or a baseline of past years (C1)")  # fmt: skip
    one.add_argument("--baseline", type=int, help="periods that say what is usual (7; cusum 26)")
    one.add_argument("--alpha", type=number, help="how seldom chance alone may cross the line (.001; seasonal .01)")
    one.add_argument("--years", type=int, help="past years of the seasonal baseline (5)")
    one.add_argument("--least", type=number, help="fewer cases than this raise no alarm (3)")


KINDS: dict[str, Kind] = {
    "change": Kind(
        "who changed by more than chance, better and worse", _change,
        'kinweave measure change docs/examples/people.csv --reliable 6 --cutoff 10 --source "invented for this page"',
    ),
    "slopes": Kind(
        "change over time of repeated scores, honest about those who left", _slopes,
        "kinweave measure slopes docs/examples/visits.csv --group arm --reference usual",
    ),
    "gaps": Kind(
        "gaps between combined groups, with honest uncertainty", _gaps,
        "kinweave measure gaps docs/examples/people.csv --strata gender,age,district --outcome reached",
    ),
    "inequality": Kind(
        "how an outcome follows wealth or any rank", _inequality,
        "kinweave measure inequality docs/examples/people.csv --rank wealth --value reached",
    ),
    "endurance": Kind(
        "whether a gain lasts after the money ends", _endurance,
        "kinweave measure endurance docs/examples/months.csv --starts 24 --ends 60 --value score --lower-is-better "
        "--series district --ours hill --season 12",
    ),
    "validity": Kind(
        "whether a questionnaire holds together, and means the same in two languages", _validity,
        "kinweave measure validity docs/examples/people.csv --items i1,i2,i3,i4,i5,i6 --language language --pair en,sn",
    ),
    "survey": Kind(
        "weighted estimates of a survey drawn in clusters", _survey,
        "kinweave measure survey docs/examples/people.csv --value reached --weight weight --cluster village",
    ),
    "signals": Kind(
        "which weeks are unusual, and what that rests on", _signals,
        "kinweave measure signals docs/examples/weeks.csv --count contacts --method C2",
    ),
}  # fmt: skip
