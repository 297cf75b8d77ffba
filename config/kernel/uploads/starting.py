"""What staff do with uploads: hand a file in, book it, go on with one that broke off, let it be."""

from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from config.kernel import commands, errors, ids, jobs, states
from config.kernel.models import Upload, UploadStatus, User
from config.kernel.uploads import booking, guard, reading, staging
from config.kernel.uploads.layouts import Layout

CHECK, BOOK, EXPORT = "uploads.check", "uploads.book", "uploads.export"
NAME_LENGTH = 200


class BadRowsLeft(errors.DomainError):
    """A file with bad rows is booked only by someone who says that they are to be left out."""

    code, status = "bad_rows_left", 409
    title = "Some rows are wrong: leave them out, or put them right and upload the file again."


class NotWaiting(errors.DomainError):
    """The upload was decided about, or is still being checked."""

    code = "upload_not_waiting"
    title = "This upload does not wait for a decision any more."


def kind(action: str, layout: Layout) -> str:
    """Return the name of a kind of job: what is done, with files of this layout."""
    return f"{action}:{layout.code}"


def receive(
    *, layout: Layout, file: UploadedFile, user: User, command_id: UUID, at: datetime
) -> Upload:
    """Take a file in and start to check it; the same `command_id` again returns the same upload.

    Raises `Unreadable` for what is not taken at all, before anything is stored, and `NotAllowed`.
    """
    if not layout.may_upload(user):
        raise jobs.NotAllowed
    name = tidy_name(file.name or "")
    guard.check(file, name, file.size or 0)
    return _receive(layout=layout, file=file, name=name, user=user, command_id=command_id, at=at)


@commands.command
def _receive(
    *, layout: Layout, file: UploadedFile, name: str, user: User, command_id: UUID, at: datetime
) -> Upload:
    upload_id = ids.derived("upload", command_id)
    job = jobs.start(
        kind=kind(CHECK, layout),
        user=user,
        params={"upload": str(upload_id), "file": name},
        command_id=command_id,
        at=at,
        files={reading.stored_name(name): file},
    )
    upload, _ = Upload.objects.get_or_create(
        pk=upload_id,
        defaults={
            "layout": layout.code,
            "file_name": name,
            "size": file.size or 0,
            "uploaded_by": user,
            "uploaded_at": at,
            "check_job": job,
        },
    )
    return upload


def tidy_name(name: str) -> str:
    """Return a file's name as it is shown: its end, in one line."""
    shown = "".join(letter if letter.isprintable() else " " for letter in name.rpartition("/")[2])
    return shown.strip()[-NAME_LENGTH:]


@commands.command
def book(
    *,
    upload: Upload,
    layout: Layout,
    user: User,
    skip_bad_rows: bool,
    command_id: UUID,
    at: datetime,
) -> Upload:
    """Start to book a checked file, or what is left of one whose booking broke off.

    Raises `BadRowsLeft` when there are bad rows and they are not to be left out, `NotWaiting` when
    it was decided otherwise, `NotAllowed`.
    """
    if not layout.may_upload(user):
        raise jobs.NotAllowed
    current = locked(upload)
    if current.book_job is not None and current.book_job.command_id == command_id:
        return current
    broke_off = current.status == UploadStatus.BOOKING and not is_running(current)
    if current.status != UploadStatus.READY and not broke_off:
        raise NotWaiting
    if current.figures.get("bad") and not skip_bad_rows and not broke_off:
        raise BadRowsLeft
    job = jobs.start(
        kind=kind(BOOK, layout),
        user=user,
        params={"upload": str(current.pk), "file": current.file_name},
        command_id=command_id,
        at=at,
    )
    if broke_off:
        Upload.objects.filter(pk=current.pk).update(book_job=job)
        current.book_job = job
    else:
        states.transition(
            current, UploadStatus.BOOKING, book_job=job, skip_bad_rows=skip_bad_rows, reason=""
        )
    return current


@commands.command
def discard(*, upload: Upload, at: datetime) -> Upload:
    """Book nothing of a file; doing it again changes nothing. What was booked stays booked.

    An upload whose booking broke off is ended with what it has booked. Raises `NotWaiting` while it
    is being booked, or when it was.
    """
    current = locked(upload)
    if current.status == UploadStatus.DISCARDED:
        return current
    if current.status == UploadStatus.BOOKING and not is_running(current):
        booking.close(upload=current, at=at)
        return current
    if current.status not in {UploadStatus.READY, UploadStatus.CHECKING}:
        raise NotWaiting
    states.transition(current, UploadStatus.DISCARDED, finished_at=at)
    staging.clear(upload_id=current.pk)
    return current


def is_running(upload: Upload) -> bool:
    """Tell whether a job is at work on an upload, or about to be."""
    job = upload.check_job if upload.status == UploadStatus.CHECKING else upload.book_job
    return job is not None and job.finished_at is None


def locked(upload: Upload) -> Upload:
    """Return the upload as it is now, locked; its jobs are asked for after that, not joined.

    A joined row would be the one from before the wait for the lock.
    """
    return Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
