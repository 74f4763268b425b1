"""`kinweave demo` and `kinweave demo-info`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from kinweave.config.cli import say
from kinweave.config.cli_serve import address_of, port_of, run_server
from kinweave.config.progress import progress
from kinweave.core.problems import Problem

PATTERNS = ("fades", "holds", "grows", "never")
FOLDER = Path("var") / "demo"


class NoDemo(Problem):
    status, code = 404, "no-demo"
    says = "There is no demo here yet."
    remedy = "Run `kinweave demo` first."


class NotADemo(Problem):
    status, code = 409, "not-a-demo"
    says = "KINWEAVE_HOME holds a site that is not a demo."
    remedy = "Choose another folder: KINWEAVE_HOME=var/demo kinweave demo"


class LoadFailed(Problem):
    status, code = 500, "demo-failed"
    says = "The invented community could not be built."
    remedy = "The lines above say why. Run `kinweave demo --fresh` to begin again."


def home() -> Path:
    """The demo has a folder of its own, so that it never meets a real site."""
    os.environ.setdefault("KINWEAVE_HOME", str(FOLDER))
    return Path(os.environ["KINWEAVE_HOME"]).resolve()


def demo(arguments: argparse.Namespace) -> int:
    """Build what is not built yet, then serve it."""
    folder = home()
    if arguments.fresh:
        _throw_away(folder)
    os.environ["KINWEAVE_INVENTED"] = "1"
    wanted = PATTERNS if arguments.all else (arguments.pattern,)
    command = [sys.executable, "-m", "kinweave.config.cli_demo", str(arguments.seed), *wanted]
    # A process of its own: what building needs in memory goes back when it ends.
    if subprocess.run(command, check=False).returncode:
        raise LoadFailed()
    if arguments.load_only:
        return 0
    return run_server(arguments, lambda address: _ready(folder, address))


def _throw_away(folder: Path) -> None:
    if not folder.exists():
        return
    if not (folder / "demo.json").exists() and any(folder.glob("*.sqlite3")):
        raise NotADemo()
    shutil.rmtree(folder)


def _ready(folder: Path, address: str) -> None:
    say(f"Kinweave is ready at {address}")
    told = read(folder, address)
    say(f"All people in it are invented. Sign in at {address}/sign-in/ with the password: {told['password']}")
    for role, name in told["logins"].items():
        say(f"  {role:<12} {name}")
    if told["communities"] and not (folder / "lake").exists():
        say("A first report is being made. It will stand on the first page in a minute or two.")
        subprocess.Popen(  # it goes on beside the server and ends by itself
            [sys.executable, "-m", "kinweave.demo.report"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def read(folder: Path, address: str = "") -> dict[str, Any]:
    """What the demo wrote of itself, with its address and each login's password."""
    path = folder / "demo.json"
    if not path.exists():
        raise NoDemo()
    told: dict[str, Any] = json.loads(path.read_text())
    accounts = [
        {"role": role, "username": name, "password": told["password"], "pattern": community["pattern"]}
        for community in told["communities"]
        for role, name in community["logins"].items()
    ]
    phone = told.pop("app_user", "")
    return {
        **told, "address": address, "accounts": accounts, "tokens": told.get("tokens", {}),
        "openrosa": f"{address}/openrosa/{phone}" if phone else "",
    }  # fmt: skip


def info(arguments: argparse.Namespace) -> int:
    """Print it for people or for programs."""
    arguments.port = None
    told = read(home(), address_of("127.0.0.1", port_of(arguments)))
    if arguments.json:
        say(json.dumps(told, indent=1))
        return 0
    say(f"{told['address']}  (password for all: {told['password']})")
    for one in told["accounts"]:
        say(f"  {one['pattern']:<8} {one['role']:<12} {one['username']}")
    for role, token in told["tokens"].items():
        say(f"  token   {role:<12} {token}")
    if told["openrosa"]:
        say(f"  ODK Collect (as the worker): {told['openrosa']}")
    return 0


def load(seed: int, wanted: list[str]) -> None:
    """In the loading process: make the database ready and build the communities that are missing."""
    from kinweave.config import prepare

    prepare.setup()
    from django.conf import settings

    from kinweave.demo.load import load_demo

    path = settings.HOME / "demo.json"
    prepare.prepare()
    there = json.loads(path.read_text())["communities"] if path.exists() else []
    known = {(one["pattern"], one["seed"]) for one in there}
    if not known and _holds_people():
        raise NotADemo()
    for pattern in wanted:
        if (pattern, seed) not in known:
            load_demo(pattern, seed, progress(f"Inventing a community ({pattern})"))
    _tokens(path)


def _holds_people() -> bool:
    from kinweave.house.models import Entry

    return Entry.objects.exists()


def _tokens(path: Path) -> None:
    """A token for each role of the first community and a phone for its worker, written beside the logins. Only in
    a demo."""
    from kinweave.house.access import Actor
    from kinweave.house.app_users import make_app_user, sender_behind
    from kinweave.house.models import Account
    from kinweave.house.tokens import account_of, make_token

    told = json.loads(path.read_text())
    held = told.setdefault("tokens", {})
    for role, name in told["logins"].items():
        if account_of(held.get(role, "")) is None:
            account = Account.objects.get(username=name)
            held[role] = make_token(by=Actor.of(account.id), name="demo")[1]
    if sender_behind(told.get("app_user", "")) is None:
        worker = Account.objects.get(username=told["logins"]["worker"])
        by = Actor.of(Account.objects.get(username=told["logins"]["coordinator"]).id)
        told["app_user"] = make_app_user(by=by, account_id=worker.id, name="demo")[1]
    path.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    try:
        load(int(sys.argv[1]), sys.argv[2:])
    except Problem as fault:
        sys.exit(f"{fault.sentence} {fault.what_to_do}")
