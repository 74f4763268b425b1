"""The first steps, the same for everyone: met, and asked for consent purpose by purpose."""

from __future__ import annotations

from datetime import datetime

from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import choose

PURPOSES = ("care", "statistics", "research")


def meet(stage: Stage, person: int, worker: int, at: datetime, via: str) -> datetime:
    """Someone is known by alias, ward and a way to reach them; returns when."""
    someone, book = stage.people[person], stage.book
    note = book.note if via == "screening_day" else book.note_day  # others are told of, and written down later
    note(
        "person_identified", at, person, worker,
        via=via, alias=someone.alias, contact=someone.contact, ward=someone.ward,
    )  # fmt: skip
    return at


def agree(stage: Stage, person: int, worker: int, at: datetime) -> bool:
    """Each purpose by itself; whoever declines care is left in peace. True when care was agreed to."""
    book, rng = stage.book, stage.rng
    how = choose(rng, {"witnessed": 0.40, "spoken": 0.15, "signed": 0.33, "thumb": 0.12})
    if stage.chance(rates.DECLINE_CARE):
        book.note("consent_declined", at, person, worker, purposes=list(PURPOSES), how=how)
        return False
    agrees = (True, not stage.chance(rates.DECLINE_STATISTICS), stage.chance(rates.AGREE_RESEARCH))
    yes = [p for p, ok in zip(PURPOSES, agrees, strict=True) if ok]
    no = [p for p in PURPOSES if p not in yes]
    book.note("consent_given", at, person, worker, purposes=yes, how=how)
    if no:
        book.note("consent_declined", at, person, worker, purposes=no, how=how)
    return True
