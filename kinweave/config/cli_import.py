"""`kinweave import people|responses`: a dry run first, a report, then the real run once somebody agreed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kinweave.config.cli import PROBLEM, USAGE, say
from kinweave.core.problems import Problem

SHOWN = 20  # rows with a word about them that are printed


class NoSuchAccount(Problem):
    status, code = 404, "no-such-account"
    says = "There is no such account, or it has left."
    remedy = "Give the sign-in name of the account that imports: --by NAME"


class SayWho(Problem):
    status, code = 422, "say-who"
    says = "Several accounts may import here, or none."
    remedy = "Give the sign-in name of the one that imports: --by NAME"


class InstrumentNeeded(Problem):
    status, code = 422, "instrument-needed"
    says = "Nothing says which questionnaire was answered."
    remedy = "Say it, for instance: --instrument phq-9"


def bring(arguments: argparse.Namespace) -> int:
    """Run `kinweave import`. Exit code 0 also when rows were set aside: they are in the file named at the end."""
    from kinweave.config.prepare import setup

    setup()
    from kinweave.core.sheets.read import read_table

    actor = _actor(arguments.by, f"import.{arguments.what}")
    table = read_table(Path(arguments.file), arguments.file, sheet=arguments.sheet)
    plan, work = _plan(arguments, table)
    look = work(table, plan, actor, dry=True)
    _print(look.as_dict(), dry=True)
    aside = Path(arguments.aside or f"{arguments.file}.aside.csv")
    if look.stopped and arguments.dry_run:
        return PROBLEM
    if arguments.dry_run:
        _write_aside(aside, table, look)
        return 0
    if not look.stopped and not look.report.accepted and not look.extra["danger"]:
        _write_aside(aside, table, look)
        say("There is nothing new to import.")
        return 0
    if not _agreed(arguments):
        return USAGE
    done = work(table, plan, actor, dry=False, tell=_progress)
    _print(done.as_dict(), dry=False)
    _write_aside(aside, table, done)
    return 0


def _actor(name: str, permission: str) -> Any:
    """The account named, else the only one that may import."""
    from kinweave.house.access import Actor, everyone_with
    from kinweave.house.models import Account

    found = Account.objects.filter(is_active=True)
    if name:
        found = found.filter(username=name)
    else:
        found = found.filter(id__in={grant.account_id for grant in everyone_with(permission)})
    ids = list(found.values_list("id", flat=True)[:2])
    if len(ids) != 1:
        raise NoSuchAccount() if name else SayWho()
    return Actor.of(ids[0])


def _plan(arguments: argparse.Namespace, table: Any) -> tuple[Any, Any]:
    """What to do with the file, from the options and the map."""
    from kinweave.flows.intake import people, plan, responses

    day_first = {"day": True, "month": False}.get(arguments.dates)
    if arguments.what == "responses":
        if not arguments.instrument:
            raise InstrumentNeeded()
        text = _map_text(arguments.map)
        wanted = plan.ResponsePlan(
            arguments.instrument, text, arguments.organisation, arguments.language, day_first, arguments.sheet
        )
        if not text:
            _print_map(responses.map_for(table, wanted))
        return wanted, responses.import_responses
    told: dict[str, Any] = plan.read_people_map(Path(arguments.map)) if arguments.map else {}
    if not told.get("columns"):
        told["columns"] = plan.suggested(table)
    _print_columns(table, told["columns"])
    for name in ("organisation", "programme", "place", "team", "worker", "phones"):
        if given := getattr(arguments, name):
            told[name] = given
    if day_first is not None:
        told["day_first"] = day_first
    if arguments.sheet is not None:
        told["sheet"] = arguments.sheet
    if arguments.consent:
        told["consent"] = {**told.get("consent", {}), **dict.fromkeys(arguments.purpose or ["care"], arguments.consent)}
    return plan.PeoplePlan(**told), people.import_people


def _map_text(path: str | None) -> str:
    from kinweave.core.sheets.problems import FileMissing

    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileMissing from None


def _print_columns(table: Any, columns: Mapping[str, str]) -> None:
    say("Columns:")
    for heading in table.columns:
        say(f"  {heading[:60]:<60}  {columns.get(heading, '(left out)')}")


def _print_map(found: Any) -> None:
    from kinweave.core.sheets.responses import write_map

    say("No map was given; this one was found. Keep it in a file, look it over, and give it with --map.")
    say(write_map(found))


NAMES = (
    ("total", "rows"), ("accepted", "to import"), ("already_here", "here already"), ("duplicates", "twice in the file"),
    ("set_aside", "set aside"),
)  # fmt: skip
EXTRA = {
    "danger": "rows with an answer that someone must look at",
    "alerts": "alerts opened",
    "unknown_person": "rows whose person is not known here",
    "held": "held until someone finds the person, the day or the consent",
    "consented": "people with consent to care",
    "unconsented": "people to be asked for consent",
    "possibly_same": "rows that sound like someone here",
}


def _print(told: Mapping[str, Any], *, dry: bool) -> None:
    """The report: counts, reasons, names that matched nothing, the first rows with a word about them."""
    say("")
    say("Dry run, nothing was written:" if dry else f"Imported in {told['seconds']} s:")
    for key, what in NAMES:
        say(f"  {told[key]:>8}  {'imported' if key == 'accepted' and not dry else what}")
    for key, what in EXTRA.items():
        if told["extra"].get(key):
            say(f"  {told['extra'][key]:>8}  {what}")
    for note in told["notes"]:
        say(f"  Note: {note}")
    for what, names in told["unmatched"].items():
        say(f"  Not found here ({what}): " + ", ".join(f"{name} ({n})" for name, n in names.items()))
    for reason, n in told["reasons"].items():
        say(f"  {n:>8}  {reason}: {told['says'].get(reason, '')}")
    for line in told["lines"][:SHOWN]:
        for sentence in line["says"]:
            say(f"  {sentence}")
    if len(told["lines"]) > SHOWN:
        say(f"  … and {len(told['lines']) - SHOWN} more rows.")
    if told["stopped"]:
        say(f"The file breaks off: {told['stopped']['says']} {told['stopped']['remedy']}")
    if dry and told["extra"].get("danger"):
        say("Answers in this file say that someone may be in danger. Import it today, or tell a supervisor now.")


def _write_aside(path: Path, table: Any, outcome: Any) -> None:
    from kinweave.core.sheets.report import write_set_aside

    if written := write_set_aside(path, table, outcome.report):
        say(f"{written} rows with their reasons are in {path}. Mend them and import that file. It holds people's data.")


def _agreed(arguments: argparse.Namespace) -> bool:
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        say("Nothing was imported. Say --yes to import without being asked.")
        return False
    return input("Import these rows now? (yes/no) ").strip().casefold() in {"y", "yes"}


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r  {done} of {total} rows", end=end, file=sys.stderr, flush=True)
