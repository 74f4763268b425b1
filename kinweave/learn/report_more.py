"""What else people told: their own goals, wellbeing, feeling lonely, circles. Only where a table of it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinweave.learn.report_owed import of_those

if TYPE_CHECKING:
    from kinweave.learn.report import Told


def more(told: Told) -> dict[str, Any] | None:
    """The section, or nothing where there is nothing to say."""
    said = [*_goals(told), *_wellbeing(told), *_lonely(told), *_circles(told)]
    if not said:
        return None
    return {"id": "more", "title": told.words.say("title.more"), "blocks": [{"kind": "list", "lines": said}]}


def _goals(told: Told) -> list[str]:
    months = told.words.months(told.about.goal_months)
    return _lines(told, "own-goals", ("goal_reached", "no_goal"), months=months)


def _wellbeing(told: Told) -> list[str]:
    """More never without less: where how many told of less is hidden, that is said."""
    more, less = (of_those(told, "wellbeing", part) for part in ("better", "worse"))
    if more is None:
        return _lines(told, "wellbeing", ("worse",))
    first = told.words.ten("more.better", more.ten)
    return [f"{first} {told.words.say('more.hidden') if less is None else told.words.ten('more.worse', less.ten)}"]


def _lonely(told: Told) -> list[str]:
    return _lines(told, "loneliness", (told.about.worst.get("loneliness", "band_1"),), key="lonely")


def _circles(told: Told) -> list[str]:
    """People, not so many of ten: nobody knows who else could have come."""
    view = told.view("circles")
    joined = None if view is None else view.part(told.about.period, "joined")
    return [told.words.say("more.circles", n=told.words.digits(joined))] if joined else []


def _lines(told: Told, table: str, parts: tuple[str, ...], key: str = "", **values: str) -> list[str]:
    found = [(key or part, of_those(told, table, part)) for part in parts]
    return [told.words.ten(f"more.{name}", one.ten, **values) for name, one in found if one is not None]
