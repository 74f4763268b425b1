"""What a site gave out as sums: of whom, which question, and the file itself, so that nobody is given out twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies, no_rows
from kinweave.house.rows import Put, Row
from kinweave.published.models import SumsGiven
from kinweave.published.problems import SumsTwice


@action(permission="published.sign", version=2, inner=True)
def give_sums(
    *, by: Actor, head: Head, instrument: str, since: int, until: int, question: dict[str, Any], people: int, mark: str,
    text: str,
) -> Decision:  # fmt: skip
    """Write down that sums left the site, of people who started in the lake months from `since` until before `until`.

    `question`: scale, purpose, windows, groups. `people`: rounded down to the smallest cell. `mark`: SHA-256 of the
    file. `text`: the file. Raises SumsTwice where `since` is not where the questionnaire's last file ended.
    """
    last = SumsGiven.objects.filter(instrument=instrument).order_by("-until").values_list("until", flat=True).first()
    if since != (last or 0) or until <= since:
        raise SumsTwice()
    return Decision(None, {
        "id": head.child("sums"), "instrument": instrument, "since": since, "until": until, "question": question,
        "people": people, "mark": mark, "text": text,
    })  # fmt: skip


@applies("published.give_sums", 2)
def _given(part: Part) -> Iterator[Row]:
    yield Put("published.SumsGiven", {
        "id": part["id"], "instrument": part["instrument"], "since": part["since"], "until": part["until"],
        "question": part["question"], "text": part["text"], "given_at": part.received_at, "given_by": part.actor_id,
    })  # fmt: skip


no_rows("published.give_sums")  # the first version kept the question and the mark alone
