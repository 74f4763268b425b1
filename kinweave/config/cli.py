"""`kinweave …`: the command line. Every failure is one clear sentence and what to do about it.

The parser loads nothing heavy: `serve` stays small because the server's own processes load the site.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from kinweave import __version__
from kinweave.config.cli_measure_parser import add_kinds
from kinweave.core.problems import Problem

OK, PROBLEM, USAGE, DIFFERS, STOPPED = 0, 1, 2, 3, 130

# Exit codes, as docs/command-line.md lists them.
EXIT_CODES = {
    OK: "everything went well",
    PROBLEM: "a problem, named on the last line with what to do",
    USAGE: "the command was written in a way that does not exist",
    DIFFERS: "a check found differences (`verify`, `replay --check`)",
    STOPPED: "stopped from the keyboard",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(handler(arguments.run)(arguments) or OK)
    except Problem as problem:
        return fail(problem.sentence, problem.what_to_do)
    except KeyboardInterrupt:
        say("Stopped.")
        return STOPPED
    except BrokenPipeError:
        return OK
    except Exception as fault:
        return unforeseen(fault)


def unforeseen(fault: Exception) -> int:
    """A fault that nobody named: its kind only, since its text may hold what must not be shown."""
    if os.environ.get("KINWEAVE_TRACE") == "1":
        raise fault
    kind = type(fault).__name__
    if kind == "OperationalError":
        return fail("The database does not answer.", "Check DATABASE_URL, and that the disk is not full.")
    if isinstance(fault, PermissionError):
        return fail("A file or folder may not be opened.", "Check who owns KINWEAVE_HOME.")
    return fail(f"Something unforeseen went wrong ({kind}).", "Run it again with KINWEAVE_TRACE=1 and report it.")


def handler(name: str) -> Callable[[argparse.Namespace], int | None]:
    """The function `module:function` in this package, loaded only when its command is used."""
    module, function = name.split(":")
    found: Callable[[argparse.Namespace], int | None] = getattr(import_module(f"kinweave.config.{module}"), function)
    return found


def say(sentence: str) -> None:
    print(sentence, flush=True)


def fail(sentence: str, remedy: str) -> int:
    print(f"{sentence} {remedy}", file=sys.stderr, flush=True)
    return PROBLEM


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="kinweave",
        description="Runs a community's mental health programme and shows the community what it changes.",
        epilog="Files lie in KINWEAVE_HOME (./var). PORT and DATABASE_URL are read from the environment.",
    )
    top.add_argument("--version", action="version", version=f"kinweave {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, run: str, says: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=says, description=says)
        command.set_defaults(run=run)
        return command

    _running(add)
    _importing(add)
    _forms(add)
    _data(add)
    _learning(add)
    add_kinds(add("measure", "cli_measure:measure", "measure what a file of anybody's holds; needs no site"))
    _accounts(add)
    return top


Add = Callable[[str, str, str], argparse.ArgumentParser]


def _running(add: Add) -> None:
    demo = add("demo", "cli_demo:demo", "build an invented community and open the site with it")
    demo.add_argument("--all", action="store_true", help="four communities, one for each way the benefit can go")
    demo.add_argument("--seed", type=int, default=1, help="another number gives other people (1)")
    demo.add_argument("--pattern", default="holds", help="fades, holds, grows or never (holds)")
    demo.add_argument("--fresh", action="store_true", help="throw the old demo away first")
    demo.add_argument("--load-only", action="store_true", help="build it and stop, without a server")
    _address(demo)
    info = add("demo-info", "cli_demo:info", "the demo's address, logins by role, and tokens")
    info.add_argument("--json", action="store_true", help="as JSON")
    init = add("init", "cli_init:init", "set up a real site: print the paper key, open the wizard")
    init.add_argument("--no-browser", action="store_true", help="print the address only")
    _address(init)
    serve = add("serve", "cli_serve:serve", "serve the site")
    serve.add_argument("--no-worker", action="store_true", help="do not start a worker beside it")
    _address(serve)
    worker = add("worker", "cli_serve:worker", "run what must happen by the clock: alerts, positions, escalations")
    worker.add_argument("--once", action="store_true", help="one round, then stop")


def _address(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    command.add_argument("--port", type=int, default=None, help="port (PORT, else 8000)")
    command.add_argument("--workers", type=int, default=2, help="server processes (2)")


def _importing(add: Add) -> None:
    bring = add("import", "cli_import:bring", "bring in a caseload or answers from a file")
    bring.add_argument("what", choices=["people", "responses"])
    bring.add_argument("file", help="an Excel or CSV file")
    bring.add_argument("--instrument", default="", help="for responses: which questionnaire, such as phq-9")
    bring.add_argument("--map", default="", help="a TOML file that says which column is what (docs/importing.md)")
    bring.add_argument("--by", default="", help="sign-in name of the account that imports (the only one that may)")
    bring.add_argument("--dry-run", action="store_true", help="only say what would happen")
    bring.add_argument("--yes", action="store_true", help="import without asking again")
    bring.add_argument("--aside", default="", help="where rows that could not be taken in go (FILE.aside.csv)")
    bring.add_argument("--organisation", default="", help="name of the organisation the people belong to")
    bring.add_argument("--sheet", type=int, help="number of the sheet of a workbook, from 1")
    bring.add_argument("--dates", choices=["day", "month"], help="which comes first in dates such as 3/4/2025")
    bring.add_argument("--language", default="", help="for responses: language code of rows that do not say theirs")
    people = bring.add_argument_group("people")
    people.add_argument("--consent", choices=["yes", "no", "not-asked"], help="what all of them said before, on paper")
    people.add_argument("--purpose", action="append", default=[], choices=["care", "statistics", "research"],
                        help="what --consent is about (care); may be given again")  # fmt: skip
    people.add_argument("--phones", choices=["none", "any", "call", "message"], help="what is safe with their numbers")
    for name in ("programme", "place", "team", "worker"):
        people.add_argument(f"--{name}", default="", help=f"{name} of those whose row says none")


def _data(add: Add) -> None:
    backup = add("backup", "cli_keep:backup", "write a backup: the data and its key file, which belong together")
    backup.add_argument("to", help="a folder")
    backup.add_argument("--anyway", action="store_true", help="also when the journal was changed from outside")
    restore = add("restore", "cli_keep:restore", "restore a backup into an empty KINWEAVE_HOME")
    restore.add_argument("data", help="the .backup file of the pair")
    restore.add_argument("--keys", help="the .keys file of the pair (beside the data)")
    restore.add_argument("--paper", action="store_true", help="ask for the paper recovery key")
    restore.add_argument("--house-key", help="a file with the house key, instead of the paper")
    restore.add_argument("--ledger", action="append", default=[], help="a further copy of the erasure ledger")
    restore.add_argument("--anyway", action="store_true", help="also when the backup carries a fault along")
    verify = add("verify", "cli_keep:verify", "look for any change made behind the journal's back")
    verify.add_argument("--json", action="store_true", help="as JSON")
    replay = add("replay", "cli_keep:replay", "rebuild every table from the journal")
    replay.add_argument("--check", action="store_true", required=True, help="in a second database, compared row by row")


def _forms(add: Add) -> None:
    forms = add("forms", "cli_forms:forms", "forms of one's own: list them, check a file, export answers")
    forms.add_argument("do", choices=["list", "check", "export"])
    forms.add_argument("what", nargs="?", default="", help="for check: an Excel file; for export: the form's id")
    forms.add_argument("--to", default="", help="for export: a file ending in .csv or .parquet")
    forms.add_argument("--dictionary", default="", help="for export: a CSV file for what the columns mean")
    forms.add_argument("--by", default="", help="sign-in name of the account that asks (the only one that may)")


def _learning(add: Add) -> None:
    learn = add("learn", "cli_learn:learn", "rebuild the lake, draft a report, give out sums or add up those of sites")
    learn.add_argument("do", choices=["build", "draft", "moments", "combine"])
    learn.add_argument("files", nargs="*", help="to combine: the files of the sites")
    learn.add_argument("--place", default="", help="for a draft: code of the place")
    learn.add_argument("--year", type=int, help="for a draft: which year")
    learn.add_argument("--quarter", type=int, choices=[1, 2, 3, 4], help="for a draft: only this quarter of it")
    learn.add_argument("--by", default="", help="for a draft or moments: sign-in name of who does it")
    learn.add_argument("--instrument", default="phq-9", help="for moments: which questionnaire (phq-9)")
    learn.add_argument("--scale", default="total", help="for moments: which of its scales (total)")
    learn.add_argument("--at", default="0,3", help="for moments: months after the start, at least 3 apart (0,3)")
    learn.add_argument(
        "--group", action="append", default=[], help="for moments: gender, age_band, disability, dimension"
    )
    learn.add_argument("--purpose", default="statistics", choices=["statistics", "research"],
                       help="for moments: what people agreed to")  # fmt: skip
    learn.add_argument("--out", default="", help="for moments: the file to write")
    learn.add_argument("--again", default="", help="for moments: an earlier file, by the month in it (2026-07)")
    learn.add_argument("--trust", action="append", default=[], help="to combine: a site's number, told by telephone")
    learn.add_argument("--json", action="store_true", help="to combine: as JSON")
    learn.add_argument("--readers", default="community", choices=["community", "board", "funder", "ministry"],
                       help="for a draft: who will read it")  # fmt: skip
    learn.add_argument("--language", action="append", default=[],
                       help="for a draft: one of the site's languages; may come again; all by default")  # fmt: skip


def _accounts(add: Add) -> None:
    account = add("account", "cli_accounts:account", "make an account, give a new password, close one")
    account.add_argument("do", choices=["add", "reset", "leave"])
    account.add_argument("username", help="name to sign in with")
    account.add_argument("--name", default="", help="name that colleagues see")
    account.add_argument("--role", default="", help="worker, supervisor, coordinator, evaluator, voice or keeper")
    account.add_argument("--organisation", default="", help="name of the organisation the role holds in")
    account.add_argument("--team", default="", help="name of the team the role holds in")
    account.add_argument("--place", default="", help="code of the place the role holds in")
    account.add_argument("--phone", default="", help="phone for alerts")
    account.add_argument("--email", default="", help="mail address for alerts")
    account.add_argument("--language", default="en", help="language of alerts and pages (en)")


if __name__ == "__main__":
    sys.exit(main())
