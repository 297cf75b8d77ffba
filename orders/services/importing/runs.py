"""Imports a file of orders: reads it into the database, then books it in the order things happened.

Killed at any moment, the next run of the same file goes on where this one stopped: a file half read
is read again, a file half booked is booked from its position on.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from config.kernel import clock, commands, sql
from config.kernel import states as kernel_states
from config.kernel.actors import Actor
from config.kernel.callers import ChannelFacts
from config.kernel.models import Channel
from config.kernel.uploads import files, tables
from inventory.models import Warehouse
from orders.errors import ImportContradicted, ImportRunning, RowsUnreadable
from orders.imports import rows
from orders.imports.mapping import Mapping
from orders.models import ImportRun
from orders.services.importing import booking, failing, staging
from orders.services.importing.drafting import Setting
from orders.states import ImportStatus, ImportStock

BLOCK = 1024 * 1024

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be imported, and how."""

    path: Path
    mapping: Mapping
    channel: Channel
    stock_mode: str
    warehouse: Warehouse | None = None
    skip_bad_rows: bool = False


def run(*, asked: Asked, actor: Actor, at: datetime, progress: Progress) -> ImportRun:
    """Import a file and return the run with its figures; the same file again changes nothing.

    `progress` is told the step (`read`, `book`) and its fraction. Refused rows stay with the run.
    Raises `Unreadable` for the file; `RowsUnreadable` when rows cannot be read and `skip_bad_rows`
    is off: then nothing is booked; `ImportContradicted` when the file was imported with another
    stock mode or warehouse; `ImportRunning` while another import into the channel is under way.
    """
    with alone(asked.channel.pk):
        found = _open(asked=asked, digest=_digest(asked.path), at=at)
        if found.status == ImportStatus.READING:
            _read(found, asked, at, progress)
        if found.status == ImportStatus.BOOKING:
            _book(found, asked, actor, at, progress)
        return found


@contextmanager
def alone(channel_id: UUID) -> Iterator[None]:
    """One import into a channel at a time; the lock ends with the connection, however that ends."""
    name = f"import:{channel_id}"
    if not sql.fetch("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])[0][0]:
        raise ImportRunning
    try:
        yield
    finally:
        sql.fetch("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()


@commands.command
def _open(*, asked: Asked, digest: str, at: datetime) -> ImportRun:
    others = ImportRun.objects.filter(channel=asked.channel, file_digest=digest)
    contradicting = others.exclude(stock_mode=asked.stock_mode).exclude(status=ImportStatus.READING)
    if contradicting.exists():
        raise ImportContradicted
    found, _ = ImportRun.objects.get_or_create(
        channel=asked.channel,
        file_digest=digest,
        mapping_digest=asked.mapping.digest(),
        stock_mode=asked.stock_mode,
        defaults={
            "file_name": asked.path.name[-200:],
            "warehouse": asked.warehouse,
            "started_at": at,
        },
    )
    if found.warehouse_id != (asked.warehouse.pk if asked.warehouse else None):
        raise ImportContradicted
    return found


def _read(found: ImportRun, asked: Asked, at: datetime, progress: Progress) -> None:
    staging.clear(run_id=found.pk)
    with asked.path.open("rb") as raw, files.opened(raw, asked.path.name) as source:
        table = tables.table(source, asked.mapping.layout())
        reader = rows.RowReader(
            asked.mapping, table.header, at, frozenset(asked.channel.currencies)
        )
        read = (reader.read(number, cells) for number, cells in table.rows)
        for _ in staging.stage(run_id=found.pk, read=read):
            progress("read", source.fraction())
    progress("read", 1.0)
    counts = staging.counts(run_id=found.pk)
    if counts.bad and not asked.skip_bad_rows:
        staging.clear(run_id=found.pk, keep_refused=True)
        _keep_failed(found, at)
        raise RowsUnreadable(run_id=found.pk, rows=counts.bad)
    _close_reading(found=found, row_count=counts.rows)


@commands.command
def _close_reading(*, found: ImportRun, row_count: int) -> None:
    kernel_states.transition(found, ImportStatus.BOOKING, row_count=row_count)


def _book(found: ImportRun, asked: Asked, actor: Actor, at: datetime, progress: Progress) -> None:
    setting = Setting(
        run_id=found.pk,
        file_name=found.file_name,
        channel=ChannelFacts.of(asked.channel),
        mapping=asked.mapping,
        stock_mode=found.stock_mode,
        warehouse_id=found.warehouse_id,
        actor=actor,
        at=at,
    )
    chunks = staging.chunks(run_id=found.pk, after_at=found.booked_at, after_row=found.booked_row)
    booked = 0
    for chunk in chunks:
        booking.book(setting=setting, chunk=chunk)
        booked += sum(len(one.lines) for one in chunk)
        progress("book", min(1.0, booked / found.row_count))
    progress("book", 1.0)
    _finish(found=found, at=clock.now())
    _keep_failed(found, clock.now())


def _keep_failed(found: ImportRun, at: datetime) -> None:
    is_history = found.stock_mode != ImportStock.RESERVE
    failing.keep(run_id=found.pk, is_history=is_history, at=at)


@commands.command
def _finish(*, found: ImportRun, at: datetime) -> None:
    found.refresh_from_db()
    counts = staging.counts(run_id=found.pk)
    staging.clear(run_id=found.pk, keep_refused=True)
    figures = {**found.figures, "rows": counts.rows, "refused": counts.refused}
    kernel_states.transition(found, ImportStatus.DONE, figures=figures, finished_at=at)
