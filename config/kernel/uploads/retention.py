"""Forgets uploads by and by: their rows hold copies of what may have to be erased."""

from datetime import datetime, timedelta

from config.kernel import commands, states
from config.kernel.models import Upload, UploadRow, UploadStatus

KEPT = timedelta(days=30)


def forget_old(*, at: datetime) -> int:
    """Drop the rows of uploads handed in a month ago; the uploads stay as a record.

    One that still waits for a decision is put away. Returns how many were cleared.
    """
    old = Upload.objects.filter(uploaded_at__lt=at - KEPT, rows__isnull=False).distinct()
    uploads = list(old)
    for upload in uploads:
        _forget(upload=upload, at=at)
    return len(uploads)


@commands.command
def _forget(*, upload: Upload, at: datetime) -> None:
    if upload.status in {UploadStatus.READY, UploadStatus.CHECKING}:
        states.transition(upload, UploadStatus.DISCARDED, finished_at=at)
    UploadRow.objects.filter(upload=upload).delete()
