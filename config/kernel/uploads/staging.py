"""Between the file and the books: rows are copied into the database and come back in groups.

Nobody holds the file in memory. The server keeps the sorted rows, across transactions too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from config.kernel import commands, sql
from config.kernel.models import UploadRow
from config.kernel.uploads.columns import Fault
from config.kernel.uploads.layouts import Layout, Row

ROWS_AT_ONCE = 4000

READ, NEW, CHANGED, UNCHANGED, BAD = (str(one) for one in UploadRow.Outcome.values)

COPY = """
COPY kernel_uploadrow (upload_id, row_number, key, "group", values, outcome, before, faults)
FROM STDIN
"""

TWICE = """
WITH twins AS (
  SELECT id, row_number, min(row_number) OVER same AS first,
    lead(row_number) OVER (PARTITION BY key ORDER BY row_number) AS next,
    count(*) OVER same AS times
  FROM kernel_uploadrow WHERE upload_id = %(upload)s AND key <> ''
  WINDOW same AS (PARTITION BY key))
UPDATE kernel_uploadrow r SET outcome = 'bad', faults = faults || jsonb_build_array(
  jsonb_build_object('code', 'twice', 'column', '', 'value', '', 'params', jsonb_build_object(
    'first', CASE WHEN twins.row_number = twins.first THEN twins.next ELSE twins.first END)))
FROM twins WHERE r.id = twins.id AND twins.times > 1
"""

SPOILED = """
WITH wrong AS (
  SELECT "group", min(row_number) AS row FROM kernel_uploadrow
  WHERE upload_id = %(upload)s AND outcome = 'bad' AND "group" <> '' GROUP BY "group")
UPDATE kernel_uploadrow r SET outcome = 'bad', faults = jsonb_build_array(
  jsonb_build_object('code', 'other_row', 'column', '', 'value', '', 'params',
    jsonb_build_object('row', wrong.row)))
FROM wrong WHERE r.upload_id = %(upload)s AND r."group" = wrong."group" AND r.outcome <> 'bad'
"""

# Records that exist first, in the order of their keys: in that order their locks are taken.
WAITING = """
SELECT row_number, "group", values::text, before::text FROM kernel_uploadrow
WHERE upload_id = %(upload)s AND outcome = ANY(%(outcomes)s)
ORDER BY target_id, "group", row_number
"""

JUDGED = """
UPDATE kernel_uploadrow r SET outcome = told.outcome, target_id = told.target_id,
  before = told.before, faults = told.faults
FROM json_to_recordset(%s) told(
  row_number int, outcome text, target_id uuid, before jsonb, faults jsonb)
WHERE r.upload_id = %s AND r.row_number = told.row_number
"""

FORGET = "DELETE FROM kernel_uploadrow WHERE upload_id = %s AND row_number = ANY(%s::int[])"

COUNTS = """
SELECT outcome, count(*) FROM kernel_uploadrow WHERE upload_id = %s GROUP BY outcome
"""


def stage(*, upload_id: UUID, layout: Layout, rows: Iterable[Row]) -> Iterator[int]:
    """Copy rows into the database, a few thousand a transaction, and yield how many are in."""
    staged = 0
    stream = iter(rows)
    while batch := list(islice(stream, ROWS_AT_ONCE)):
        _copy(upload_id=upload_id, layout=layout, batch=batch)
        staged += len(batch)
        yield staged


@commands.command
def _copy(*, upload_id: UUID, layout: Layout, batch: Sequence[Row]) -> None:
    encode = msgspec.json.encode
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in batch:
            key, group = _identity(layout, row)
            faults = encode(row.faults).decode() if row.faults else "[]"
            outcome = BAD if row.faults else READ
            values = encode(row.values).decode()
            copy.write_row((upload_id, row.number, key, group, values, outcome, "{}", faults))


def _identity(layout: Layout, row: Row) -> tuple[str, str]:
    """A row that cannot be read may lack what it is about; then it stands alone."""
    try:
        return layout.key(row.values)[:400], layout.group_of(row.values)[:400]
    except KeyError:
        return "", ""


@commands.command
def compare_rows(*, upload_id: UUID, layout: Layout) -> None:
    """Mark rows that are about the same, and those that another row of their group spoils."""
    sql.run(TWICE, {"upload": upload_id})
    if layout.is_whole:
        sql.run(SPOILED, {"upload": upload_id})


@commands.command
def clear(*, upload_id: UUID, keep_bad: bool = False) -> None:
    """Forget the rows; bad ones may stay, for they are what is shown."""
    rows = UploadRow.objects.filter(upload=upload_id)
    (rows.exclude(outcome=BAD) if keep_bad else rows).delete()


@commands.command
def judged(*, upload_id: UUID, layout: Layout, rows: Sequence[Row]) -> None:
    """Write down what the rows came to."""
    sql.run(JUDGED, [sql.to_json([_told(layout, row) for row in rows]), upload_id])


def _told(layout: Layout, row: Row) -> dict[str, Any]:
    before = {} if row.faults else layout.differences(row)
    return {
        "row_number": row.number,
        "outcome": _outcome(row, before),
        "target_id": row.target_id,
        "before": before,
        "faults": row.faults,
    }


def outcome_of(layout: Layout, row: Row) -> str:
    """Return what a judged row comes to."""
    return _outcome(row, {} if row.faults else layout.differences(row))


def _outcome(row: Row, before: Mapping[str, Any]) -> str:
    if row.faults:
        return BAD
    if row.present is None:
        return NEW
    return CHANGED if before else UNCHANGED


@commands.command
def forget(*, upload_id: UUID, numbers: Sequence[int]) -> None:
    """Forget rows that were booked, in the transaction that booked them."""
    sql.run(FORGET, [upload_id, sql.array(numbers)])


@commands.command
def forget_all(*, upload_id: UUID, outcomes: Sequence[str]) -> None:
    """Forget all rows of these outcomes, which were booked in this transaction."""
    UploadRow.objects.filter(upload=upload_id, outcome__in=outcomes).delete()


def counts(*, upload_id: UUID) -> dict[str, int]:
    """Return how many rows there are of each outcome."""
    return dict(sql.fetch(COUNTS, [upload_id]))


def chunks(
    *, upload_id: UUID, outcomes: Sequence[str], is_single: bool = False
) -> Iterator[list[Row]]:
    """Yield the rows of these outcomes, whole groups together, some thousand at a time.

    `is_single` yields each group on its own.
    """
    chunk: list[Row] = []
    for _, group in groupby(_sorted(upload_id, outcomes), key=lambda row: row[1] or row[0]):
        chunk += [
            Row(number, msgspec.json.decode(values), seen=msgspec.json.decode(before))
            for number, _, values, before in group
        ]
        if is_single or len(chunk) >= ROWS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _sorted(upload_id: UUID, outcomes: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(WAITING, {"upload": upload_id, "outcomes": list(outcomes)})
        while batch := cursor.fetchmany(ROWS_AT_ONCE // 4):
            yield from batch


def faults_of(stored: Any) -> list[Fault]:
    """Return the faults of a stored row."""
    return msgspec.convert(stored, list[Fault])
