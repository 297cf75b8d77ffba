"""Checks a file: read, staged, compared with the books; afterwards it waits for a decision.

Killed midway, it begins again; rows already judged stay judged.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from config.kernel import commands, states
from config.kernel.jobs import Work
from config.kernel.models import Upload, UploadStatus
from config.kernel.uploads import error_files, layouts, reading, staging
from config.kernel.uploads.errors import Unreadable
from config.kernel.uploads.layouts import Behalf, Layout, Row

STAGED = "staged"


def run(*, upload: Upload, behalf: Behalf, work: Work) -> Iterator[None]:
    """Check the file of an upload; yields wherever it may be stopped.

    Afterwards the upload is `ready`, or `refused` with the reason why the file cannot be read.
    """
    layout = layouts.of(upload.layout)
    if upload.status != UploadStatus.CHECKING:
        return
    if not work.position.get(STAGED):
        try:
            yield from _stage(upload, layout, work)
        except Unreadable as refused:
            _refuse(upload=upload, refused=refused, at=behalf.at)
            return
    for chunk in staging.chunks(upload_id=upload.pk, outcomes=[staging.READ]):
        _judge(upload=upload, layout=layout, chunk=chunk, behalf=behalf, work=work)
        yield
    _finish(upload=upload)
    error_files.write(upload=upload, work=work)


def _stage(upload: Upload, layout: Layout, work: Work) -> Iterator[None]:
    staging.clear(upload_id=upload.pk)
    staged = 0
    with reading.opened(reading.path_of(upload), upload.file_name, layout) as sheet:
        for staged in staging.stage(upload_id=upload.pk, layout=layout, rows=sheet.rows()):
            work.advance(total=staged)
            yield
    if not staged:
        raise Unreadable("no_rows")
    found = {"columns": list(sheet.columns), "ignored": list(sheet.ignored)}
    _close_staging(upload=upload, layout=layout, found=found, work=work)


@commands.command
def _close_staging(*, upload: Upload, layout: Layout, found: dict[str, Any], work: Work) -> None:
    staging.compare_rows(upload_id=upload.pk, layout=layout)
    Upload.objects.filter(pk=upload.pk).update(**found)
    bad = staging.counts(upload_id=upload.pk).get(staging.BAD, 0)
    work.advance(position={STAGED: True}, done=bad)


@commands.command
def _judge(
    *, upload: Upload, layout: Layout, chunk: Sequence[Row], behalf: Behalf, work: Work
) -> None:
    layout.judge(chunk, behalf)
    if layout.is_whole:
        spoil(chunk, layout)
    staging.judged(upload_id=upload.pk, layout=layout, rows=chunk)
    work.advance(position={STAGED: True}, done=len(chunk))


def spoil(rows: Sequence[Row], layout: Layout) -> None:
    """Let a bad row spoil the rows that belong to it."""
    wrong: dict[str, int] = {}
    for row in rows:
        if row.faults:
            wrong.setdefault(layout.group_of(row.values), row.number)
    for row in rows:
        if not row.faults and (bad := wrong.get(layout.group_of(row.values))) is not None:
            row.refuse("other_row", row=bad)


@commands.command
def _finish(*, upload: Upload) -> None:
    """Count what the rows came to and let the upload wait for a decision."""
    states.transition(upload, UploadStatus.READY, figures=figures_of(upload))


def figures_of(upload: Upload) -> dict[str, int]:
    """Return how many rows there are, and how many came to what."""
    found = staging.counts(upload_id=upload.pk)
    named = (staging.NEW, staging.CHANGED, staging.UNCHANGED, staging.BAD)
    return {"rows": sum(found.values()), **{name: found.get(name, 0) for name in named}}


@commands.command
def _refuse(*, upload: Upload, refused: Unreadable, at: datetime) -> None:
    staging.clear(upload_id=upload.pk)
    params = {name: str(value) for name, value in refused.params.items() if name != "reason"}
    states.transition(
        upload,
        UploadStatus.REFUSED,
        reason=refused.reason,
        reason_params=params,
        finished_at=at,
    )
