"""Restores a backup: checks it, fills a fresh database, settles it there, and only then swaps."""

import contextlib
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from kombu.exceptions import OperationalError as QueueGone

from config.kernel import clock, errors, installation, roles
from config.local import home
from config.operations import databases
from config.operations.backups import archive, making, programs
from config.operations.models import Backup
from config.operations.restores import sequences, swapping, target
from inventory.services import stock_checks

Step = Callable[[str], AbstractContextManager[None]]
SECRET_KEY_FILE = "django_secret_key"  # noqa: S105 - a file's name


class NewerThanCode(errors.DomainError):
    """The backup was made by a newer version."""

    code = "newer_than_code"
    title = "The backup was made by a newer version."


class NotAsDumped(errors.DomainError):
    """What was restored is not what was dumped."""

    code, status = "not_as_dumped", 500
    title = "The restored database does not hold what was dumped."


@dataclass(slots=True)
class Report:
    """What a restore did, for the person who asked for it."""

    made_at: datetime
    rows: dict[str, int]
    former: str = ""
    differences: int = 0
    sequences: dict[str, int] = field(default_factory=dict)
    advice: list[str] = field(default_factory=list)


def restore(backup: archive.Reader, *, onto: target.Target, step: Step) -> Report:
    """Make the system's data what it was when a verified backup was made; return what was done.

    Until the swap nothing of the present system is touched; what fails before leaves it as it is.
    Afterwards the former database and folders are set aside. Numbers go on where the later of both
    systems was, an epoch of events begins, and webhooks wait until staff resume them.
    Raises `NewerThanCode`, `NotAsDumped`, `programs.ProgramFailed`, the database's errors.
    """
    at = clock.now()
    _require_known(backup.manifest)
    report = Report(backup.manifest.made_at, dict(backup.manifest.rows))
    earlier = sequences.read() if onto.has_tables else {}
    name = swapping.make_database(like=onto, at=at) if onto.may_create else onto.name
    try:
        with step("database"):
            _fill(backup, name)
        with swapping.pointed_at(name):
            _settle(backup, earlier, report, at, step)
    except BaseException:
        if onto.may_create:
            swapping.drop_database(name)
        raise
    with step("files"):
        fresh = {folder: _unpack(backup, part, folder) for part, folder in making.folders().items()}
    with step("swap"):
        _swap(onto, name, fresh, report, at)
        report.advice += _restore_secrets(backup)
        _forget_what_was_queued()
    return report


def _require_known(manifest: archive.Manifest) -> None:
    ours = MigrationLoader(None).disk_migrations.keys()
    unknown = [
        f"{app}.{name}"
        for app, names in manifest.migrations.items()
        for name in names
        if (app, name) not in ours
    ]
    if unknown:
        raise NewerThanCode(
            f"The backup is of version {manifest.version} and knows {', '.join(unknown[:3])}, "
            f"which this version {making.version()} does not; install the newer one first."
        )


def _fill(backup: archive.Reader, name: str) -> None:
    """Restore the dump; the programs read it from a file, where they can do tables side by side."""
    major = int(backup.manifest.postgresql.split(".")[0])
    program = programs.find("pg_restore", at_least=major)
    dump = home.prepare(settings.KAPELL_HOME) / f".restore.{os.getpid()}.dump"
    dump.unlink(missing_ok=True)
    try:
        backup.copy(archive.DATABASE, dump)
        jobs = min(4, os.cpu_count() or 1)
        programs.run(
            [program, "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error",
             f"--jobs={jobs}", dump],
            database=name,
        )  # fmt: skip
    finally:
        dump.unlink(missing_ok=True)
    with databases.connect(name=name) as session:
        found = making.count(session)
    odd = [table for table, rows in backup.manifest.rows.items() if found.get(table) != rows]
    if odd:
        raise NotAsDumped(f"Other numbers of rows than were dumped: {', '.join(odd[:5])}.")


def _settle(
    backup: archive.Reader, earlier: dict[str, int], report: Report, at: datetime, step: Step
) -> None:
    """Fit the data to this code and this server, before anybody uses it."""
    with step("schema"):
        call_command("migrate", interactive=False, verbosity=0)
        roles.sync()
        installation.note_restore(at=at, to=backup.manifest.made_at)
        report.sequences = sequences.raise_to(earlier)
        _note_backup(backup)
    with step("books"):
        report.differences = len(stock_checks.run(at=at))


def _note_backup(backup: archive.Reader) -> None:
    """A backup cannot know of itself."""
    path = str(backup.place.absolute())
    made_at = backup.manifest.made_at
    Backup.objects.get_or_create(
        path=path,
        defaults={
            "kind": Backup.Kind.BY_HAND,
            "began_at": made_at,
            "ended_at": made_at,
            "size": backup.place.stat().st_size,
        },
    )


def _unpack(backup: archive.Reader, part: str, folder: Path) -> Path:
    fresh = swapping.fresh_folder(folder)
    for name in backup.names(part):
        place = fresh / name.removeprefix(f"{part}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        backup.copy(name, place)
    return fresh


def _swap(
    onto: target.Target, name: str, fresh: dict[Path, Path], report: Report, at: datetime
) -> None:
    if onto.may_create:
        former = swapping.swap_database(present=onto.name, fresh=name, at=at)
        if onto.is_empty:
            swapping.drop_database(former)
        else:
            report.former = former
    for folder, new in fresh.items():
        swapping.swap_folder(present=folder, fresh=new, at=at)


def _restore_secrets(backup: archive.Reader) -> list[str]:
    """Put the secrets where this system reads them; return what is left for a person to do."""
    if archive.SECRETS not in backup.manifest.members:
        return []
    secrets: dict[str, Any] = json.loads(backup.text(archive.SECRETS))
    key = secrets["SECRET_KEY"]
    if home.holds_secret(SECRET_KEY_FILE, settings.SECRET_KEY, settings.KAPELL_HOME):
        home.replace_secret(SECRET_KEY_FILE, key, settings.KAPELL_HOME)
        _restore_machine_files(backup)
        return []
    if key in {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}:
        return []
    home.replace_secret("restored_settings.json", json.dumps(secrets), settings.KAPELL_HOME)
    kept = f"{settings.KAPELL_HOME}/secrets/restored_settings.json"
    return [f"secrets of webhooks and second factors need KAPELL_SECRET_KEY_FALLBACKS from {kept}"]


def _restore_machine_files(backup: archive.Reader) -> None:
    for name in backup.names(making.HOME):
        place = settings.KAPELL_HOME / name.removeprefix(f"{making.HOME}/")
        place.unlink(missing_ok=True)
        backup.copy(name, place)


def _forget_what_was_queued() -> None:
    """Tasks only wake things up, and the cache is recomputed: both are of another time."""
    cache.clear()
    with contextlib.suppress(QueueGone, OSError):
        current_app.control.purge()
