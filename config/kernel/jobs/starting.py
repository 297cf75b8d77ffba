"""Starts and cancels jobs; the records a job is about are written down at once, by the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet, Value

from config.kernel import commands, ids, states, wakeup
from config.kernel.jobs import kinds, storage
from config.kernel.jobs.errors import NotAllowed, NothingChosen, TooMany
from config.kernel.models import Job, JobFile, JobRow, JobStatus, User

MOST_ROWS = 100_000
RUN = "config.kernel.tasks.run_jobs"

Rows = QuerySet[Any]


def start(
    *,
    kind: str,
    user: User,
    params: Mapping[str, Any],
    command_id: UUID,
    at: datetime,
    rows: Rows | None = None,
    label: str = "",
    files: Mapping[str, UploadedFile] | None = None,
) -> Job:
    """Start a job and return it; the same `command_id` returns the job it started before.

    `rows` are the records it is about, in the order they are to be done; `label` is the field they
    are known by. They are read and written down by one statement, so what the job is about does not
    change under it. Raises `NotAllowed` without the kind's permission, `NothingChosen` for no rows
    and `TooMany` for more than 100,000.
    """
    known = kinds.find(kind)
    if known is None or not user.has_perm(known.permission):
        raise NotAllowed
    job = Job(
        id=ids.new(), kind=kind, params=dict(params), command_id=command_id,
        started_by=user, created_at=at,
    )  # fmt: skip
    kept = [
        JobFile(job=job, name=name, size=storage.keep(job.pk, name, upload), is_result=False)
        for name, upload in (files or {}).items()
    ]
    begun = _start(job=job, rows=rows, label=label, files=kept)
    if begun.pk != job.pk:
        storage.remove(job.pk)
    return begun


@commands.command
def _start(*, job: Job, rows: Rows | None, label: str, files: list[JobFile]) -> Job:
    begun, is_new = Job.objects.get_or_create(
        command_id=job.command_id,
        defaults={
            name: getattr(job, name)
            for name in ("id", "kind", "params", "started_by", "created_at")
        },
    )
    if not is_new:
        return begun
    JobFile.objects.bulk_create(files)
    if rows is not None:
        begun.total = _write_down(begun.pk, rows, label)
        Job.objects.filter(pk=begun.pk).update(total=begun.total)
    transaction.on_commit(hurry, robust=True)
    return begun


def _write_down(job_id: UUID, rows: Rows, label: str) -> int:
    name = {} if label else {"no_label": Value("")}
    chosen = rows.annotate(**name).values_list("pk", label or "no_label")[: MOST_ROWS + 1]
    try:
        statement, params = chosen.query.sql_with_params()
    except EmptyResultSet:
        raise NothingChosen from None
    table = JobRow._meta.db_table  # noqa: SLF001 - Django's documented API
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (job_id, subject_id, label) "  # noqa: S608 - Django wrote it
            f"SELECT %s, chosen.pk, chosen.label FROM ({statement}) AS chosen(pk, label)",
            [job_id, *params],
        )
        written: int = cursor.rowcount
    if not written:
        raise NothingChosen
    if written > MOST_ROWS:
        raise TooMany(most=MOST_ROWS)
    return written


@commands.command
def cancel(*, job_id: UUID, at: datetime) -> None:
    """Ask a job to stop after the rows it is at; one that has not begun is over at once.

    What is done stays done. A job that has ended stays as it is.
    """
    job = Job.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.status == JobStatus.QUEUED:
        states.transition(job, JobStatus.CANCELLED, cancel_requested_at=at, finished_at=at)
    elif job.status == JobStatus.RUNNING and job.cancel_requested_at is None:
        Job.objects.filter(pk=job_id).update(cancel_requested_at=at)


def hurry() -> None:
    """Ask a worker to look for jobs now; without Redis the sweep finds them seconds later."""
    wakeup.send(RUN)
