"""`kinweave init`: make the house key, print its paper once, and open the wizard with a one-time address."""

from __future__ import annotations

import argparse
import subprocess
import sys
import webbrowser

from kinweave.config.cli import say
from kinweave.config.cli_serve import run_server
from kinweave.core.problems import Problem


class AlreadySetUp(Problem):
    status, code = 409, "already-set-up"
    says = "This site has been set up already. Its paper key was shown then, and only then."
    remedy = "Run `kinweave serve`. To go on with a set-up that was left, sign in and open /set-up/."


class InitFailed(Problem):
    status, code = 500, "init-failed"
    says = "The site could not be prepared."
    remedy = "The lines above say why. Nothing was started."


def init(arguments: argparse.Namespace) -> int:
    """Prepare, print, serve, and open the wizard."""
    # A process of its own keeps this one small: it goes on to serve.
    command = [sys.executable, "-m", "kinweave.config.cli_init"]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        raise InitFailed()
    token, _, paper = made.stdout.partition("\n")
    say("This is the paper recovery key. Copy or print it now: it is never shown again.")
    say("With it and a backup the site can be brought back. Whoever has both can read everything.\n")
    say(paper.strip() + "\n")

    def ready(address: str) -> None:
        page = f"{address}/set-up/begin/{token}/"
        say(f"Kinweave is ready at {address}")
        say(f"Go on with the set-up here (the address works once): {page}")
        if not arguments.no_browser:
            webbrowser.open(page)

    return run_server(arguments, ready)


def begin() -> tuple[str, str]:
    """In the preparing process: database, house key, one-time token; returns token and paper."""
    from kinweave.config import prepare

    prepare.setup()
    prepare.prepare()
    from kinweave.front.setup import token
    from kinweave.house.models import Account
    from kinweave.house.paperkey import to_paper
    from kinweave.house.sealing import house_key
    from kinweave.house.sequencer import site

    if site().ready or Account.objects.exists():
        raise AlreadySetUp()
    return token.make(), to_paper(house_key())


if __name__ == "__main__":
    try:
        sys.stdout.write("\n".join(begin()))
    except Problem as fault:
        sys.exit(f"{fault.sentence} {fault.what_to_do}")
