"""Forgets jobs by and by: their files hold copies of what may have to be erased."""

import shutil
from datetime import datetime, timedelta
from uuid import UUID

from config.kernel import commands
from config.kernel.jobs import storage
from config.kernel.models import Job, JobFile, JobRow

KEPT = timedelta(days=30)
BATCH = 200


def forget_old(*, at: datetime) -> int:
    """Delete files and rows of jobs that ended a month ago; the jobs themselves stay as a record.

    Folders whose job was never started go as well. Returns how many jobs were cleared.
    """
    cleared = 0
    while job_ids := _forget_some(before=at - KEPT):
        for job_id in job_ids:
            storage.remove(job_id)
        cleared += len(job_ids)
    _sweep_folders(at - KEPT)
    return cleared


@commands.command
def _forget_some(*, before: datetime) -> list[UUID]:
    ended = Job.objects.filter(finished_at__lt=before)
    with_files = ended.filter(files__isnull=False)
    with_rows = ended.filter(rows__isnull=False)
    found = with_files.values("pk").union(with_rows.values("pk"))[:BATCH]
    job_ids = [row["pk"] for row in found]
    JobRow.objects.filter(job__in=job_ids).delete()
    JobFile.objects.filter(job__in=job_ids).delete()
    return job_ids


def _sweep_folders(before: datetime) -> None:
    """Remove what a request left behind whose job was not started."""
    if not storage.root().is_dir():
        return
    for folder in storage.root().iterdir():
        is_old = folder.stat().st_mtime < before.timestamp()
        if is_old and not JobFile.objects.filter(job_id=UUID(folder.name)).exists():
            shutil.rmtree(folder, ignore_errors=True)
