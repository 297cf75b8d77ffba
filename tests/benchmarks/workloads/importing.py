"""The importer: a file made here, and two months of a real wholesaler where they lie at hand."""

import csv
import gzip
import random
import time
from datetime import datetime, timedelta
from pathlib import Path

from config.local import home
from tests.benchmarks.bench import Bench

MAPPING = home.CHECKOUT / "docs/examples/online_retail.toml"
REAL = home.CHECKOUT.parent / "shared/data/online_retail"
REAL_ORDERS = REAL / "online_retail_2010-12_2011-01.csv.gz"
REAL_STOCK = REAL / "stock_opening_closing.csv.gz"
HEAD = [
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID",
    "Country",
]  # fmt: skip
LINES_PER_ORDER, ARTICLES, CUSTOMERS = 20, 500, 400
PLENTY = 1_000_000


def run(bench: Bench) -> None:
    """Stock first, then the orders in `ship` mode; the time is the command's, start to end."""
    folder = bench.house.folder / "import"
    folder.mkdir()
    orders, stock = folder / "orders.csv", folder / "stock.csv"
    _write_orders(orders, bench.scale.import_lines)
    _write_stock(stock)
    per_second = _import(bench, "MADE", orders, stock, bench.scale.import_lines)
    bench.figures.note(import_lines_per_s=per_second)
    if not REAL_ORDERS.exists():
        bench.figures.note(import_real_lines_per_s="no file")
        return
    _write_real_stock(folder / "real_stock.csv")
    with gzip.open(REAL_ORDERS, "rt", newline="") as file:
        lines = sum(1 for _ in csv.reader(file)) - 1
    per_second = _import(bench, "RETAIL", REAL_ORDERS, folder / "real_stock.csv", lines)
    bench.figures.note(import_real_lines_per_s=per_second)


def _import(bench: Bench, channel: str, orders: Path, stock: Path, lines: int) -> float:
    run = bench.house.run
    run("manage.py", "create_channel", channel, "--currency", "GBP")
    run("manage.py", "import_stock", stock, "--warehouse", channel)
    began = time.monotonic()
    run(
        "manage.py", "import_orders", orders, "--channel", channel, "--mapping", MAPPING,
        "--stock", "ship", "--warehouse", channel, "--report", stock.with_name(f"{channel}.csv"),
        statuses=(0, 1),
    )  # fmt: skip
    took = time.monotonic() - began
    bench.say(f"import {channel}: {lines:,} lines in {took:.1f} s, {lines / took:,.0f} a second")
    return round(lines / took)


def _write_orders(place: Path, lines: int) -> None:
    chance = random.Random(1)
    at = datetime(2024, 1, 2, 8, 0)  # noqa: DTZ001 - as such files say it: local time, no zone
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(lines):
            if number % LINES_PER_ORDER == 0:
                at += timedelta(minutes=3)
                customer = chance.randint(1, CUSTOMERS)
            article = chance.randint(1, ARTICLES)
            writer.writerow(
                [900_000 + number // LINES_PER_ORDER, _sku(article), f"ARTICLE {article}",
                 chance.randint(1, 12), at, f"{article % 90 + 1}.25", f"{90_000 + customer}.0",
                 "United Kingdom"]
            )  # fmt: skip


def _write_stock(place: Path) -> None:
    rows = ([_sku(article), PLENTY] for article in range(1, ARTICLES + 1))
    with place.open("w", newline="") as file:
        csv.writer(file).writerows([["sku", "quantity"], *rows])


def _write_real_stock(place: Path) -> None:
    with gzip.open(REAL_STOCK, "rt", newline="") as source, place.open("w", newline="") as file:
        rows = ([row["sku"], row["opening_required"]] for row in csv.DictReader(source))
        csv.writer(file).writerows([["sku", "quantity"], *rows])


def _sku(article: int) -> str:
    return f"GEN{article:05d}"
