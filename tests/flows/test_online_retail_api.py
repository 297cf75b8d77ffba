"""A real wholesaler's first 500 orders through the API, each request sent twice at once."""

import csv
import gzip
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from config.kernel import callers
from inventory.models import Reservation, StockLevel, Warehouse
from inventory.queries import calendars
from orders.models import Order, OrderLine
from tests.factories.orders import Shop
from tests.threads import at_once

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
ORDERS, STOCK = DATA / "online_retail_2010-12_2011-01.csv.gz", DATA / "stock_opening_closing.csv.gz"
COUNTRIES = {
    "Australia": "AU", "Belgium": "BE", "EIRE": "IE", "France": "FR", "Germany": "DE",
    "Iceland": "IS", "Italy": "IT", "Japan": "JP", "Lithuania": "LT", "Netherlands": "NL",
    "Norway": "NO", "Poland": "PL", "Portugal": "PT", "Spain": "ES", "Switzerland": "CH",
    "United Kingdom": "GB", "Channel Islands": "JE", "Denmark": "DK", "Cyprus": "CY",
}  # fmt: skip
CLIENTS = 8

pytestmark = [
    pytest.mark.flow,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not ORDERS.exists(), reason=f"the trading records are not at {DATA}"),
]


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[Shop]:  # noqa: ARG001 - real transactions
    """Return a shop with the opening stock on its shelf."""
    callers.forget()
    calendars.forget()
    opening = tmp_path / "opening.csv"
    with gzip.open(STOCK, "rt") as rows, opening.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["sku", "quantity"])
        out.writerows([row["sku"], row["opening_required"]] for row in csv.DictReader(rows))
    call_command("import_stock", str(opening), warehouse="MAIN")
    yield Shop(warehouse=Warehouse.objects.get(code="MAIN"))
    callers.forget()
    calendars.forget()


def first_orders(number: int) -> list[dict[str, Any]]:
    """Return the first orders of the file as a channel would send them."""
    with gzip.open(ORDERS, "rt", encoding="utf-8") as file:
        groups = itertools.groupby(csv.DictReader(file), lambda row: row["InvoiceNo"])
        sold = ((reference, [row for row in rows if _is_sold(row)]) for reference, rows in groups)
        sales = ((reference, rows) for reference, rows in sold if rows)
        return [_document(reference, rows) for reference, rows in itertools.islice(sales, number)]


def _is_sold(row: dict[str, str]) -> bool:
    free_of_charge = float(row["UnitPrice"]) == 0
    return (
        row["InvoiceNo"].isdigit()
        and int(row["Quantity"]) > 0
        and not (free_of_charge and not row["CustomerID"])
    )


def _document(reference: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    first = rows[0]
    customer = first["CustomerID"].partition(".")[0]
    return {
        "reference": reference,
        "placed_at": first["InvoiceDate"].replace(" ", "T") + "Z",
        "currency": "GBP",
        "customer": {"reference": customer} if customer else None,
        "shipping_address": {"country": COUNTRIES[first["Country"]]},
        "lines": [
            {
                "sku": row["StockCode"],
                "quantity": int(row["Quantity"]),
                "unit_price": row["UnitPrice"],
                "description": row["Description"].strip(),
            }
            for row in rows
        ],
    }


def test_five_hundred_real_orders_each_sent_twice_at_once(shop: Shop) -> None:
    documents = first_orders(500)
    pairs: dict[str, list[Any]] = {document["reference"]: [] for document in documents}

    def send(share: list[dict[str, Any]]) -> None:
        for document in share:
            pairs[document["reference"]].append(shop.post(document, key=document["reference"]))

    shares = [documents[place :: CLIENTS // 2] for place in range(CLIENTS // 2)]
    at_once(*(lambda share=share: send(share) for share in shares * 2), patience=300)

    assert all(len(pair) == 2 and pair[0].content == pair[1].content for pair in pairs.values())
    assert {answer.status_code for pair in pairs.values() for answer in pair} == {201}
    assert Order.objects.count() == 500
    totals = {
        order.reference: order.total_amount
        for order in Order.objects.only("reference", "total_amount")
    }
    assert totals == {document["reference"]: _total(document) for document in documents}
    _books_agree(documents)


def _total(document: dict[str, Any]) -> Decimal:
    cents = Decimal("0.01")
    return sum(
        (
            (line["quantity"] * Decimal(line["unit_price"])).quantize(cents)
            for line in document["lines"]
        ),
        Decimal(0),
    )


def _books_agree(documents: list[dict[str, Any]]) -> None:
    """Check that every unit is in one bucket, and promised once where it is allocated."""
    units = sum(line["quantity"] for document in documents for line in document["lines"])
    sums = OrderLine.objects.aggregate(
        ordered=Sum("ordered"),
        reserved=Sum("reserved"),
        short=Sum("backordered"),
        rest=Sum("pending"),
    )
    assert sums["ordered"] == units
    assert sums["reserved"] + sums["short"] + sums["rest"] == units
    promised = Reservation.objects.aggregate(sum=Sum("quantity"))["sum"]
    counted = StockLevel.objects.aggregate(sum=Sum("reserved"))["sum"]
    assert promised == counted == sums["reserved"]
