"""`manage.py import_orders FILE`: orders, credits and stock corrections of another system's file.

Exit status: 0 all booked, 1 booked and some rows refused (the report says which and why), 2 nothing
booked, 3 stopped midway, by hand or by a refusal: the same command goes on from there.
"""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from config.kernel import clock
from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.models import Channel
from inventory.models import Warehouse
from orders.errors import RowsUnreadable
from orders.imports import mapping
from orders.models import ImportRun
from orders.services.importing import report, runs
from orders.states import ImportStock

ALL_BOOKED, SOME_REFUSED, NOTHING_BOOKED, STOPPED = 0, 1, 2, 3


class Command(BaseCommand):
    help = "Import orders from CSV, TSV or XLSX (also .gz, .bz2, .xz, .zip) as a mapping file says."
    exit_status = ALL_BOOKED
    has_booked = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument("--mapping", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--stock",
            required=True,
            choices=ImportStock.values,
            help="skip: leave stock alone; reserve: promise it; ship: replay that it left",
        )
        parser.add_argument(
            "--warehouse",
            metavar="CODE",
            help="whose stock; if not given: ship the one asked first, reserve all",
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="FILE",
            help="where refused rows are written; <file>.refused.csv here if not given",
        )
        parser.add_argument(
            "--skip-bad-rows",
            action="store_true",
            help="book the rest when rows cannot be read; without it nothing is booked then",
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Leave with the exit status that says whether rows were refused."""
        super().run_from_argv(argv)
        if self.exit_status:
            sys.exit(self.exit_status)

    def handle(self, *, file: Path, report: Path | None, **options: Any) -> None:
        started = time.monotonic()
        report = report or Path(f"{file.name}.refused.csv")
        try:
            asked = _asked(file, options)
            actor = Actor.system(f"import of {file.name}"[:120])
            with self._progress_bar() as progress, _old_objects_set_aside():
                run = runs.run(asked=asked, actor=actor, at=clock.now(), progress=progress)
        except RowsUnreadable as error:
            self._report(error.params["run_id"], report)
            raise CommandError(error.detail, returncode=NOTHING_BOOKED) from error
        except (DomainError, OSError, KeyboardInterrupt) as error:
            raise self._stopped(error) from error
        self._tell(run, time.monotonic() - started)
        if run.figures["refused"]:
            self._report(run.pk, report)
            self.exit_status = SOME_REFUSED

    @contextmanager
    def _progress_bar(self) -> Iterator[runs.Progress]:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description:5}"), BarColumn(), TaskProgressColumn())
        with Progress(
            *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
        ) as bars:
            tasks = {step: bars.add_task(step, total=1.0) for step in ("read", "book")}

            def show(step: str, fraction: float) -> None:
                self.has_booked = step == "book"
                bars.update(tasks[step], completed=fraction)

            yield show

    def _stopped(self, error: BaseException) -> CommandError:
        reason = str(error) or "stopped by hand"
        if not self.has_booked:
            return CommandError(reason, returncode=NOTHING_BOOKED)
        return CommandError(f"{reason}; the same command goes on from here", returncode=STOPPED)

    def _tell(self, run: ImportRun, seconds: float) -> None:
        figures = run.figures
        lines = figures["order_lines"]
        self._say("rows", f"{figures['rows']:,}")
        self._say("orders", f"{figures['orders']:,} with {lines:,} lines")
        for currency, amount in figures["gross"].items():
            self._say("gross", f"{currency} {_grouped(amount)}")
        self._say("credits", f"{figures['credits']:,} with {figures['credit_lines']:,} lines")
        for currency, amount in figures["credited"].items():
            self._say("credited", f"{currency} {_grouped(amount)}")
        self._say("stock corrections", f"{figures['corrections']:,}")
        self._say("already there", f"{figures['known']:,}")
        self._say("SKUs short", _short(figures["short"]))
        self._say("rows refused", f"{figures['refused']:,}")
        if self.has_booked:
            self._say("took", f"{seconds:.1f} s, {lines / seconds:,.0f} order lines a second")

    def _say(self, name: str, value: str) -> None:
        self.stdout.write(f"{name + ':':20}{value}")

    def _report(self, run_id: Any, path: Path) -> None:
        try:
            written = report.write(run_id=run_id, path=path)
        except OSError as error:
            raise CommandError(f"the report cannot be written: {error}") from error
        self._say("report", f"{path} ({written:,})")


def _asked(file: Path, options: dict[str, Any]) -> runs.Asked:
    channel = Channel.objects.filter(code=options["channel"], is_active=True).first()
    if channel is None:
        raise CommandError(
            f"There is no sales channel {options['channel']}; create_channel makes one.",
            returncode=NOTHING_BOOKED,
        )
    return runs.Asked(
        path=file,
        mapping=mapping.parse(options["mapping"].read_text(encoding="utf-8")),
        channel=channel,
        stock_mode=options["stock"],
        warehouse=_warehouse(options["warehouse"], options["stock"]),
        skip_bad_rows=options["skip_bad_rows"],
    )


def _warehouse(code: str | None, stock_mode: str) -> Warehouse | None:
    if stock_mode == ImportStock.SKIP or (code is None and stock_mode == ImportStock.RESERVE):
        return None
    active = Warehouse.objects.filter(is_active=True).order_by("priority", "id")
    found = (active.filter(code=code) if code else active).first()
    if found is None:
        wanted = f"active warehouse {code}" if code else "active warehouse"
        raise CommandError(f"There is no {wanted}.", returncode=NOTHING_BOOKED)
    return found


def _grouped(amount: str) -> str:
    whole, _, fraction = amount.partition(".")
    return f"{int(whole):,}.{fraction}" if fraction else f"{int(whole):,}"


def _short(short: dict[str, int]) -> str:
    shown = ", ".join(f"{sku} ({units})" for sku, units in sorted(short.items())[:10])
    return f"{len(short)}: {shown}{' …' if len(short) > 10 else ''}" if short else "0"


@contextmanager
def _old_objects_set_aside() -> Iterator[None]:
    """Keep the garbage collector off what was there before: it took a quarter of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
