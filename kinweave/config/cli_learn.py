"""`kinweave learn`: the lake, drafts and sums made from it, in this process, which then ends."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from kinweave.config.cli import say
from kinweave.core.problems import Problem


class DraftUnclear(Problem):
    status, code = 422, "draft-unclear"
    says = "A draft needs a place, a year and who drafts it."
    remedy = "Write for instance: kinweave learn draft --place D1 --year 2025 --by gloria."


class SumsCommand(Problem):
    status, code = 422, "sums-command"
    says = "This needs to know who asks, and which file to write or to read."
    remedy = (
        "Write `kinweave learn moments --by gloria --out sums.json`, or `kinweave learn combine ONE.json TWO.json`."
    )


def learn(arguments: argparse.Namespace) -> int:
    if arguments.do == "combine":
        return combine(arguments)
    from kinweave.config.prepare import setup

    setup()
    from kinweave.learn.__main__ import make_draft, rebuild

    if arguments.do == "build":
        return rebuild()
    account = _account(arguments.by)
    if arguments.do == "moments":
        return moments(arguments, account)
    from kinweave.house.models import Place

    place = Place.objects.filter(code=arguments.place).first()
    if place is None or account is None or not arguments.year:
        raise DraftUnclear()
    period = arguments.year * 10 + (arguments.quarter or 0)
    return make_draft(place.id, period, account.id, template=arguments.readers, languages=arguments.language)


def _account(name: str) -> Any:
    from kinweave.house.models import Account

    return Account.objects.filter(username=name, is_active=True).first()


def moments(arguments: argparse.Namespace, account: Any) -> int:
    """Write this site's sums to a file of its own, readable by its owner alone."""
    from kinweave.house.access import Actor
    from kinweave.learn.sums import SumsUnclear, sums_again, write_sums
    from kinweave.learn.sums_signed import read

    if account is None or not arguments.out:
        raise SumsCommand()
    try:
        windows = [int(month) for month in arguments.at.split(",")]
    except ValueError:
        raise SumsUnclear() from None
    by = Actor.of(account.id)
    text = sums_again(by, arguments.instrument, arguments.again) if arguments.again else write_sums(
        by, instrument=arguments.instrument, scale=arguments.scale, windows=windows, groups=arguments.group,
        purpose=arguments.purpose,
    )  # fmt: skip
    path = Path(arguments.out)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    told = read(text, path.name)
    say(f"{path.name}: sums of {told.sums.n} people, {told.sums.withheld} small patterns withheld.")
    since, until = told.about["started_from"], told.about["started_before"]
    say(f"About who started {f'from {since} ' if since else ''}until before {until}. They are in no other file.")
    say(f"This site's number is {told.number}. Tell it to whoever combines, by telephone.")
    return 0


def combine(arguments: argparse.Namespace) -> int:
    """Add up the files of sites and say how scores change over time. Needs no site and no database."""
    from kinweave.learn.sums_signed import together
    from kinweave.measures.slopes import fit_slopes

    if not arguments.files:
        raise SumsCommand()
    pooled, sites = together([Path(name) for name in arguments.files], arguments.trust)
    first, *others = [*pooled.sums.columns, ""]
    # Two visits cannot tell how people differ in their change: then only in where they start.
    found = fit_slopes(
        pooled.sums, time="month", score=sites[0].about["instrument"], group=first or None,
        covariates=[c for c in others if c],
        random="slope" if len(sites[0].about["windows"]) > 2 else "intercept",
    )  # fmt: skip
    if arguments.json:
        told = {"sites": [{"number": one.number, **one.about, "people": one.sums.n} for one in sites],
                "pooled": pooled.says, "withheld": pooled.withheld, "result": found.as_dict()}  # fmt: skip
        say(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return 0
    for one in sites:
        say(
            f"{one.about['site']}  {one.number}  {one.about['made_on']}  {one.sums.n} people, "
            f"started {one.about['started_from']}..{one.about['started_before']}"
        )
    say(pooled.says)
    say("")
    say(str(found.table()))
    say("")
    say(found.says)
    return 0
