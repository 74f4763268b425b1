"""`kinweave learn`: the lake and the drafts made from it, in this process, which then ends."""

from __future__ import annotations

import argparse

from kinweave.core.problems import Problem


class DraftUnclear(Problem):
    status, code = 422, "draft-unclear"
    says = "A draft needs a place, a year and who drafts it."
    remedy = "Write for instance: kinweave learn draft --place D1 --year 2025 --by gloria."


def learn(arguments: argparse.Namespace) -> int:
    from kinweave.config.prepare import setup

    setup()
    from kinweave.learn.__main__ import make_draft, rebuild

    if arguments.do == "build":
        return rebuild()
    from kinweave.house.models import Account, Place

    place = Place.objects.filter(code=arguments.place).first()
    account = Account.objects.filter(username=arguments.by, is_active=True).first()
    if place is None or account is None or not arguments.year:
        raise DraftUnclear()
    period = arguments.year * 10 + (arguments.quarter or 0)
    return make_draft(place.id, period, account.id, template=arguments.readers, languages=arguments.language)
