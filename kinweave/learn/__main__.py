"""`python -m kinweave.learn build` and `… draft PLACE PERIOD ACCOUNT`: work in a process that ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from uuid import UUID

from kinweave.core.problems import Problem


def main(argv: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    import django

    django.setup()
    asked = _parser().parse_args(argv)
    try:
        if asked.work == "build":
            return rebuild()
        return make_draft(asked.place, asked.period, asked.account, asked.job, asked.template, asked.language)
    except Problem as problem:
        sys.stderr.write(f"{problem.sentence} {problem.what_to_do}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kinweave.learn")
    works = parser.add_subparsers(dest="work", required=True)
    works.add_parser("build", help="rebuild the lake")
    made = works.add_parser("draft", help="rebuild the lake and make a draft of a report")
    made.add_argument("place", type=UUID)
    made.add_argument("period", type=int, help="year * 10, plus the quarter where it is one")
    made.add_argument("account", type=UUID)
    made.add_argument("--job", default="", help="the file that says how far it is")
    made.add_argument("--template", default="community", help="for whom: community, board, funder or ministry")
    made.add_argument("--language", action="append", default=[], help="one of the site's languages; may come again")
    return parser


def rebuild() -> int:
    """Rebuild the lake and say what it holds now."""
    from kinweave.learn.alone import alone
    from kinweave.learn.build import build
    from kinweave.learn.release import _dimension, explore_anew

    with alone() as held:
        built = build(dimension=_dimension(), say=lambda step, rows: held.renew())
        explore_anew(lambda step: held.renew())
    sys.stdout.write(f"{sum(built.rows.values())} rows in {built.seconds:.1f} s ({built.rate:.0f} a second)\n")
    return 0


def make_draft(
    place: UUID, period: int, account: UUID, job: str = "", template: str = "community", languages: Sequence[str] = ()
) -> int:
    """Make a draft for an account; how far it is stands in the job's file, and so does any problem."""
    from kinweave.house.access import Actor
    from kinweave.learn import jobs
    from kinweave.learn.release import draft

    told: dict[str, int] = {}

    def say(step: str) -> None:
        told[step] = told.get(step, 0) + 1
        if job:
            jobs.tell(job, step=step, account=str(account), percent=jobs.percent(step, told[step]))

    try:
        result = draft(place, period, Actor.of(account), say, template=template, chosen_languages=languages)
    except Exception as fault:
        problem = fault if isinstance(fault, Problem) else Problem()
        if job:
            jobs.tell(job, jobs.FAILED, account=str(account), problem=problem.as_dict())
        if isinstance(fault, Problem):
            raise
        sys.stderr.write(f"{type(fault).__name__}\n")
        return 1
    if job:
        jobs.tell(job, jobs.DONE, "done", account=str(account), release=str(result["release"]))
    sys.stdout.write(f"{result['slug']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
