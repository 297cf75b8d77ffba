"""Between the file and the books: rows go into the database and come back as they happened.

Nobody holds the file in memory: the database sorts it, and hands out a chunk at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from config.kernel import commands, sql
from orders.imports.rows import Line, Row

ROWS_AT_ONCE = 5000
LINES_AT_ONCE = 2500

COPY = "COPY orders_importrow (run_id, row_number, kind, reference, at, data, error) FROM STDIN"

# What carries one reference happened at once, at the moment of its first row.
IN_ORDER = """
SELECT first_row, row_number, kind, reference, happened_at, data::text FROM (
  SELECT row_number, kind, reference, data, error,
    min(row_number) OVER (PARTITION BY kind, reference) AS first_row,
    first_value(at) OVER (PARTITION BY kind, reference ORDER BY row_number) AS happened_at
  FROM orders_importrow WHERE run_id = %(run)s AND kind <> 'refused') happened
WHERE error = ''
  AND (%(at)s::timestamptz IS NULL OR (happened_at, first_row) > (%(at)s::timestamptz, %(row)s))
ORDER BY happened_at, first_row, row_number
"""

COUNTS = """
SELECT count(*), count(*) FILTER (WHERE error <> ''),
  count(*) FILTER (WHERE error NOT IN ('', 'rule'))
FROM orders_importrow WHERE run_id = %s
"""

REFUSE = """
UPDATE orders_importrow SET error = refused.error
FROM json_to_recordset(%s) refused(row_number int, error text)
WHERE run_id = %s AND orders_importrow.row_number = refused.row_number
"""


@dataclass(frozen=True, slots=True)
class Happening:
    """Rows that belong together: an order, a credit or a correction, at its first row's moment."""

    kind: str
    reference: str
    at: datetime
    first_row: int
    row_numbers: tuple[int, ...]
    lines: tuple[Line, ...]

    def without(self, errors: Sequence[str]) -> "Happening | None":
        """Return it without the lines that have an error; None when nothing is left."""
        if not any(errors):
            return self
        kept = [place for place, error in enumerate(errors) if not error]
        if not kept:
            return None
        return replace(
            self,
            row_numbers=tuple(self.row_numbers[place] for place in kept),
            lines=tuple(self.lines[place] for place in kept),
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a run: all, refused ones, and those of them that could not be read."""

    rows: int
    refused: int
    bad: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was read well and cannot be booked, by code."""

    row_number: int
    error: str


def stage(*, run_id: UUID, read: Iterable[Row]) -> Iterator[int]:
    """Copy rows into the database, a few thousand a transaction, and yield how many are in."""
    staged = 0
    stream = iter(read)
    while batch := list(islice(stream, ROWS_AT_ONCE)):
        _copy(run_id=run_id, batch=batch)
        staged += len(batch)
        yield staged


@commands.command
def _copy(*, run_id: UUID, batch: Sequence[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in batch:
            copy.write_row(
                (run_id, row.number, row.kind, row.reference, row.at, _data(row), row.error)
            )


def _data(row: Row) -> str:
    told = row.detail if row.error else row.line
    return msgspec.json.encode(told or {}).decode()


@commands.command
def clear(*, run_id: UUID, keep_refused: bool = False) -> None:
    """Forget what was staged; refused rows may stay, for they are the report."""
    kept = " AND error = ''" if keep_refused else ""
    sql.run(f"DELETE FROM orders_importrow WHERE run_id = %s{kept}", [run_id])  # noqa: S608


@commands.command
def refuse(*, run_id: UUID, refusals: Sequence[Refusal]) -> None:
    """Mark rows that cannot be booked."""
    if refusals:
        sql.run(REFUSE, [sql.to_json(refusals), run_id])


def counts(*, run_id: UUID) -> Counts:
    """Return how many rows there are, and how many of them are refused."""
    return Counts(*sql.fetch(COUNTS, [run_id])[0])


def chunks(*, run_id: UUID, after_at: datetime | None, after_row: int) -> Iterator[list[Happening]]:
    """Yield what happened after a position, in order, some thousand lines at a time."""
    chunk: list[Happening] = []
    lines = 0
    for happening in _happenings(run_id, after_at, after_row):
        chunk.append(happening)
        lines += len(happening.lines)
        if lines >= LINES_AT_ONCE:
            yield chunk
            chunk, lines = [], 0
    if chunk:
        yield chunk


def _happenings(run_id: UUID, after_at: datetime | None, after_row: int) -> Iterator[Happening]:
    decoder = msgspec.json.Decoder(Line)
    for _, group in groupby(_in_order(run_id, after_at, after_row), key=lambda row: row[0]):
        members = list(group)
        first_row, _, kind, reference, at, _ = members[0]
        yield Happening(
            kind=kind,
            reference=reference,
            at=at,
            first_row=first_row,
            row_numbers=tuple(row[1] for row in members),
            lines=tuple(decoder.decode(row[5]) for row in members),
        )


def _in_order(run_id: UUID, after_at: datetime | None, after_row: int) -> Iterator[tuple[Any, ...]]:
    """The server keeps the sorted rows for us, across the transactions in which they are booked."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(IN_ORDER, {"run": run_id, "at": after_at, "row": after_row})
        while batch := cursor.fetchmany(ROWS_AT_ONCE // 5):
            yield from batch
