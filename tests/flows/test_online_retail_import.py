"""A real wholesaler's two months, imported: killed midway, gone on, adding up to the penny."""

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Sum

from config.kernel import channels
from config.kernel.models import Event
from inventory.models import Product, StockLevel, StockMovement
from orders.models import Credit, CreditLine, ImportRun, Order, OrderLine

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data/online_retail"
FILE, STOCK = DATA / "online_retail_2010-12_2011-01.csv.gz", DATA / "stock_opening_closing.csv.gz"
MAPPING = ROOT / "docs/examples/online_retail.toml"
PATIENCE = 120
ADVISORY_LOCKS = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND d.datname = current_database()
"""

pytestmark = [
    pytest.mark.flow,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FILE.exists(), reason=f"the trading records are not at {DATA}"),
]


def stock_rows() -> list[dict[str, str]]:
    with gzip.open(STOCK, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def open_shop(folder: Path, short: frozenset[str] = frozenset()) -> None:
    """Make the channel, and the opening stock, one unit less of some SKUs."""
    channels.ensure(code="RETAIL", currencies=["GBP"])
    opening = folder / "opening.csv"
    with opening.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["sku", "quantity"])
        for row in stock_rows():
            out.writerow([row["sku"], int(row["opening_required"]) - (row["sku"] in short)])
    call_command("import_stock", str(opening), warehouse="MAIN")


def arguments(folder: Path) -> list[str]:
    return [
        "import_orders", str(FILE), "--channel", "RETAIL", "--mapping", str(MAPPING),
        "--stock", "ship", "--report", str(folder / "report.csv"),
    ]  # fmt: skip


def bring(folder: Path) -> str:
    said = StringIO()
    call_command(*arguments(folder), stdout=said, stderr=said)
    return said.getvalue()


def kill_midway(folder: Path, orders: int) -> None:
    """Start the import as a process of its own, and kill it while it books."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = {**os.environ, "DATABASE_URL": url._replace(path=f"/{name}").geturl()}
    command = [sys.executable, "manage.py", *arguments(folder)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + PATIENCE
    while Order.objects.count() < orders:
        assert process.poll() is None, "the import ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    _wait_for_lock(deadline)


def _wait_for_lock(deadline: float) -> None:
    """The server notices a killed client with its next answer; only then its lock is free."""
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(ADVISORY_LOCKS)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


def closing() -> dict[str, int]:
    levels = StockLevel.objects.select_related("product")
    return {level.product.sku: level.on_hand for level in levels}


def everything() -> Iterator[Any]:
    for model in (Order, OrderLine, Credit, CreditLine, StockMovement, Event, Product, ImportRun):
        yield model._default_manager.count()
    yield sorted(StockLevel.objects.values_list("pk", "on_hand", "version"))


def test_the_whole_file_adds_up_although_the_import_was_killed(tmp_path):
    open_shop(tmp_path)
    kill_midway(tmp_path, orders=300)
    assert 300 <= Order.objects.count() < 2_645
    said = bring(tmp_path)

    assert (Order.objects.count(), OrderLine.objects.count()) == (2_645, 75_792)
    assert (Credit.objects.count(), CreditLine.objects.count()) == (586, 1_429)
    assert Order.objects.aggregate(sum=Sum("total_amount"))["sum"] == Decimal("1515110.70")
    assert Credit.objects.aggregate(sum=Sum("total_amount"))["sum"] == Decimal("206153.42")
    british = Order.objects.filter(ship_country="GB")
    assert british.count() == 2_418
    assert british.aggregate(sum=Sum("total_amount"))["sum"] == Decimal("1309558.96")
    assert Order.objects.filter(customer__isnull=True).count() == 258
    assert Order.objects.exclude(customer=None).values("customer").distinct().count() == 1_302

    assert closing() == {row["sku"]: int(row["closing"]) for row in stock_rows()}
    assert not OrderLine.objects.exclude(shipped=F("ordered"))
    assert not Order.objects.exclude(status="completed")
    checked = StringIO()
    call_command("reconcile", stdout=checked)
    assert checked.getvalue().strip() == "no differences"

    assert "gross:              GBP 1,515,110.70" in said
    assert "rows refused:       1\n" in said
    report = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert report[1:] == [
        "52264,540699,stock correction of something that is not stocked,,",
    ]
    assert mail.outbox == []
    assert not Event.objects.filter(aggregate="order", silent=False)

    before = list(everything())
    assert bring(tmp_path).splitlines()[:9] == said.splitlines()[:9]
    assert list(everything()) == before


def test_with_one_unit_less_of_some_skus_exactly_those_come_out_short(tmp_path):
    """Of every second SKU a unit is missing: these come out one short, the others do not."""
    stocked = [row["sku"] for row in stock_rows() if int(row["opening_required"])]
    short = frozenset(stocked[::2])
    open_shop(tmp_path, short)
    bring(tmp_path)
    run = ImportRun.objects.get()
    assert run.figures["short"] == dict.fromkeys(short, 1)
    waiting = OrderLine.objects.filter(backordered__gt=0)
    sold = {row["sku"] for row in stock_rows() if int(row["sold"]) + int(row["free"])}
    assert set(waiting.values_list("sku", flat=True)) <= short & sold
    assert Order.objects.aggregate(sum=Sum("total_amount"))["sum"] == Decimal("1515110.70")
    assert closing() == {row["sku"]: int(row["closing"]) for row in stock_rows()}
    call_command("reconcile", stdout=StringIO())
