"""The first report of an invented community: made as any report is, read by an invented meeting, signed by two."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from typing import Any
from uuid import UUID

# Invented, as everything here; the Arabic is machine-made and no speaker has checked it.
READING = {
    "en": "We met under the tree, twenty of us. We see that many feel better. The older women said that the bench "
    "is far. We want a second bench near the well.",
    "ar": "اجتمعنا تحت الشجرة، وكنا عشرين. نرى أن كثيرين يشعرون بتحسن. قالت النساء الأكبر سنًّا إن المقعد بعيد. "
    "نريد مقعدًا ثانيًا قرب البئر.",
}
WRONG = {
    "en": "We did not reach everyone who left. Some forms may have been filled in later from memory.",
    "ar": "لم نصل إلى كل من غادر. وربما مُلئت بعض الاستمارات لاحقًا من الذاكرة.",
}
# One of those who are counted, in words of their own (invented too).
STORY = (
    "For months I sat at home and spoke to nobody. Then a neighbour took me along.\n"
    "At first we talked about the garden and the rain. One day I said what I had never said to anyone. "
    "I still have bad days. But I know whom to go to now, and I sleep again."
)
ROLES = ("worker", "evaluator", "coordinator", "voice")


def publish_first_report(district: UUID, logins: dict[str, str], first: date) -> str | None:
    """Draft, read, sign and publish a report on the district's last whole year; its slug, or None when it is early.

    The draft is made in a process that ends, so that the one that serves never loads what analyses.
    """
    from django.utils import timezone

    from kinweave.house import settings as chosen
    from kinweave.house.access import Actor
    from kinweave.house.models import Account, Place
    from kinweave.learn.choices import MONTHS
    from kinweave.learn.periods import offered
    from kinweave.learn.release import follow_up
    from kinweave.published.actions import set_reading, sign_release, voice_release
    from kinweave.published.reads import for_desk, one_for_desk

    periods = offered(first, timezone.localdate(), follow_up(int(chosen.value(MONTHS))))
    years = [key for key in periods if key % 10 == 0]
    accounts = {role: Account.objects.get(username=logins[role]).id for role in ROLES}
    if not years or not Place.objects.filter(id=district).exists():
        return None
    asked = [sys.executable, "-m", "kinweave.learn", "draft", str(district), str(years[0]), str(accounts["evaluator"])]
    done = subprocess.run(asked, env=dict(os.environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    slug = done.stdout.strip()
    writer, second = Actor.of(accounts["evaluator"]), Actor.of(accounts["coordinator"])
    row = next(one for one in for_desk(writer) if one.slug == slug)
    languages = row.head["languages"]
    set_reading(
        by=writer, release_id=row.id, reading={k: v for k, v in READING.items() if k in languages},
        wrong={k: v for k, v in WRONG.items() if k in languages},
    )  # fmt: skip
    _with_a_story(Actor.of(accounts["worker"]), writer, row.id)
    read = one_for_desk(writer, row.id).hash
    for signer in (writer, second):
        sign_release(by=signer, release_id=row.id, hash=read)
    voice_release(by=Actor.of(accounts["voice"]), release_id=row.id, hash=read)
    return slug


def _with_a_story(worker: Any, writer: Any, release: UUID) -> None:
    """Somebody's story: written down, read back, agreed to, chosen, as any other."""
    from kinweave.flows.stories import choose_stories
    from kinweave.listen.actions_stories import agree_story, record_story
    from kinweave.listen.reads_stories import story_of
    from kinweave.people.door import access, within

    grown = within(worker, "listen.story").filter(birth_year__lt=2000, state__in=("active", "graduating", "closed"))
    person = grown.order_by("since", "id").first()
    if person is None:
        return
    told = record_story(by=worker, person_id=person.id, text=STORY, language="en", about="better-and-worse")
    story = story_of(access(person.id, by=worker), told.result["story"])
    agree_story(by=worker, person_id=person.id, story_id=story.id, mark=story.mark, given=True, how="witnessed")
    choose_stories(by=writer, release_id=release, story_ids=[story.id])


def main() -> int:
    """`python -m kinweave.demo.report`: the first report of the first community, where there is none yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from kinweave.published.reads import newest

    told = json.loads((settings.HOME / "demo.json").read_text())
    one = told["communities"][0]
    if newest() is None:
        publish_first_report(UUID(one["district"]), one["logins"], date.fromisoformat(one["start"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
