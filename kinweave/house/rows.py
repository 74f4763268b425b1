"""Row changes: what an apply function answers with, and the one writer that carries them out.

Live writes, bulk loading and replay all come through `write`. It goes past the model layer on purpose:
the journal is the truth, rows are only its shape, and one prepared statement for each table is several
times faster than saving instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, models

from kinweave.house import quick
from kinweave.house.handed import Handed, short_way

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """A new row of `model` ("app.Model"); columns not named get the field's default."""

    model: str
    values: Values


@dataclass(frozen=True, slots=True)
class Change:
    """New values for the row `id`; it must exist."""

    model: str
    id: UUID
    values: Values


@dataclass(frozen=True, slots=True)
class Drop:
    model: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Wipe:
    """Empty `columns` of every row whose `person` column holds one of `persons` (an erasure)."""

    model: str
    person: str
    persons: tuple[UUID, ...]
    columns: tuple[str, ...]


Row = Put | Change | Drop | Wipe


class RowMissing(Exception):
    """A change of a row that is not there: the journal and the tables disagree."""


Made = tuple[str | None, Any, Handed, Any]  # the name it is given under, its field, the short way, the default


@dataclass(frozen=True, slots=True)
class Table:
    """What the writer knows of one model on one database."""

    model: type[models.Model]
    insert: str
    fields: tuple[Any, ...]
    by_name: Mapping[str, Any]
    short: Mapping[str, Handed]  # attribute name: how its usual values are handed over
    plans: dict[tuple[str, ...], tuple[Made, ...]] = field(default_factory=dict)

    def prepared(self, values: Values, using: str) -> list[Any]:
        """The row's values in the order of the columns, as the database takes them."""
        names = tuple(values)
        plan = self.plans.get(names) or self._plan(names)
        made = []
        for name, column, short, default in plan:
            value = default() if name is None else values[name]
            kept = None if value is None else short(value)
            made.append(_saved(column, value, using) if kept is None else kept)
        return made

    def named(self, values: Values) -> dict[str, Any]:
        """The same values, each under its attribute's name."""
        return {self.by_name[name].attname: value for name, value in values.items()}

    def handed(self, name: str, value: Any, using: str) -> Any:
        """One value as the database takes it."""
        column = self.by_name[name]
        kept = None if value is None else self.short[column.attname](value)
        return _saved(column, value, using) if kept is None else kept

    def _plan(self, names: tuple[str, ...]) -> tuple[Made, ...]:
        given = {self.by_name[name].attname: name for name in names}
        plan = tuple((given.get(f.attname), f, self.short[f.attname], f.get_default) for f in self.fields)
        self.plans[names] = plan
        return plan


def _saved(column: Any, value: Any, using: str) -> Any:
    if value is None and type(column) in _NULL_IS_NULL:
        return None
    return column.get_db_prep_save(None if value is None else column.to_python(value), connections[using])


# Kinds of columns whose missing value is handed over as nothing at all, whatever else they do with values.
_NULL_IS_NULL = frozenset(
    {models.UUIDField, models.CharField, models.DateTimeField, models.DateField, models.IntegerField,
     models.SmallIntegerField, models.BinaryField, models.TextField, models.ForeignKey}
)  # fmt: skip


