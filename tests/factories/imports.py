"""Writes order files as other systems do, and imports them into a shop's channel."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command

from config.kernel.models import Event
from customers.models import Customer
from inventory.models import Product, StockLevel, StockMovement
from orders.imports import mapping
from orders.models import Credit, CreditLine, ImportRun, Order, OrderLine
from orders.services.importing import runs
from tests.factories.orders import AT, STAFF, Shop

HEADER = ["No", "When", "Item", "Text", "Qty", "Price", "Buyer", "Country"]
MAPPING = """
[columns]
reference = "No"
at = "When"
sku = "Item"
description = "Text"
quantity = "Qty"
unit_price = "Price"
customer = "Buyer"
country = "Country"
[values]
currency = "GBP"
time_zone = "Europe/London"
tax_rate = "20"
[skus]
fold = "upper"
non_stock = ["POST"]
[[rules]]
when = { reference_prefix = "A" }
then = "refuse"
reason = "bad debt"
[[rules]]
when = { reference_prefix = "C" }
then = "credit"
[[rules]]
when = { quantity = "negative" }
then = "correction"
[[rules]]
when = { unit_price = "zero", customer = false }
then = "correction"
[[rules]]
then = "order"
"""
UK = "United Kingdom"
ROWS = [
    ["1", "2026-03-02 09:00:00", "mug", "Mug", "3", "2.50", "17850", UK],
    ["1", "2026-03-02 09:00:00", "POST", "Postage", "1", "4.95", "17850", UK],
    ["1", "2026-03-02 09:00:00", "MUG", "Mug", "2", "2.40", "17850", UK],
    ["3", "2026-03-04 09:00:00", "TEA", "Tea", "4", "1.15", "", "France"],
    ["2", "2026-03-03 09:00:00", "TEA", "Tea", "5", "1.25", "17851", "France"],
    ["C9", "2026-03-03 12:00:00", "MUG", "Mug", "-1", "2.50", "17850", UK],
    ["C9", "2026-03-03 12:00:00", "POST", "Postage", "-1", "4.95", "17850", UK],
    ["7", "2026-03-03 13:00:00", "TEA", "found", "2", "0", "", UK],
    ["8", "2026-03-03 14:00:00", "MUG", "damaged", "-2", "0", "", UK],
    ["A5", "2026-03-05 09:00:00", "B", "Adjust bad debt", "1", "11062.06", "", UK],
]
GUESTS_TEA, LATER_TEA, TEA_FOUND, MUGS_DAMAGED = ROWS[3], ROWS[4], ROWS[7], ROWS[8]
UNREADABLE = [
    ["5", "2026-03-29 01:30:00", "MUG", "Mug", "1", "1", "", ""],
    ["6", "2026-03-05 09:00:00", "MUG", "Mug", "one", "1", "", ""],
    ["=2+5", "2026-03-05 09:00:00", "MUG", "Mug", "-3x", "=HYPERLINK(1)", "", ""],
]


@dataclass
class Importer:
    """A shop that files are imported into, and a folder to write them to."""

    shop: Shop
    folder: Path

    def write(
        self,
        rows: Sequence[Sequence[str]] = ROWS,
        name: str = "orders.csv",
        header: Sequence[str] = HEADER,
    ) -> Path:
        """Write a CSV file and return it."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        path = self.folder / name
        path.write_bytes(text.getvalue().encode())
        return path

    def bring(self, path: Path, stock: str = "ship", text: str = MAPPING, **more: Any) -> ImportRun:
        """Import a file."""
        more.setdefault("warehouse", self.shop.warehouse if stock == "ship" else None)
        asked = runs.Asked(
            path=path,
            mapping=mapping.parse(text),
            channel=self.shop.channel,
            stock_mode=stock,
            **more,
        )
        return runs.run(asked=asked, actor=STAFF, at=AT, progress=lambda _step, _part: None)

    def command(
        self, path: Path | str, *more: str, stock: str = "ship", text: str = MAPPING
    ) -> str:
        """Import a file at the command line; return what it printed."""
        rules, said = self.folder / "mapping.toml", io.StringIO()
        rules.write_text(text)
        call_command(
            "import_orders", str(path), "--channel", self.shop.channel.code,
            "--mapping", str(rules), "--stock", stock, "--report", str(self.folder / "report.csv"),
            *more, stdout=said, stderr=said,
        )  # fmt: skip
        return said.getvalue()

    def report(self) -> list[list[str]]:
        """Return the rows of the report."""
        text = (self.folder / "report.csv").read_text(encoding="utf-8-sig")
        return list(csv.reader(io.StringIO(text)))[1:]


def stock_of(sku: str) -> tuple[int, int]:
    """Return what is on hand and what is promised."""
    level = StockLevel.objects.get(product__sku=sku)
    return level.on_hand, level.reserved


def order_of(reference: str) -> Order:
    """Return an imported order."""
    return Order.objects.get(reference=reference)


def world() -> dict[Any, Any]:
    """Return the keys of everything an import writes and all stock, to see that nothing changed."""
    models = (Order, OrderLine, Credit, CreditLine, StockMovement, Event, Customer, Product)
    found: dict[Any, Any] = {
        model: sorted(model._default_manager.values_list("pk", flat=True)) for model in models
    }
    levels = StockLevel.objects.values_list("pk", "on_hand", "unavailable", "reserved", "version")
    return {**found, StockLevel: sorted(levels)}
