"""Makes a backup: database as of one moment, files, secrets."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from config.kernel import clock, errors
from config.operations import databases
from config.operations.backups import archive, programs
from config.operations.models import Backup

Session = psycopg.Connection[Any]
ONE_AT_A_TIME = 0x6B61_7065_6C6C  # an advisory lock of PostgreSQL
NOT_KEPT = ("operations_pulse",)  # signs of life of programs that will be others then
HOME = "home"
OF_THIS_MACHINE = ("secrets/admin_password", "demo_channel_key")  # shown by `make up`

TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


class AlreadyRunning(errors.DomainError):
    """Another backup is being made."""

    code = "backup_running"
    title = "A backup is being made already."


class BackupFailed(errors.DomainError):
    """There is no new backup; the detail says why."""

    code, status = "backup_failed", 500
    title = "The backup failed."


def folders() -> Mapping[str, Path]:
    """Return the folders that belong to the data, by their names in the file."""
    return {"media": Path(settings.MEDIA_ROOT), "private": Path(settings.PRIVATE_ROOT)}


def make(*, kind: str) -> Backup:
    """Make a backup and note it; its row tells how it went, also when it failed.

    Orders go on being placed meanwhile: the database is dumped as of one moment. Files are copied
    after it, so that what its rows name is there. Raises `AlreadyRunning`, `BackupFailed`.
    """
    began_at = clock.now()
    try:
        with _alone() as session:
            place = _free_place(began_at)
            _write(place, session, began_at)
    except AlreadyRunning:
        raise
    except (errors.DomainError, OSError, psycopg.Error) as error:
        reason = str(error).strip() or type(error).__name__
        _note(kind=kind, began_at=began_at, failure=reason)
        raise BackupFailed(reason) from error
    return _note(kind=kind, began_at=began_at, path=str(place), size=place.stat().st_size)


def _note(**facts: Any) -> Backup:
    return Backup.objects.create(ended_at=clock.now(), **facts)


@contextmanager
def _alone() -> Iterator[Session]:
    with databases.connect() as session:
        taken = session.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME]).fetchone()
        if not (taken and taken[0]):
            raise AlreadyRunning
        yield session


def _free_place(at: datetime) -> Path:
    folder = settings.BACKUPS_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in folder.glob(".kapell-*.part"):  # we are alone: its maker was killed
        leftover.unlink()
    name = f"kapell-{at:%Y%m%dT%H%M%S}"
    names = (f"{name}{suffix}.zip" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(folder / one for one in names if not (folder / one).exists())


def _write(place: Path, session: Session, at: datetime) -> None:
    version = session.info.server_version // 10000
    program = programs.find("pg_dump", at_least=version)
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    snapshot = session.execute("SELECT pg_export_snapshot()").fetchone()
    with archive.written(place, lambda: _manifest(session, at)) as writer:
        arguments: list[str | Path] = [
            program, "--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s",
            f"--snapshot={snapshot[0] if snapshot else ''}",
            *(f"--exclude-table-data={table}" for table in NOT_KEPT),
        ]  # fmt: skip
        with programs.reading(arguments) as dump:
            writer.stream(archive.DATABASE, dump)
        for name, folder in folders().items():
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                writer.path(f"{name}/{path.relative_to(folder).as_posix()}", path)
        writer.text(archive.SECRETS, json.dumps(_secrets()))
        for name in OF_THIS_MACHINE:
            writer.path(f"{HOME}/{name}", settings.KAPELL_HOME / name)


def _manifest(session: Session, at: datetime) -> archive.Manifest:
    """Counted in the very snapshot that was dumped."""
    return archive.Manifest(
        made_at=at,
        version=version(),
        postgresql=session.execute("SHOW server_version").fetchone()[0],  # type: ignore[index]
        migrations=applied(session),
        rows=count(session),
    )


def version() -> str:
    """Return the product's version."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def applied(session: Session) -> dict[str, list[str]]:
    """Return the migrations a database has seen, by app."""
    rows = session.execute("SELECT app, array_agg(name ORDER BY name) FROM django_migrations"
                           " GROUP BY app ORDER BY app").fetchall()  # fmt: skip
    return dict(rows)


def count(session: Session) -> dict[str, int]:
    """Return how many rows each table has that a backup keeps."""
    names = [name for (name,) in session.execute(TABLES).fetchall() if name not in NOT_KEPT]
    return {name: _rows(session, name) for name in names}


def _rows(session: Session, table: str) -> int:
    asked = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    return int(session.execute(asked).fetchone()[0])  # type: ignore[index]


def _secrets() -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.BACKED_UP_SETTINGS}
