"""What work that is not made of rows is given: its parameters, its place, its files, its voice."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from config.kernel import clock, commands, sql
from config.kernel.actors import Actor
from config.kernel.jobs import storage
from config.kernel.jobs.errors import Lost
from config.kernel.models import Job, JobFile, User

ADVANCE = """
UPDATE kernel_job SET position = coalesce(%(position)s::jsonb, position),
  done = done + %(done)s::int, failed = failed + %(failed)s::int,
  total = coalesce(%(total)s::int, total), code = coalesce(%(code)s::text, code),
  code_params = coalesce(%(params)s::jsonb, code_params)
WHERE id = %(job)s::uuid AND token = %(token)s::uuid AND status = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""


class Work:
    """What running work knows and says: for whom, with which parameters, from where, how far."""

    def __init__(self, job: Job, user: User) -> None:
        self.job_id: UUID = job.pk
        self.params: Mapping[str, Any] = job.params
        self.position: Mapping[str, Any] = job.position
        self.user = user
        self.actor = Actor.staff(user)
        self._token = job.token

    @property
    def at(self) -> datetime:
        """Return the present moment, for the services that are called."""
        return clock.now()

    def advance(
        self,
        *,
        position: Mapping[str, Any] | None = None,
        done: int = 0,
        failed: int = 0,
        total: int | None = None,
    ) -> None:
        """Commit how far the work is, in the running command or in one of its own.

        Called last inside the command that has the effect, neither is ever there without the other.
        Raises `Lost` when another worker has the job: the command must not commit then.
        """
        self._write(position=position, done=done, failed=failed, total=total)
        if position is not None:
            self.position = position

    def tell(self, code: str, **params: Any) -> None:
        """Say with which result the job ends."""
        self._write(code=code, params=params)

    def path(self, name: str) -> Path:
        """Return where a file of the job lies, to be read, or written before `attach`."""
        return storage.path(self.job_id, name)

    def attach(self, name: str) -> None:
        """Offer a written file on the job's page."""
        _attach(job_id=self.job_id, name=name)

    @contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        """Write a file from its beginning; it is offered on the job's page when it is whole."""
        with storage.replacing(self.path(name)) as file:
            yield file
        self.attach(name)

    def keep_part(self, number: int, content: bytes) -> str:
        """Keep a part of a file that is written in steps; return its name, for the position.

        A part counts only when the position that names it is committed: what a worker that has lost
        the job still writes is nobody's.
        """
        name = f"part-{number}-{str(self._token)[:8]}"
        with storage.replacing(self.path(name)) as file:
            file.write(content)
        return name

    def join_parts(self, name: str, parts: Sequence[str]) -> None:
        """Offer a file made of its parts on the job's page."""
        with self.write(name) as file:
            for part in parts:
                with self.path(part).open("rb") as source:
                    shutil.copyfileobj(source, file)
        for left in self.path(name).parent.glob("part-*"):
            left.unlink(missing_ok=True)

    def is_cancelled(self) -> bool:
        """Tell whether the job is to be cancelled; raises `Lost` as `advance` does."""
        return self._write()

    def _write(self, **given: Any) -> bool:
        changes = {
            "job": self.job_id, "token": self._token, "done": given.get("done", 0),
            "failed": given.get("failed", 0), "total": given.get("total"),
            "position": _json(given.get("position")), "code": given.get("code"),
            "params": _json(given.get("params")),
        }  # fmt: skip
        return _advance(changes=changes)


@commands.command
def _advance(*, changes: Mapping[str, Any]) -> bool:
    row = sql.fetch_one(ADVANCE, changes)
    if row is None:
        raise Lost
    return bool(row[0])


@commands.command
def _attach(*, job_id: UUID, name: str) -> None:
    size = storage.path(job_id, name).stat().st_size
    JobFile.objects.update_or_create(
        job_id=job_id, name=name, defaults={"size": size, "is_result": True}
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else sql.to_json(dict(value))
