"""Writing and reading signs of life; moments are the database's, so a wrong clock deceives nobody.

Written on a connection of its own that gives up soon: what tells of trouble must not hang in it.
"""

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg

from config.kernel import ids
from config.operations import databases
from config.operations.models import Pulse

EVERY = 15.0  # seconds between two beats of a heart
STALE = timedelta(seconds=60)
QUEUE_STALE = timedelta(seconds=120)
FORGOTTEN = timedelta(days=1)
WRITE = """
INSERT INTO operations_pulse (id, kind, name, at, skew, complaint)
VALUES (%s, %s, %s, clock_timestamp(), %s - extract(epoch FROM clock_timestamp()), %s)
ON CONFLICT (kind, name) DO UPDATE
SET at = excluded.at, skew = excluded.skew, complaint = excluded.complaint
"""


def beat(*, kind: str, name: str, complaint: str = "") -> None:
    """Write a sign of life. Raises psycopg.Error when the database does not take it soon."""
    with _session() as session:
        session.execute(WRITE, [ids.new(), kind, name[:200], time.time(), complaint[:400]])


def stop(*, kind: str, name: str) -> None:
    """Take the sign away: the program ends in good order. Raises psycopg.Error."""
    with _session() as session:
        session.execute("DELETE FROM operations_pulse WHERE (kind, name) = (%s, %s)", [kind, name])


def forget_old() -> int:
    """Drop the signs of programs nobody has heard of for a day; return how many."""
    return Pulse.objects.filter(at__lt=databases.now() - FORGOTTEN).delete()[0]


@contextlib.contextmanager
def _session() -> Iterator[psycopg.Connection[Any]]:
    with databases.connect(patience=3) as session:
        yield session
