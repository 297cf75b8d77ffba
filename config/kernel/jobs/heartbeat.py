"""Keeps a running job leased: a thread that says every few seconds that the worker is alive."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from config.kernel import commands, sql
from config.kernel.models import Job

LEASE, BEAT = "15 s", 4.0

RENEW = """
UPDATE kernel_job SET due_at = statement_timestamp() + %s::interval WHERE id = %s AND token = %s
"""

_log = logging.getLogger(__name__)


@contextmanager
def beating(job: Job) -> Iterator[None]:
    """Renew the lease until the block ends; a killed process takes its thread with it."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, over), name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(BEAT)


def _beat(job: Job, over: threading.Event) -> None:
    try:
        while not over.wait(BEAT):
            try:
                _renew(job=job)
            except DatabaseError as error:
                _log.warning("the lease of job %s was not renewed: %s", job.pk, error)
    finally:
        connections.close_all()


@commands.command
def _renew(*, job: Job) -> None:
    sql.run(RENEW, [LEASE, job.pk, job.token])
