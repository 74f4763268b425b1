"""A whole site with an app user on it, served as it is served in earnest, for clients of other people's making."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sites import ROOT, Site, make_site

WORLD = """
import json
from tests.world import make_world
from tests.care_world import asking
from tests.exchange.phones import set_up
from kinweave.house.access import SYSTEM
from kinweave.listen.actions import switch_instrument
world = asking(make_world())
switch_instrument(by=SYSTEM, slug="phq-4", on=True)
person = world.person(alias="Rudo")
print(json.dumps({"token": set_up(world), "person": str(person)}))
"""
COUNTS = """
import json
from kinweave.house.models import Held
from kinweave.listen.models import Response, Score
from kinweave.care.models import Risk
rows = Response.objects.order_by("received_at")
print(json.dumps({
    "responses": [[r.instrument, r.language, r.mode, bool(r.superseded_by)] for r in rows],
    "scores": {s.scale + "/" + s.instrument: s.scaled for s in Score.objects.filter(current=True)},
    "held": Held.objects.count(), "risks": Risk.objects.count()}))
"""


@dataclass(frozen=True)
class Served:
    """The app user's address, whom they may ask, and what the site holds now."""

    site: Site
    base: str
    person: str

    def holds(self) -> dict[str, Any]:
        return dict(json.loads(self.site.run(COUNTS)))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Make the site, serve it with the real server, stop it."""
    site = make_site(folder)
    told = json.loads(site.run(WORLD))
    port = free_port()
    command = [sys.executable, "-m", "kinweave", "serve", "--no-worker", "--workers", "1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            yield Served(site, f"http://127.0.0.1:{port}/openrosa/{told['token']}", told["person"])
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the site does not answer")
