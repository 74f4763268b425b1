"""No second way to write: domain tables change through actions and `house.rows` alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps

from kinweave.house.operational import JOURNAL, OPERATIONAL

pytestmark = pytest.mark.sqlite_only  # needs no database

ROOT = Path(__file__).resolve().parents[2] / "kinweave"
WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create", "save"}
# Where rows and the journal are written, and nothing else is decided.
WRITERS = {"house/rows.py", "house/journal.py", "house/sequencer.py"}


def domain_models() -> set[str]:
    return {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("kinweave") and model._meta.label not in JOURNAL | OPERATIONAL
    }


def sources() -> list[Path]:
    return [p for p in sorted(ROOT.rglob("*.py")) if "migrations" not in p.parts]


def managers(tree: ast.AST, models: set[str]) -> list[str]:
    """Lines where a domain model's manager is asked to write."""
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        for inner in ast.walk(node.func.value):
            is_manager = isinstance(inner, ast.Attribute) and inner.attr in {
                "objects",
                "_default_manager",
                "_base_manager",
            }
            if is_manager and isinstance(inner.value, ast.Name) and inner.value.id in models:
                found.append(f"line {node.lineno}: {inner.value.id}.{node.func.attr}")
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_writes_a_domain_table_past_the_actions(path):
    if str(path.relative_to(ROOT)) in WRITERS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert managers(tree, domain_models() - operational_names(tree)) == []


def operational_names(tree: ast.AST) -> set[str]:
    """Names that this module imports from where only operational tables live (care has a Session too)."""
    homes = {"kinweave.house.models", "kinweave.house.models.signing", "kinweave.house.models.operational"}
    rooms = {m.__name__ for m in apps.get_models() if m._meta.label in JOURNAL | OPERATIONAL}
    return {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in homes
        for name in node.names
        if name.name in rooms
    }


def test_the_search_itself_finds_such_a_write():
    bad = ast.parse("Person.objects.filter(id=1).update(state='x')")
    assert managers(bad, {"Person"}) == ["line 1: Person.update"]


def test_every_applied_part_belongs_to_a_registered_action():
    from kinweave.house.journal import APPLIES
    from kinweave.house.registry import ACTIONS

    assert {name for name, _ in APPLIES} == set(ACTIONS)
    assert {(spec.name, spec.version) for spec in ACTIONS.values()} <= set(APPLIES)


def test_every_permission_an_action_asks_for_is_held_by_some_role_or_the_system_alone():
    from kinweave.house.access import PERSON_MAY, ROLES
    from kinweave.house.registry import ACTIONS

    held = {p for table in ROLES.values() for p in table} | PERSON_MAY
    alone = {"house.hold", "own.open", "risk.escalate"}
    assert {spec.permission for spec in ACTIONS.values()} - held - alone == set()
