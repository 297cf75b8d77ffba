"""Runs due jobs: claim with a lease and a token, work for a slice of time, give back or finish.

Which job is due is told by the database's clock. A worker that dies loses its lease and another
goes on from what was committed; one that only slept finds its token gone and commits nothing.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import InterfaceError, OperationalError

from config.kernel import audit, clock, commands, errors, sql, states
from config.kernel.actors import Actor
from config.kernel.jobs import heartbeat, kinds, stepping, turns
from config.kernel.jobs.errors import Lost, Stopped
from config.kernel.jobs.kinds import Kind, RowKind, StepKind
from config.kernel.jobs.starting import hurry
from config.kernel.models import Job, JobStatus

SLICE, SHIFT = 10.0, 60.0
STUMBLES = 50
BROKEN = "unexpected"

CLAIM = """
WITH due AS (
  SELECT id FROM kernel_job
  WHERE status IN ('queued', 'running') AND due_at <= statement_timestamp()
  ORDER BY due_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE kernel_job j
SET due_at = statement_timestamp() + %s::interval, token = gen_random_uuid()
FROM due WHERE j.id = due.id RETURNING j.id
"""

GIVE_BACK = """
UPDATE kernel_job SET token = NULL, stumbles = stumbles + %s::int,
  due_at = statement_timestamp() + %s::int * interval '5 s'
WHERE id = %s AND token = %s
"""

_log = logging.getLogger(__name__)


def work() -> int:
    """Run slices of jobs, in turn, until none is due or a minute is over; return how many.

    Only so many workers do this at once as `JOBS_AT_ONCE` says, so that jobs leave room for
    everything that has to be quick.
    """
    ends = time.monotonic() + SHIFT
    slices = 0
    with _slot() as is_mine:
        while is_mine and (job := _claim()):
            _run(job, min(SLICE, ends - time.monotonic()))
            slices += 1
            if time.monotonic() > ends:
                hurry()
                break
    return slices


@contextmanager
def _slot() -> Iterator[bool]:
    """Hold one of the places for working on jobs; it ends with the connection, however that ends.

    The lock is the session's, not a transaction's.
    """
    taken = next(
        (
            number
            for number in range(settings.JOBS_AT_ONCE)
            if sql.fetch("SELECT pg_try_advisory_lock(hashtext('jobs'), %s)", [number])[0][0]
        ),
        None,
    )
    try:
        yield taken is not None
    finally:
        if taken is not None:
            sql.fetch("SELECT pg_advisory_unlock(hashtext('jobs'), %s)", [taken])


@commands.command
def _claim() -> Job | None:
    found = sql.fetch_one(CLAIM, [heartbeat.LEASE])
    if found is None:
        return None
    job = Job.objects.get(pk=found[0])
    if job.status == JobStatus.QUEUED:
        states.transition(job, JobStatus.RUNNING, began_at=clock.now())
    return job


def _run(job: Job, seconds: float) -> None:
    try:
        with heartbeat.beating(job), audit.acting(Actor.staff(job.started_by)):
            _slice(job, seconds)
    except Lost:
        _log.warning("job %s goes on elsewhere", job.pk)
    except Stopped as stopped:
        _finish(job=job, status=JobStatus.FAILED, code=stopped.code)
    except (errors.Busy, OperationalError, InterfaceError) as error:
        _stumble(job, error)
    except errors.DomainError as refusal:
        _finish(job=job, status=JobStatus.FAILED, code=refusal.code, params=refusal.params)
    except Exception:  # noqa: BLE001 - one job's failure is its own
        _log.exception("job %s broke off", job.pk)
        _finish(job=job, status=JobStatus.FAILED, code=BROKEN)


def _slice(job: Job, seconds: float) -> None:
    """Work until the time is over, at a place from where the job can go on, or all is done."""
    kind = kinds.find(job.kind)
    if kind is None:
        raise Stopped("unknown_kind")
    ends = time.monotonic() + seconds
    began_at = job.position
    for is_cancelled in _steps(job, kind):
        if is_cancelled:
            return _finish(job=job, status=JobStatus.CANCELLED)
        may_pause = isinstance(kind, RowKind) or job.position != began_at
        if may_pause and time.monotonic() > ends:
            return _give_back(job=job)
    return _finish(job=job, status=JobStatus.DONE)


def _steps(job: Job, kind: Kind) -> Iterator[bool]:
    if job.cancel_requested_at is not None:
        yield True
    if isinstance(kind, RowKind):
        yield from turns.turns(job, kind)
    elif isinstance(kind, StepKind):
        yield from stepping.steps(job, kind)


def _stumble(job: Job, error: Exception) -> None:
    """Let the job go on in a moment; a cause that stays ends it at last."""
    _log.warning("job %s stumbled: %s", job.pk, error)
    if job.stumbles < STUMBLES:
        _give_back(job=job, stumbles=1)
    else:
        _finish(job=job, status=JobStatus.FAILED, code=errors.Busy.code)


@commands.command
def _give_back(*, job: Job, stumbles: int = 0) -> None:
    sql.run(GIVE_BACK, [stumbles, stumbles, job.pk, job.token])


@commands.command
def _finish(
    *, job: Job, status: str, code: str = "", params: dict[str, object] | None = None
) -> None:
    owned = Job.objects.filter(pk=job.pk, token=job.token, status=JobStatus.RUNNING)
    current = owned.select_for_update(no_key=True).first()
    if current is None:
        return
    told = {"code": code, "code_params": params or {}} if code else {}
    states.transition(current, status, finished_at=clock.now(), token=None, **told)
