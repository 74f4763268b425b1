"""What the worker does at night: the lake rebuilt in a process that ends, statistics for the planner, erasures
that a crash left half done. Night is between one and five by the clock of the first programme."""

from __future__ import annotations

import logging
import subprocess
import sys
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from kinweave.house.erasure import settle
from kinweave.house.models import Programme
from kinweave.house.worker import every

log = logging.getLogger("kinweave.nightly")
DAY = 20 * 60 * 60  # less than a day, so that a night is not missed by minutes


def is_night() -> bool:
    """Whether it is between one and five where the programme is."""
    zone = Programme.objects.order_by("id").values_list("timezone", flat=True).first() or "UTC"
    return 1 <= timezone.now().astimezone(ZoneInfo(zone)).hour < 5


@every(DAY, name="lake", when=is_night)
def rebuild_lake() -> None:
    """`python -m kinweave.learn build`: what it loads goes back when it ends."""
    done = subprocess.run([sys.executable, "-m", "kinweave.learn", "build"], capture_output=True, check=False)
    if done.returncode:
        log.error("the lake was not rebuilt, exit code %s", done.returncode)


@every(DAY, name="planner", when=is_night)
def analyse() -> None:
    """Fresh statistics, so that the planner does not guess."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@every(DAY, name="erasures", when=is_night)
def finish_erasures() -> int:
    """Erasures of the ledger that a crash cut short (also done when the site starts)."""
    return settle()
