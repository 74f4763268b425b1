"""A problem in the reader's language. `core` knows no languages, so its sentences are translated here.

scripts/messages.py collects the `says` and `remedy` of every Problem; facts that are words are looked up too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from kinweave.core.problems import Problem


def told(problem: Problem | Mapping[str, Any]) -> dict[str, Any]:
    """{code, says, remedy, facts}, as `Problem.as_dict` has it, in the language that is active now.

    `problem`: the exception itself, or what `as_dict` made of it when it was kept for later.
    """
    if isinstance(problem, Problem):
        return _filled(type(problem), problem.facts, problem.as_dict())
    kept = dict(problem)
    kind = next((k for k in _kinds(Problem) if k.code == kept.get("code")), None)
    return _filled(kind, kept.get("facts") or {}, kept) if kind else kept


def both(problem: Problem) -> str:
    """What happened and what to do, in one line."""
    words = told(problem)
    return f"{words['says']} {words['remedy']}"


def _filled(kind: type[Problem], facts: Mapping[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    words = {k: gettext(v) if isinstance(v, str) and v else v for k, v in facts.items()}
    try:
        return {**kept, "says": gettext(kind.says).format(**words), "remedy": gettext(kind.remedy).format(**words)}
    except (KeyError, IndexError, ValueError):  # a translation with a wrong brace must not hide the problem
        return kept


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)
    yield kind
