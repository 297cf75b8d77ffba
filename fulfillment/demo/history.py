"""What the old system sold: its exported files, imported; some imports were interrupted."""

import csv
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from config.kernel.actors import Actor
from fulfillment.demo.catalogue import Article
from fulfillment.demo.company import Company
from fulfillment.demo.people import Buyer
from fulfillment.demo.sales import Till
from inventory.models import Warehouse
from orders.imports import mapping
from orders.services.importing import runs
from orders.states import ImportStock

MAPPING = Path(__file__).with_name("history.toml")
HEADER = (
    "Order", "Date", "Item", "Text", "Qty", "Price", "Account", "Name", "Mail", "Street", "Town",
    "Postcode", "Country",
)  # fmt: skip
# The step at which somebody stopped it, what it does with stock, and how many orders it holds.
FILES = (
    ("read", ImportStock.SHIP, 4),
    ("read", ImportStock.SHIP, 4),
    ("read", ImportStock.SHIP, 4),
    ("book", ImportStock.SHIP, 4),
    ("book", ImportStock.SHIP, 4),
    ("book", ImportStock.SHIP, 4),
    ("", ImportStock.SHIP, 10),
    ("", ImportStock.SHIP, 10),
    ("", ImportStock.RESERVE, 6),
)
DAYS_APART = 4


class _Stopped(Exception):
    """The import was interrupted."""


def bring_over(
    company: Company, till: Till, buyers: Sequence[Buyer], warehouse: Warehouse, at: datetime
) -> None:
    """Import the files, oldest first; they hold orders of the weeks before `at`, and credits."""
    channel, actor = company.channels["LEGACY"], company.staff("ade")
    with tempfile.TemporaryDirectory() as folder:
        for number, (stopped_at, stock_mode, orders) in enumerate(FILES):
            began = at - timedelta(days=DAYS_APART * (len(FILES) - number))
            path = Path(folder) / f"orders-{began.date()}.csv"
            _write(path, number, orders, till, buyers, began)
            asked = runs.Asked(
                path=path,
                mapping=mapping.parse(MAPPING.read_text(encoding="utf-8")),
                channel=channel,
                stock_mode=stock_mode,
                warehouse=warehouse if stock_mode == ImportStock.SHIP else None,
            )
            _import(asked, stopped_at, actor, at)


def _import(asked: runs.Asked, stopped_at: str, actor: Actor, at: datetime) -> None:
    def progress(step: str, _fraction: float) -> None:
        if step == stopped_at:
            raise _Stopped

    try:
        runs.run(asked=asked, actor=actor, at=at, progress=progress)
    except _Stopped:
        return


def _write(
    path: Path, number: int, orders: int, till: Till, buyers: Sequence[Buyer], began: datetime
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for place in range(orders):
            at = began + timedelta(hours=2 * place, minutes=7 * place)
            buyer = buyers[(7 * number + place) % len(buyers)]
            reference = f"{number + 1}{place:03}"
            is_credit = place % 5 == 3
            for article in till.choose(2):
                quantity = -1 if is_credit else 1 + place % 3
                prefix = "CN" if is_credit else "SO"
                writer.writerow(_row(f"{prefix}{reference}", at, article, quantity, buyer))


def _row(
    reference: str, at: datetime, article: Article, quantity: int, buyer: Buyer
) -> Sequence[object]:
    customer = buyer.customer or {}
    return (
        reference,
        at.strftime("%d/%m/%Y %H:%M"),
        article.product.sku,
        article.product.name,
        quantity,
        article.prices["GBP"],
        customer.get("reference", ""),
        customer.get("name", ""),
        customer.get("email", ""),
        buyer.address["line1"],
        buyer.address["city"],
        buyer.address["postal_code"],
        buyer.country,
    )