@cache
def table(label: str, using: str) -> Table:
    model = apps.get_model(label)
    quote = connections[using].ops.quote_name
    fields = tuple(f for f in model._meta.concrete_fields if f.db_returning is False or not f.primary_key)
    columns = ", ".join(quote(f.column) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    by_name = {name: f for f in fields for name in (f.name, f.attname)}
    return Table(model, insert, fields, by_name, {f.attname: short_way(f, connections[using]) for f in fields})


def write(rows: Iterable[Row], using: str = "default") -> None:
    """Carry out row changes in their order; neighbouring new rows of one table go as one statement."""
    run: list[Put] = []
    for row in rows:
        if isinstance(row, Put) and (not run or run[-1].model == row.model):
            run.append(row)
            continue
        _insert(run, using)
        run = []
        if isinstance(row, Put):
            run.append(row)
        else:
            _HOW[type(row)](row, using)
    _insert(run, using)


def write_many(rows: Sequence[Row], using: str = "default") -> None:
    """The same for a long run: new rows by table, as their last change leaves them, then changes of older rows.

    Older rows go first, where they are dropped. Equal to `write` because a row is put before it is changed;
    a wipe, or a dropped row that comes back, ends the run.
    """
    run = _Run(using)
    for row in rows:
        if isinstance(row, Wipe):
            run.flush()
            write([row], using)
        else:
            run.take(row)
    run.flush()


class _Run:
    """What gathers of a long run, by the row's id."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.new: dict[str, dict[str, dict[str, Any]]] = {}  # by model
        self.twice: list[Put] = []  # under an id that the run has put already, or none: the database says what is wrong
        self.changes: dict[tuple[str, str], dict[str, Any]] = {}
        self.drops: dict[tuple[str, str], Drop] = {}

    def take(self, row: Put | Change | Drop) -> None:
        to = table(row.model, self.using)
        new = self.new.setdefault(row.model, {})
        if isinstance(row, Put):
            values = to.named(row.values)
            key = str(values.get(to.model._meta.pk.attname))
            self._not_dropped(row.model, key)
            if key in new:
                self.twice.append(row)
            else:
                new[key] = values
            return
        key = str(row.id)
        if isinstance(row, Drop):
            if new.pop(key, None) is None:
                self.changes.pop((row.model, key), None)
                self.drops[row.model, key] = row
            return
        self._not_dropped(row.model, key)
        (new[key] if key in new else self.changes.setdefault((row.model, key), {})).update(to.named(row.values))

    def _not_dropped(self, model: str, key: str) -> None:
        if (model, key) in self.drops:
            self.flush()

    def flush(self) -> None:
        for drop in self.drops.values():
            _drop(drop, self.using)
        for model, some in self.new.items():
            _insert([Put(model, values) for values in some.values()], self.using)
        for put in self.twice:
            _insert([put], self.using)
        _change_many(self.changes, self.using)
        for gathered in (self.new, self.twice, self.changes, self.drops):
            gathered.clear()


def _insert(run: Sequence[Put], using: str) -> None:
    if not run:
        return
    to = table(run[0].model, using)
    prepared = [to.prepared(put.values, using) for put in run]
    if len(prepared) == 1:
        quick.tell(to.insert, prepared[0], using)
    else:
        quick.tell_many(to.insert, prepared, using)
    quick.forget(run[0].model, using)


def _change(row: Change, using: str) -> None:
    to = table(row.model, using)
    touched = quick.tell(_update(to, tuple(row.values), using), _changed(to, row.id, row.values, using), using)
    quick.forget(row.model, using)
    if touched != 1:
        raise RowMissing(f"{row.model} {row.id}")


def _change_many(changes: Mapping[tuple[str, str], Values], using: str) -> None:
    """Changes of different rows; those of the same columns go as one statement."""
    alike: dict[tuple[str, tuple[str, ...]], list[tuple[str, Values]]] = {}
    for (model, row_id), values in changes.items():
        alike.setdefault((model, tuple(values)), []).append((row_id, values))
    for (model, names), some in alike.items():
        to = table(model, using)
        new = [_changed(to, row_id, values, using) for row_id, values in some]
        touched = quick.tell_many(_update(to, names, using), new, using)
        quick.forget(model, using)
        if touched != len(some):
            for row_id, values in some:  # once more, one by one, to name the row
                _change(Change(model, UUID(row_id), values), using)


def _update(to: Table, names: tuple[str, ...], using: str) -> str:
    quote = connections[using].ops.quote_name
    sets = ", ".join(f"{quote(to.by_name[name].column)} = %s" for name in names)
    return f"UPDATE {quote(to.model._meta.db_table)} SET {sets} WHERE {_pk(to, quote)} = %s"


def _changed(to: Table, row_id: UUID | str, values: Values, using: str) -> list[Any]:
    """New values and the row's id, as `_update` takes them."""
    key = _id(to, row_id, using)
    return [*(to.handed(name, value, using) for name, value in values.items()), key]


def _drop(row: Drop, using: str) -> None:
    to = table(row.model, using)
    quote = connections[using].ops.quote_name
    where = f"{_pk(to, quote)} = %s"
    quick.tell(f"DELETE FROM {quote(to.model._meta.db_table)} WHERE {where}", [_id(to, row.id, using)], using)
    quick.forget(row.model, using)


def _wipe(row: Wipe, using: str) -> None:
    model = apps.get_model(row.model)
    blank = {}
    for name in row.columns:
        field: Any = model._meta.get_field(name)
        blank[field.attname] = None if field.null else field.get_default()
    model._base_manager.using(using).filter(**{f"{row.person}__in": row.persons}).update(**blank)
    quick.forget(row.model, using)


def _pk(to: Table, quote: Callable[[str], str]) -> str:
    return quote(str(to.model._meta.pk.column))


def _id(to: Table, row_id: UUID | str, using: str) -> Any:
    return _saved(to.model._meta.pk, row_id, using)


_HOW: dict[type, Callable[[Any, str], None]] = {Change: _change, Drop: _drop, Wipe: _wipe}
