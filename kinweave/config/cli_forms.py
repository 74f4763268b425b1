"""`kinweave forms list|check|export`: forms of one's own, their faults, what was answered in them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from kinweave.config.cli import PROBLEM, USAGE, fail, say
from kinweave.core.problems import Problem


class SayWhere(Problem):
    status, code = 422, "say-where"
    says = "Nothing says where the answers are to go."
    remedy = "Give a file that ends in .csv or .parquet: --to answers.csv"


def forms(arguments: argparse.Namespace) -> int:
    """Run `kinweave forms`."""
    from kinweave.config.prepare import setup

    setup()
    if arguments.do == "check":
        return _check(Path(arguments.what)) if arguments.what else _usage()
    from kinweave.config.cli_import import _actor

    by = _actor(arguments.by, "forms.answers")
    if arguments.do == "list":
        return _list(by)
    return _export(by, arguments) if arguments.what else _usage()


def _usage() -> int:
    fail("Nothing says which form.", "For check give an Excel file, for export the form's id.")
    return USAGE


def _list(by: Any) -> int:
    from kinweave.flows.forms import forms_within

    for row in forms_within(by, "forms.answers"):
        say(f"{row.slug}  {row.version}  {'on phones' if row.on else 'not on phones'}")
    return 0


def _check(path: Path) -> int:
    """Say what the judges say of a file; nothing is stored."""
    from kinweave.core.xforms.check import FormFaults, check_form

    try:
        checked = check_form(path.read_bytes(), version="1")
    except FormFaults as found:
        for line in found.faults:
            say(f"  {line}")
        fail(found.sentence, found.what_to_do)
        return PROBLEM
    for line in checked.warnings:
        say(f"  note: {line}")
    why = {"no-java": "there is no Java here", "too-slow": "it took too long"}.get(checked.judged.why, "")
    say("ODK Validate accepts it." if checked.judged.ran else f"ODK Validate did not look at it: {why}.")
    say(f"{checked.form_id} {checked.version}: {len(checked.columns)} questions, no fault.")
    return 0


def _export(by: Any, arguments: argparse.Namespace) -> int:
    """Write the answers of a form, and what its columns mean. Written down as a look at these people."""
    from kinweave.flows.forms_answers import Table, as_csv, as_parquet

    to = Path(arguments.to)
    if to.suffix not in {".csv", ".parquet"}:
        raise SayWhere()
    table = Table(by, arguments.what)
    _write(to, [as_parquet(table)] if to.suffix == ".parquet" else as_csv(table.rows(), table.columns))
    say(f"Answers: {to}")
    if arguments.dictionary:
        _write(Path(arguments.dictionary), as_csv(table.dictionary()))
        say(f"What the columns mean: {arguments.dictionary}")
    return 0


def _write(path: Path, pieces: Any) -> None:
    """A new file that only its owner reads: it holds what people answered."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
