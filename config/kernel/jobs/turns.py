"""Runs the rows of a job: some in a transaction, their results with them, until none waits."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db import DatabaseError

from config.kernel import clock, commands, errors, sql
from config.kernel.actors import Actor
from config.kernel.jobs import rights
from config.kernel.jobs.errors import Lost, Stopped
from config.kernel.jobs.kinds import Batch, Outcome, RowKind
from config.kernel.models import Job, JobRow

ATTEMPTS = 5
FAILED = JobRow.Outcome.FAILED

NEXT = """
SELECT id, subject_id, attempt FROM kernel_jobrow
WHERE job_id = %s AND outcome = 'waiting' ORDER BY attempt, id LIMIT %s
"""

# Only the worker that holds the token writes, and only rows that still wait.
RECORD = """
WITH owned AS (
  UPDATE kernel_job SET done = done + %(done)s::int, failed = failed + %(failed)s::int
  WHERE id = %(job)s::uuid AND token = %(token)s::uuid AND status = 'running'
  RETURNING cancel_requested_at IS NOT NULL AS is_cancelled),
results AS (
  UPDATE kernel_jobrow r SET outcome = given.outcome, code = given.code, params = given.params
  FROM json_to_recordset(%(results)s) AS given(id bigint, outcome text, code text, params jsonb)
  WHERE r.id = given.id AND r.outcome = 'waiting' AND EXISTS (SELECT FROM owned)
  RETURNING r.id)
SELECT (SELECT count(*) FROM results), (SELECT is_cancelled FROM owned)
"""

Row = tuple[int, UUID, int]

_log = logging.getLogger(__name__)


def turns(job: Job, kind: RowKind) -> Iterator[bool]:
    """Do the rows that wait; yield after each transaction whether the job is to be cancelled.

    Raises `Stopped` when the starter's rights are gone, `Lost` when another worker has the job.
    """
    while rows := sql.fetch(NEXT, [job.pk, kind.size]):
        yield from _turn(job, kind, rows)


def _turn(job: Job, kind: RowKind, rows: Sequence[Row]) -> Iterator[bool]:
    """Try rows together; when that fails and they are several, one by one."""
    try:
        yield _do(job=job, kind=kind, rows=rows)
    except (Lost, Stopped):
        raise
    except Exception as error:  # noqa: BLE001 - one row's failure is its own
        if len(rows) > 1:
            for row in rows:
                yield from _turn(job, kind, [row])
            return
        yield _refused(job=job, row=rows[0], error=error)


@commands.command
def _do(*, job: Job, kind: RowKind, rows: Sequence[Row]) -> bool:
    user = rights.starter(job, kind.permission)
    wanted = [subject_id for _, subject_id, _ in rows]
    seen = set(kind.subjects(user).filter(pk__in=wanted).values_list("pk", flat=True))
    known = [subject_id for subject_id in wanted if subject_id in seen]
    results: Mapping[UUID, Outcome] = {}
    if known:
        results = kind.handle(Batch(known, job.params, Actor.staff(user), clock.now()))
    unseen = Outcome(FAILED, errors.NotFound.code)
    return _record(job, [(row, results[row[1]] if row[1] in seen else unseen) for row in rows])


@commands.command
def _refused(*, job: Job, row: Row, error: Exception) -> bool:
    """Write down why a row failed; one that met others' locks is tried again after the rest."""
    row_id, _, attempt = row
    if isinstance(error, errors.Busy | DatabaseError) and attempt + 1 < ATTEMPTS:
        JobRow.objects.filter(pk=row_id, outcome=JobRow.Outcome.WAITING).update(attempt=attempt + 1)
        return _record(job, [])
    if isinstance(error, errors.DomainError):
        return _record(job, [(row, Outcome(FAILED, error.code, error.params))])
    _log.error("a row of a job failed", exc_info=error, extra={"job": str(job.pk)})
    return _record(job, [(row, Outcome(FAILED, "unexpected"))])


def _record(job: Job, results: Sequence[tuple[Row, Outcome]]) -> bool:
    failed = sum(result.outcome == FAILED for _, result in results)
    given = [
        {"id": row[0], "outcome": str(one.outcome), "code": one.code, "params": dict(one.params)}
        for row, one in results
    ]
    ((written, is_cancelled),) = sql.fetch(
        RECORD,
        {
            "done": len(results) - failed,
            "failed": failed,
            "job": job.pk,
            "token": job.token,
            "results": sql.to_json(given),
        },
    )
    if written != len(results) or is_cancelled is None:
        raise Lost
    return bool(is_cancelled)
