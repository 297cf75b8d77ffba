"""Server-side bound, prepared statements for the few places where the ORM's price is too high.

Django's own cursor binds on the client and never prepares; here PostgreSQL parses and plans a
statement once per connection (measured: a third of the cost of an order). Rows of several tables
travel as one JSON parameter a table and are written by one statement.
"""

import functools
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connections, models

from config.kernel import prepared

Row = Mapping[str, Any]
_encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")


def fetch(statement: str, params: Any = None, *, by_index: bool = False) -> list[tuple[Any, ...]]:
    """Run a prepared statement and return its rows; `by_index` as `prepared.run` explains."""
    return _execute(statement, params, by_index=by_index).rows


def fetch_one(statement: str, params: Any = None) -> tuple[Any, ...] | None:
    """Run a prepared statement and return its first row, or None."""
    rows = _execute(statement, params).rows
    return rows[0] if rows else None


def fetch_dicts(
    statement: str, params: Any = None, *, binary: bool = False
) -> list[dict[str, Any]]:
    """Run a prepared statement and return its rows by column name.

    `binary` lets the server send times and numbers as they are, which many rows are read from
    faster; JSON columns then come parsed.
    """
    answer = _execute(statement, params, binary=binary)
    names = answer.names
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def update(model: type[models.Model], rows: Sequence[Row]) -> int:
    """Set columns of many rows in one statement; each row holds `id` and the same columns."""
    if not rows:
        return 0
    return _execute(_update_statement(model, tuple(rows[0])), [to_json(rows)]).count


def revise(model: type[models.Model], rows: Sequence[Row], *, at: datetime) -> int:
    """Set columns of many records that staff edit, as `update` does; their versions move on."""
    if not rows:
        return 0
    return _execute(_revise_statement(model, tuple(rows[0])), [at, to_json(rows)]).count


def lock(model: type[models.Model], keys: Iterable[UUID]) -> None:
    """Lock records in the order of their keys until the transaction ends."""
    table = model._meta.db_table  # noqa: SLF001 - Django's documented API
    statement = f"SELECT 1 FROM {table} WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
    _execute(statement, [array(keys)])


def run(statement: str, params: Any = None) -> int:
    """Run a prepared statement and return how many rows it touched."""
    return _execute(statement, params).count


def insert(*tables: tuple[type[models.Model], Sequence[Row]]) -> None:
    """Insert the rows of several tables in one statement; a table's rows all have the same keys.

    Foreign keys between the tables hold: they are checked at the end of the statement.
    """
    filled = [(model, rows) for model, rows in tables if rows]
    if not filled:
        return
    shape = tuple((model, tuple(rows[0])) for model, rows in filled)
    _execute(_insert_statement(shape), [to_json(rows) for _, rows in filled])


def array(values: Iterable[UUID | int]) -> str:
    """Return keys or numbers as PostgreSQL writes an array; the statement casts: `%s::uuid[]`.

    Handing psycopg a list works as well and costs five times as much Python.
    """
    return "{" + ",".join(map(str, values)) + "}"


def to_json(value: object) -> str:
    """Return compact JSON; decimals as strings, UUIDs and times in their standard text."""
    return _encoder.encode(value).decode()


def raw(text: str | None) -> Any:
    """Return JSON text from the database so that `to_json` passes it on without reading it."""
    return None if text is None else msgspec.Raw(text.encode())


@functools.cache
def _insert_statement(shape: tuple[tuple[type[models.Model], tuple[str, ...]], ...]) -> str:
    *firsts, last = [_insert_into(model, columns) for model, columns in shape]
    steps = ", ".join(f"step{number} AS ({text})" for number, text in enumerate(firsts))
    return f"WITH {steps} {last}" if steps else last


def _insert_into(model: type[models.Model], columns: Iterable[str]) -> str:
    table, names = model._meta.db_table, ", ".join(columns)  # noqa: SLF001 - Django's documented API
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608 - names come from models and code
        f"FROM json_populate_recordset(NULL::{table}, %s)"
    )


@functools.cache
def _update_statement(model: type[models.Model], columns: tuple[str, ...]) -> str:
    table = model._meta.db_table  # noqa: SLF001 - Django's documented API
    sets = ", ".join(f"{name} = given.{name}" for name in columns if name != "id")
    return (
        f"UPDATE {table} SET {sets} "  # noqa: S608 - names come from models and code
        f"FROM json_populate_recordset(NULL::{table}, %s) given WHERE {table}.id = given.id"
    )


@functools.cache
def _revise_statement(model: type[models.Model], columns: tuple[str, ...]) -> str:
    changed = "SET version = {table}.version + 1, updated_at = %s, "
    table = model._meta.db_table  # noqa: SLF001 - Django's documented API
    return _update_statement(model, columns).replace("SET ", changed.format(table=table), 1)


def _execute(
    statement: str, params: Any, *, binary: bool = False, by_index: bool = False
) -> prepared.Answer:
    session = connections[DEFAULT_DB_ALIAS]
    session.ensure_connection()
    started = time.monotonic()
    with session.wrap_database_errors:
        answer = prepared.run(
            session.connection, statement, params, binary=binary, by_index=by_index
        )
    if session.queries_logged:
        took = f"{time.monotonic() - started:.3f}"
        session.queries_log.append({"sql": statement, "time": took})
    return answer
