"""`kinweave measure …`: the statistics on anyone's file. No site, no database, no Django."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from kinweave.core.problems import Problem
from kinweave.measures.files import looks_missing, read_file
from kinweave.measures.refusals import BadChoice
from kinweave.measures.results import Result, listed


class NotWritten(Problem):
    code = "not-written"
    says = "The picture {name} could not be written."
    remedy = "Give a name that ends in .svg, in a folder that exists and may be written to."


def measure(arguments: argparse.Namespace) -> None:
    """Reads the file, measures, prints; the picture is written before anything is said."""
    decimal = "," if arguments.decimal == "comma" else "."
    data = read_file(arguments.file, decimal=decimal, missing=["NA", *arguments.missing])
    result: Result = KINDS[arguments.kind](data, arguments)
    result = replace(result, notes=(*result.notes, *_doubts(data, arguments)))
    if arguments.plot:
        _draw(result, arguments.plot)
    print(result.to_json() if arguments.json else _told(result, getattr(arguments, "details", False)), flush=True)


def _doubts(data: dict[str, Any], arguments: argparse.Namespace) -> list[str]:
    """Numbers in the columns that were named which may stand for "no answer" and were counted as answers."""
    given = {name for value in vars(arguments).values() if isinstance(value, str) for name in [value, *_names(value)]}
    found = [(name, looks_missing(data[name])) for name in data if name in given and isinstance(data[name], list)]
    return [
        f"{code} stands in {name} {many} times. If it means no answer, say --missing {code}; it was counted as a number"
        for name, (code, many) in ((name, seen) for name, seen in found if seen)
    ]


def _draw(result: Result, to: str) -> None:
    from kinweave.measures.pictures import svg

    path = Path(to)
    if path.suffix.lower() != ".svg":
        raise NotWritten(name=path.name)
    picture = svg(result)
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError:
        raise NotWritten(name=path.name) from None


def _told(result: Result, details: bool) -> str:
    """The sentence first, then the table, then who is missing and how it was made."""
    parts = [result.says, "", str(result.table())]
    if details:
        for name in ("reliabilities", "dif"):
            for of, one in getattr(result, name, {}).items():
                parts += ["", f"{of}: {one.says}", str(one.table())]
        if model := getattr(result, "invariance", None):
            parts += ["", model.says, str(model.table())]
    left = listed(f"{x.n} {x.reason}" for x in result.left_out)
    parts += ["", f"In the numbers: {result.n} {result.counted}." + (f" Left out: {left}." if left else "")]
    parts += [f"Note: {note.rstrip('.')}." for note in result.notes]
    level = "" if not any(e.low is not None for e in result.estimates) else f" Intervals: {100 * result.level:g}%."
    return "\n".join([*parts, f"Method: {result.method}.{level}", f"Source: {result.citation}"])


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _change(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.change import Thresholds
    from kinweave.measures.change_count import count_change

    given: dict[str, Any] = {"reliability": a.reliability, "cutoff": a.cutoff, "source": a.source,
                             "higher_is_worse": not a.higher_is_better}  # fmt: skip
    if a.reliable is not None:
        if a.cutoff is None or not a.source.strip() or not a.reliable > 0:
            raise BadChoice(name="--reliable", allowed="above nought, and given with --cutoff and --source")
        given = {"thresholds": Thresholds(a.reliable, a.cutoff, a.source, not a.higher_is_better)}
    return count_change(data, before=a.before, after=a.after, method=a.method, important=a.important, level=a.level,
                        **given)  # fmt: skip


def _slopes(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.slopes import fit_slopes

    return fit_slopes(data, person=a.person, time=a.time, score=a.score, group=a.group, covariates=a.covariate,
                      random=a.random, shape=a.shape, reference=a.reference, level=a.level)  # fmt: skip


def _gaps(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.gaps import fit_gaps

    return fit_gaps(data, strata=_names(a.strata), outcome=a.outcome, n=a.n, adjust=a.adjust, level=a.level,
                    kind="gaussian" if a.gaussian else "binomial")  # fmt: skip


def _inequality(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.inequality import concentration_index, slope_index

    index = slope_index if a.index == "slope" else concentration_index
    return index(data, rank=a.rank, value=a.value, events=a.events, people=a.people, se=a.se, level=a.level)


def _endurance(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.endurance import fit_endurance

    return fit_endurance(data, ends=a.ends, starts=a.starts, horizon=a.horizon, time=a.time, value=a.value,
                         count=a.count, exposure=a.exposure, series=a.series, ours=a.ours, season=a.season,
                         margin=a.margin, higher_is_better=not a.lower_is_better, level=a.level)  # fmt: skip


def _validity(data: Any, a: argparse.Namespace) -> Result:
    items, reverse = _names(a.items), _names(a.reverse)
    if not a.pair:
        from kinweave.measures.reliability import reliability

        return reliability(data, items, reverse=reverse, level=a.level)
    from kinweave.measures.validity import compare_languages

    pair = _names(a.pair)
    if len(pair) != 2 or not a.language:
        raise BadChoice(name="--pair", allowed="two languages with a comma between, together with --language")
    return compare_languages(data, items, a.language, (pair[0], pair[1]), instrument=a.instrument, reverse=reverse)


def _survey(data: Any, a: argparse.Namespace) -> Result:
    from kinweave.measures.survey import survey_mean, survey_total

    design = {"cluster": a.cluster, "stratum": a.stratum, "population": a.population}
    if not a.total:
        return survey_mean(data, value=a.value, weight=a.weight, by=a.by, level=a.level, **design)
    if not a.weight or a.by:
        raise BadChoice(name="--total", allowed="given with --weight and without --by")
    return survey_total(data, value=a.value, weight=a.weight, level=a.level, **design)


def _signals(data: Any, a: argparse.Namespace) -> Result:
    given: dict[str, Any] = {}
    if a.method == "seasonal":
        from kinweave.measures.seasonal import MONTHS, Season, seasonal
        from kinweave.measures.timeline import read_timelines

        step = next((line.step for line in read_timelines(data, a.count, a.time, a.by)), "week")
        usual = MONTHS if step == "month" else Season()
        chosen = {name: value for name, value in (("years", a.years), ("alpha", a.alpha)) if value is not None}
        return seasonal(data, a.count, a.time, a.by, season=replace(usual, **chosen))
    from kinweave.measures.signals import cusum, ears

    given |= {"baseline": a.baseline} if a.baseline is not None else {}
    given |= {"least": a.least} if a.least is not None else {}
    if a.method == "cusum":
        return cusum(data, a.count, a.time, a.by, **given)
    given |= {"alpha": a.alpha} if a.alpha is not None else {}
    return ears(data, a.count, a.time, a.by, method=a.method, **given)


KINDS = {
    "change": _change, "slopes": _slopes, "gaps": _gaps, "inequality": _inequality, "endurance": _endurance,
    "validity": _validity, "survey": _survey, "signals": _signals,
}  # fmt: skip
