"""The facts by which the system's health is judged, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

MANY = 10_000  # beyond it a backlog is not counted

FACTS = """
SELECT
  clock_timestamp(),
  (SELECT coalesce(json_agg(json_build_object('kind', kind, 'name', name, 'at', at,
     'skew', skew, 'complaint', complaint) ORDER BY kind, name), '[]') FROM operations_pulse),
  (SELECT json_build_object('at', ended_at, 'path', path, 'size', size)
   FROM operations_backup WHERE failure = '' ORDER BY ended_at DESC LIMIT 1),
  (SELECT json_build_object('at', ended_at, 'failure', failure)
   FROM operations_backup ORDER BY ended_at DESC LIMIT 1),
  (SELECT count(*) FROM (SELECT FROM kernel_event WHERE NOT fanned_out LIMIT %(many)s) fresh),
  (SELECT id FROM kernel_event WHERE NOT fanned_out ORDER BY id LIMIT 1),
  (SELECT count(*) FROM (SELECT FROM kernel_delivery
     WHERE state IN ('pending', 'leased') AND next_at < statement_timestamp() LIMIT %(many)s) due),
  (SELECT min(next_at) FROM kernel_delivery
   WHERE state IN ('pending', 'leased') AND next_at < statement_timestamp()),
  (SELECT count(*) FROM kernel_delivery WHERE state = 'parked')
    + (SELECT count(*) FROM kernel_webhookdelivery WHERE state = 'parked'),
  (SELECT min(xact_start) FROM pg_stat_activity
   WHERE datname = current_database() AND backend_type = 'client backend'
     AND pid <> pg_backend_pid() AND application_name <> 'pg_dump')
"""


@dataclass(frozen=True, slots=True)
class Sign:
    """A program's last sign of life."""

    kind: str
    name: str
    at: datetime
    skew: float
    complaint: str


@dataclass(frozen=True, slots=True)
class Made:
    """The last backup that was made."""

    at: datetime
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows of the system's health at one moment of its clock."""

    now: datetime
    signs: Sequence[Sign]
    backup: Made | None
    backup_failure: str
    waiting: int
    waiting_since: datetime | None
    parked: int
    longest: timedelta

    def of(self, kind: str) -> list[Sign]:
        """Return the signs of one kind of program."""
        return [sign for sign in self.signs if sign.kind == kind]

    def age(self, moment: datetime) -> timedelta:
        """Return how long ago a moment was."""
        return max(self.now - moment, timedelta(0))


def read() -> Facts:
    """Return the facts as they are now. Raises the database's errors."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"many": MANY})
        now, signs, made, last, fresh, first, due, due_since, parked, longest = cursor.fetchone()
    moments = [moment for moment in (_born(first), due_since) if moment]
    return Facts(
        now=now,
        signs=[_sign(one) for one in signs],
        backup=_made(made),
        backup_failure=(last or {}).get("failure", ""),
        waiting=fresh + due,
        waiting_since=min(moments, default=None),
        parked=parked,
        longest=now - longest if longest else timedelta(0),
    )


def _born(event_id: UUID | None) -> datetime | None:
    """Return when an event was written: its key begins with the milliseconds."""
    return datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC) if event_id else None


def _sign(row: dict[str, Any]) -> Sign:
    at = datetime.fromisoformat(row["at"])
    return Sign(row["kind"], row["name"], at, row["skew"], row["complaint"])


def _made(row: dict[str, Any] | None) -> Made | None:
    return Made(datetime.fromisoformat(row["at"]), row["path"], row["size"]) if row else None
