"""Decisions move only here: a table of allowed moves, compared and set in one statement."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from config.kernel import errors

Moves = Mapping[str, frozenset[str]]

_tables: dict[type[models.Model], Moves] = {}


def register(model: type[models.Model], moves: Moves) -> None:
    """Name the table of allowed moves of a model with a `status`."""
    _tables[model] = moves


def table_of(model: type[models.Model]) -> Moves | None:
    """Return the table of allowed moves of a model, if it has one."""
    return _tables.get(model)


def transition(obj: Any, to: str, **changes: Any) -> None:
    """Move one record, with further column changes, if it still is where it was read.

    Raises `InvalidTransition` when the table does not hold the move, `StaleState` when someone was
    faster.
    """
    _check(type(obj), obj.status, to)
    matched = type(obj)._default_manager.filter(pk=obj.pk, status=obj.status)  # noqa: SLF001
    if not matched.update(status=to, **changes):
        raise errors.StaleState
    for name, value in {"status": to, **changes}.items():
        setattr(obj, name, value)


def transition_many(rows: models.QuerySet[Any], *, origin: str, to: str, **changes: Any) -> int:
    """Move all records of a queryset that are in `origin`; return how many were."""
    _check(rows.model, origin, to)
    return rows.filter(status=origin).update(status=to, **changes)


def _check(model: type[models.Model], origin: str, to: str) -> None:
    if to not in _tables[model].get(origin, frozenset()):
        raise errors.InvalidTransition(f"{model.__name__}: {origin} → {to}")
