"""The first report of an invented community: made as any report is, read by an invented meeting, signed by two."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
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
    accounts = {role: Account.objects.get(username=logins[role]).id for role in ("evaluator", "coordinator", "voice")}
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
    read = one_for_desk(writer, row.id).hash
    for signer in (writer, second):
        sign_release(by=signer, release_id=row.id, hash=read)
    voice_release(by=Actor.of(accounts["voice"]), release_id=row.id, hash=read)
    return slug


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
