"""The private area: files that jobs are given or make, below no address of the web."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from config.kernel import ids


def root() -> Path:
    """Return the folder of all jobs' files."""
    return Path(settings.PRIVATE_ROOT) / "jobs"


def path(job_id: UUID, name: str) -> Path:
    """Return where a job's file lies; the name must be a plain one."""
    if Path(name).name != name or name.startswith("."):
        raise ValueError(f"not a file name: {name!r}")
    return root() / str(job_id) / name


def keep(job_id: UUID, name: str, upload: UploadedFile) -> int:
    """Store an uploaded file and return its size."""
    with replacing(path(job_id, name)) as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path(job_id, name).stat().st_size


def make_folder(target: Path) -> None:
    """Make the folder a file is to lie in; only the product's own user looks into it."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    target.parent.mkdir(exist_ok=True, mode=0o700)


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is whole."""
    make_folder(target)
    part = target.with_name(f".{target.name}.{ids.new()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def remove(job_id: UUID) -> None:
    """Delete all files of a job."""
    shutil.rmtree(root() / str(job_id), ignore_errors=True)
