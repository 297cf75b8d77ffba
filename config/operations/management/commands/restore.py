"""`manage.py restore FILE`: a backup becomes this system's data."""

import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel.errors import DomainError
from config.operations import databases
from config.operations.backups import archive, making
from config.operations.restores import restoring, swapping, target

WORD = "replace"


class Command(BaseCommand):
    help = (
        "Check a backup, restore it into a fresh database, bring that up to date, and swap. Web, "
        "worker and beat must be stopped. What was there is set aside until --drop-former."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--yes", action="store_true", help="replace what is there, unasked")
        parser.add_argument(
            "--drop-former", action="store_true", help="drop what earlier restores set aside"
        )

    def handle(self, *, file: Path | None, **options: Any) -> None:
        if file is None and not options["drop_former"]:
            raise CommandError("name the backup's file")
        try:
            if file is not None:
                self._restore(file, sure=options["yes"])
            if options["drop_former"]:
                self._drop_former()
        except DomainError as error:
            raise CommandError(f"kapell: {error.detail}") from error
        except psycopg.Error as error:
            raise CommandError(f"kapell: the database refused: {error}") from error

    def _restore(self, file: Path, *, sure: bool) -> None:
        with archive.opened(file) as backup:
            with self._step("checking the file"):
                backup.verify()
            onto = target.look()
            manifest = backup.manifest
            self.stdout.write(
                f"kapell: it was made on {manifest.made_at:%d %B %Y at %H:%M} UTC by version "
                f"{manifest.version} and holds {_told(manifest.rows)}"
            )
            if not (onto.is_empty or sure):
                self._ask(onto)
            self._tell(restoring.restore(backup, onto=onto, step=self._step), onto)

    def _ask(self, onto: target.Target) -> None:
        told = f"this system holds {onto.told()}; all of it would be replaced"
        if not sys.stdin.isatty():
            raise CommandError(f"kapell: {told}; say --yes (make restore FILE=… YES=1) if it may")
        self.stdout.write(f"kapell: {told}")
        if input(f"Type {WORD} to go on: ").strip() != WORD:
            raise CommandError("kapell: nothing was changed")

    def _tell(self, report: restoring.Report, onto: target.Target) -> None:
        said = [f"restored; the data is as it was on {report.made_at:%d %B %Y at %H:%M} UTC"]
        if report.differences:
            said.append(f"the books differ in {report.differences} places, see Stock differences")
        else:
            said.append("no differences in the books of stock")
        said += [f"{name.partition('.')[2]} goes on after {last}, so no number is given twice"
                 for name, last in sorted(report.sequences.items())]  # fmt: skip
        if report.former:
            said.append(
                f"what was there is set aside as the database {report.former}; when you are sure: "
                "manage.py restore --drop-former"
            )
        said.append("webhooks are paused; look, then resume them on the console's System page")
        for line in [*said, *report.advice]:
            self.stdout.write(f"kapell: {line}")
        self.stdout.write(f"kapell: start web, worker and beat again ({onto.name})")

    def _drop_former(self) -> None:
        present = databases.parameters()["dbname"]
        for name in swapping.former_databases(present):
            swapping.drop_database(name)
            self.stdout.write(f"kapell: dropped the database {name}")
        for folder in making.folders().values():
            for former in swapping.former_folders(folder):
                shutil.rmtree(former)
                self.stdout.write(f"kapell: deleted {former}")

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self.stdout.write(f"kapell: {name} …", ending="")
        self.stdout.flush()
        try:
            yield
        except BaseException:
            self.stdout.write("")
            raise
        self.stdout.write(f" {time.monotonic() - began:.1f} s")


def _told(rows: Mapping[str, int]) -> str:
    parts = [f"{rows.get(table, 0):,} {what}" for table, what in target.TOLD.items()]
    return ", ".join(parts)
