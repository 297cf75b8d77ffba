"""Imports of any size in little memory, and one at a time into a channel."""

import os
import re
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from orders.errors import ImportRunning
from orders.management.commands import import_orders
from orders.models import Order
from orders.services.importing import runs
from tests.factories.imports import HEADER, MAPPING, ROWS, UNREADABLE, Importer
from tests.factories.orders import Shop
from tests.threads import at_once

ROOT = Path(__file__).resolve().parents[2]
LINES_PER_ORDER = 20
SMALL, LARGE = 4_000, 20_000

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def importer(tmp_path):
    return Importer(Shop(), tmp_path)


def write(path: Path, rows: int, first_order: int) -> Path:
    with path.open("w") as file:
        file.write(",".join(HEADER) + "\n")
        for number in range(rows):
            order, day = first_order + number // LINES_PER_ORDER, 1 + number % 28
            sku, buyer = f"SKU-{number % 3000}", order % 997
            file.write(
                f"{order},2026-02-{day:02} 09:00:00,{sku},Thing number {number},"
                f"{number % 9 + 1},{number % 50}.25,{buyer},United Kingdom\n"
            )
    return path


def arguments(path: Path, importer: Importer) -> list[str]:
    rules = importer.folder / "mapping.toml"
    rules.write_text(MAPPING.replace("[skus]", "[skus]\ncreate_products = true"))
    return [
        "import_orders", str(path), "--channel", importer.shop.channel.code,
        "--mapping", str(rules), "--stock", "ship",
        "--report", str(importer.folder / "report.csv"),
    ]  # fmt: skip


def importing_process(path: Path, importer: Importer) -> "subprocess.Popen[bytes]":
    """Start an import in a process of its own."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = {**os.environ, "DATABASE_URL": url._replace(path=f"/{name}").geturl()}
    command = [sys.executable, "manage.py", *arguments(path, importer)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def peak_memory(path: Path, importer: Importer) -> int:
    """Import a file; return the most memory the process ever had, in kB.

    Not by `ru_maxrss`, which starts with what the parent had.
    """
    process = importing_process(path, importer)
    status, peak = Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        told = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        peak = int(told[1]) if told else peak
        time.sleep(0.02)
    assert process.returncode == 0
    return peak


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_file(importer):
    small = peak_memory(write(importer.folder / "small.csv", SMALL, 100_000), importer)
    large = peak_memory(write(importer.folder / "large.csv", LARGE, 500_000), importer)
    assert Order.objects.count() == (SMALL + LARGE) // LINES_PER_ORDER
    assert large < 1.2 * small


def test_two_imports_into_one_channel_do_not_interleave(importer):
    path = importer.write()
    with runs.alone(importer.shop.channel.pk):
        (refusal,) = at_once(lambda: importer.bring(path))
    assert isinstance(refusal, ImportRunning)
    assert not Order.objects.exists()
    importer.bring(path)
    assert Order.objects.count() == 3


def test_the_same_file_started_twice_at_once_is_booked_once(importer):
    path = write(importer.folder / "orders.csv", 2_000, 100_000)
    outcomes = at_once(*[lambda: importer.bring(path, stock="skip")] * 3)
    finished = [one for one in outcomes if not isinstance(one, ImportRunning)]
    assert {one.figures["orders"] for one in finished} == {100}
    assert Order.objects.count() == 100


@pytest.mark.parametrize(
    ("rows", "status"), [([], 0), (ROWS, 1), (ROWS + UNREADABLE, 2)], ids=["all", "some", "none"]
)
def test_the_exit_status_tells_whether_rows_were_refused(importer, rows, status):
    path, command = importer.write([ROWS[0], *rows]), import_orders.Command()
    with pytest.raises(SystemExit) if status else nullcontext() as left:
        command.run_from_argv(["manage.py", *arguments(path, importer)])
    assert (left.value.code if status else 0) == status
