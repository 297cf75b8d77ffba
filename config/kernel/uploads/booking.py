"""Books a checked file: all of it or nothing, or its good rows with the bad ones left out.

Without bad rows everything is booked by one transaction (one a group, where a layout says so).
With them, some thousand rows a transaction: a row is forgotten by the transaction that books it, so
work that was killed goes on where it stopped and nothing is booked twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from config.kernel import commands, states
from config.kernel.errors import Busy, DomainError
from config.kernel.jobs import Work
from config.kernel.models import Upload, UploadStatus
from config.kernel.uploads import checking, error_files, layouts, staging
from config.kernel.uploads.layouts import Behalf, Layout, Row

TO_BOOK = (staging.NEW, staging.CHANGED)
BEGUN = {"booking": True}


class TurnedBad(Exception):
    """Rows that were good when the file was checked are not any more, and all were to be booked."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


@dataclass(frozen=True, slots=True)
class _Run:
    """What is being booked, and for whom."""

    upload: Upload
    layout: Layout
    behalf: Behalf
    work: Work


def run(*, upload: Upload, behalf: Behalf, work: Work) -> Iterator[None]:
    """Book the rows that are new or differ; yields wherever it may be stopped.

    Afterwards the upload is `done`. When all or nothing was asked for and something changed since
    the check, nothing is booked, and the upload is `ready` again with what is wrong now.
    """
    if upload.status != UploadStatus.BOOKING:
        return
    layout = layouts.of(upload.layout)
    current = _Run(upload, layout, replace(behalf, is_final=True), work)
    if not work.position:
        found = staging.counts(upload_id=upload.pk)
        work.advance(total=sum(found.get(name, 0) for name in TO_BOOK))
    if layout.is_single or upload.skip_bad_rows:
        yield from _book_in_parts(current)
    else:
        try:
            _book_all(run=current)
        except TurnedBad as turned:
            _return(run=current, rows=turned.rows)
            error_files.write(upload=upload, work=work)
            return
    close(upload=upload, at=behalf.at)
    error_files.write(upload=upload, work=work)


@commands.command
def _book_all(*, run: _Run) -> None:
    """Book everything in one transaction; the job is told at its end, so its lease stays free."""
    done = 0
    for chunk in staging.chunks(upload_id=run.upload.pk, outcomes=TO_BOOK):
        refused = _book(run, chunk)
        if refused:
            raise TurnedBad(refused)
        done += len(chunk)
    staging.forget_all(upload_id=run.upload.pk, outcomes=TO_BOOK)
    run.work.advance(position=BEGUN, done=done)


def _book_in_parts(run: _Run) -> Iterator[None]:
    """Book chunk by chunk; a chunk that is refused as a whole is tried group by group."""
    chunks = staging.chunks(
        upload_id=run.upload.pk, outcomes=TO_BOOK, is_single=run.layout.is_single
    )
    for chunk in chunks:
        parts = [
            list(rows) for _, rows in groupby(chunk, lambda row: run.layout.group_of(row.values))
        ]
        if len(parts) == 1 or _refusal(run, chunk):
            for rows in parts:
                refusal = _refusal(run, rows)
                if refusal is not None:
                    _refuse(run=run, rows=rows, refusal=refusal)
        yield


def _refusal(run: _Run, rows: Sequence[Row]) -> DomainError | None:
    """Book rows, or return why a service refused them; being busy is no reason."""
    try:
        _book_part(run=run, rows=rows)
    except Busy:
        raise
    except DomainError as refusal:
        return refusal
    return None


@commands.command
def _book_part(*, run: _Run, rows: Sequence[Row]) -> None:
    refused = _book(run, rows)
    if refused:
        staging.judged(upload_id=run.upload.pk, layout=run.layout, rows=refused)
    booked = [row.number for row in rows if not row.faults]
    staging.forget(upload_id=run.upload.pk, numbers=booked)
    run.work.advance(position=BEGUN, done=len(rows) - len(refused), failed=len(refused))


def _book(run: _Run, rows: Sequence[Row]) -> list[Row]:
    """Judge rows on what is so now, book the good ones and return those that are not any more."""
    for row in rows:
        row.faults, row.present, row.target_id, row.record = [], None, None, None
    run.layout.judge(rows, run.behalf)
    if run.layout.is_whole:
        checking.spoil(rows, run.layout)
    wanted = [row for row in rows if staging.outcome_of(run.layout, row) in TO_BOOK]
    run.layout.book(wanted, run.behalf)
    booked = [row for row in wanted if not row.faults]
    refused = [row for row in rows if row.faults]
    _count(run, booked, refused)
    return refused


def _count(run: _Run, booked: Sequence[Row], refused: Sequence[Row]) -> None:
    new = sum(row.present is None for row in booked)
    current = Upload.objects.select_for_update(no_key=True).get(pk=run.upload.pk)
    more = {
        "booked_new": new,
        "booked_changed": len(booked) - new,
        "turned_bad": len(refused),
    }
    figures = current.figures | {
        name: current.figures.get(name, 0) + count for name, count in more.items()
    }
    Upload.objects.filter(pk=current.pk).update(figures=figures)


@commands.command
def _refuse(*, run: _Run, rows: Sequence[Row], refusal: DomainError) -> None:
    """Mark rows that a service refused as a whole, by its code."""
    for row in rows:
        row.faults = []
        row.refuse(refusal.code, **{name: str(one)[:200] for name, one in refusal.params.items()})
    staging.judged(upload_id=run.upload.pk, layout=run.layout, rows=rows)
    _count(run, [], rows)
    run.work.advance(position=BEGUN, failed=len(rows))


@commands.command
def _return(*, run: _Run, rows: Sequence[Row]) -> None:
    """Let the upload wait for another decision: nothing was booked."""
    staging.judged(upload_id=run.upload.pk, layout=run.layout, rows=rows)
    states.transition(
        run.upload,
        UploadStatus.READY,
        figures=checking.figures_of(run.upload),
        reason="changed_meanwhile",
        reason_params={"count": len(rows)},
    )


@commands.command
def close(*, upload: Upload, at: datetime) -> None:
    """End an upload, whatever is left of it; bad rows stay for a month."""
    upload.refresh_from_db()
    found = staging.counts(upload_id=upload.pk)
    figures = upload.figures | {"left": sum(found.get(name, 0) for name in TO_BOOK)}
    staging.clear(upload_id=upload.pk, keep_bad=True)
    states.transition(upload, UploadStatus.DONE, figures=figures, finished_at=at)
