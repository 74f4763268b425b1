"""The shape of the tables: which way they point, what erasing a person takes, what replay rebuilds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

from kinweave.house import operational

pytestmark = pytest.mark.sqlite_only  # reads the models, asks no database


def our_models() -> list[type[Model]]:
    """Every model of our own apps, the tables between many-to-many fields included."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("kinweave")
        for model in config.get_models(include_auto_created=True)
    ]


def heights() -> dict[str, int]:
    """Package name → how high it stands, read from the import contract's own layers."""
    pyproject = Path(__file__).resolve().parents[2] / "pyproject.toml"
    contracts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {name.strip("() "): height for height, layer in enumerate(reversed(layers)) for name in layer.split("|")}


def package_of(model: type[Model]) -> str | None:
    """`listen` of kinweave.listen.models; None for a model that is not ours."""
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "kinweave" else None


HEIGHT = heights()
MODELS = our_models()
RELATIONS = [
    (model, field)
    for model in MODELS
    for field in [*model._meta.concrete_fields, *model._meta.many_to_many]
    if field.is_relation
]


def test_there_are_models_to_look_at() -> None:
    assert MODELS
    assert RELATIONS


@pytest.mark.parametrize(("model", "field"), RELATIONS, ids=lambda part: getattr(part, "_meta", part).__str__())
def test_foreign_keys_point_downhill_and_leave_no_way_back(model: type[Model], field: Field) -> None:
    here, there = package_of(model), package_of(field.related_model)
    if here == there or there is None:
        # Within a room anything goes; Django's own tables know nothing of ours.
        return
    assert HEIGHT[there] < HEIGHT[here], f"{field} points uphill"
    assert field.remote_field.hidden, f"{field} needs related_name='+'"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_kept_or_erased(model: type[Model]) -> None:
    if model._meta.auto_created:
        pytest.fail(f"{model._meta.label}: give the many-to-many field a model of its own, with its Privacy")
    privacy = model.__dict__.get("Privacy")
    assert privacy is not None, f"{model._meta.label} has no inner class Privacy of its own"
    keep, erase = set(privacy.keep), set(privacy.erase)
    fields = {field.name for field in model._meta.concrete_fields}
    assert not keep & erase, "both kept and erased"
    assert keep | erase == fields, f"undeclared {fields - keep - erase}, unknown {(keep | erase) - fields}"


def test_every_table_is_rebuilt_by_replay_or_declared_operational() -> None:
    """What is declared exists; what is not declared is compared row for row by `replay --check`."""
    labels = {model._meta.label for model in MODELS}
    declared = operational.OPERATIONAL | operational.JOURNAL
    assert not operational.OPERATIONAL & operational.JOURNAL
    assert declared <= labels, f"declared but not there: {sorted(declared - labels)}"
