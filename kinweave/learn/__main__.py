"""`python -m kinweave.learn build` and `… draft PLACE PERIOD ACCOUNT [JOB]`: work in a process that ends."""

from __future__ import annotations

import os
import sys
from uuid import UUID

from kinweave.core.problems import Problem


def main(argv: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    import django

    django.setup()
    try:
        if argv[:1] == ["build"]:
            return rebuild()
        if argv[:1] == ["draft"] and len(argv) in (4, 5):
            return make_draft(UUID(argv[1]), int(argv[2]), UUID(argv[3]), *argv[4:])
    except Problem as problem:
        sys.stderr.write(f"{problem.sentence} {problem.what_to_do}\n")
        return 1
    sys.stderr.write("Write `build`, or `draft PLACE PERIOD ACCOUNT`.\n")
    return 2


def rebuild() -> int:
    """Rebuild the lake and say what it holds now."""
    from kinweave.learn.alone import alone
    from kinweave.learn.build import build
    from kinweave.learn.release import _dimension

    with alone() as held:
        built = build(dimension=_dimension(), say=lambda step, rows: held.renew())
    sys.stdout.write(f"{sum(built.rows.values())} rows in {built.seconds:.1f} s ({built.rate:.0f} a second)\n")
    return 0


def make_draft(place: UUID, period: int, account: UUID, job: str = "") -> int:
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
        result = draft(place, period, Actor.of(account), say)
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
