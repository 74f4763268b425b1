"""What bodies of an invented district said they would do for people there, in every way a promise can stand.

The bodies are invented, as everything here; the Arabic is machine-made and no speaker has checked it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from kinweave.core.ids import uuid7
from kinweave.decide.actions import add_promise, ask_owner, drop_promise, keep_promise, write_reply
from kinweave.house.access import Actor
from kinweave.house.journal import Head

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Told:
    """One promise. Days count back from today; said so early that the newest report on a whole year has it."""

    sector: str
    owner: str
    what: Mapping[str, str]
    said: int
    due: int
    kept: int = 0
    shown_by: str = ""
    asked: int = 0
    replied: int = 0
    reply: Mapping[str, str] = field(default_factory=dict)
    unwanted: int = 0


TOLD: Final = (
    Told("programme", "Open Bench programme", {"en": "A roof against the rain over every bench",
                                               "ar": "سقف يقي من المطر فوق كل مقعد"},
         600, 300, kept=320, shown_by="Each bench has a roof; two circles looked"),
    Told("schools", "District schools office", {"en": "A quiet room for talks in two schools",
                                                "ar": "غرفة هادئة للحديث في مدرستين"},
         640, 250, kept=260, shown_by="Both rooms are in use"),
    Told("health", "District health centre", {"en": "Open one evening a week, for those who work by day",
                                              "ar": "فتح المركز مساء يوم في الأسبوع لمن يعملون نهارًا"},
         620, 400, kept=330, shown_by="The times hang at the door"),
    Told("community", "Water committee", {"en": "A second bench, near the new well"}, 510, -120),
    Told("housing", "Ward housing office", {"en": "Mend the stairs of the three old houses",
                                            "ar": "إصلاح درج البيوت الثلاثة القديمة"},
         560, 60, asked=40, replied=30,
         reply={"en": "The money came late. Two of the three stairs are mended. The third follows in spring."}),
    Told("justice", "District police", {"en": "Somebody who answers the telephone every night of the week",
                                        "ar": "من يرد على الهاتف كل ليلة من الأسبوع"},
         700, 330, asked=100),
    Told("work", "Labour office", {"en": "Six places to learn a trade, for people from the circles",
                                   "ar": "ستة أماكن لتعلم حرفة، لأناس من الحلقات"},
         550, 20, asked=5),
    Told("health", "District health centre", {"en": "A waiting room apart for people who come from the bench",
                                              "ar": "غرفة انتظار منفصلة لمن يأتون من المقعد"},
         650, 200, unwanted=400),
)  # fmt: skip


def write_down(by: Actor, organisation: UUID, places: Sequence[UUID], today: date) -> None:
    """All of TOLD, in turn about each of the places, by the actions that anyone uses, each on its own day."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def then(days: int) -> dict[str, Any]:
        at = datetime.combine(ago(days), NOON, UTC)
        return {"by": by, "head": Head(uuid7(int(at.timestamp() * 1000)), at, "day", received_at=at)}

    for number, one in enumerate(TOLD):
        new = add_promise(
            **then(one.said), organisation_id=organisation, place_id=places[number % len(places)], sector=one.sector,
            owner=one.owner, what=dict(one.what), said_on=ago(one.said), due_on=ago(one.due),
        ).result["promise"]  # fmt: skip
        if one.asked:
            ask_owner(**then(one.asked), promise_id=new, on=ago(one.asked))
        if one.replied:
            write_reply(**then(one.replied), promise_id=new, on=ago(one.replied), reply=dict(one.reply))
        if one.kept:
            keep_promise(**then(one.kept), promise_id=new, on=ago(one.kept), shown_by=one.shown_by)
        if one.unwanted:
            drop_promise(**then(one.unwanted), promise_id=new, on=ago(one.unwanted), why="not_wanted")
