"""Files that name a channel's own SKUs: sold, credited and corrected as what they mean."""

from decimal import Decimal

import pytest

from inventory.models import Product, StockMovement
from orders.models import Credit, OrderLine
from orders.services import mappings, stock_checks
from orders.services.mappings import Part
from tests.factories.imports import UK, Importer, order_of, stock_of
from tests.factories.orders import buckets

ROWS = [
    ["1", "2026-03-02 09:00:00", "gift", "Gift", "2", "10.01", "17850", UK],
    ["1", "2026-03-02 09:00:00", "MUG", "Mug", "1", "2.50", "17850", UK],
    ["C1", "2026-03-03 12:00:00", "GIFT", "", "-1", "10.01", "17850", UK],
    ["7", "2026-03-03 13:00:00", "GIFT", "found", "1", "0", "", UK],
]


@pytest.fixture
def importer(shop, tmp_path):
    shop.put("MUG", 10)
    shop.put("TEA", 10)
    mappings.add(
        channel_id=shop.channel.pk,
        sku="Gift",
        parts=[
            Part(Product.objects.get(sku="MUG").pk, 1, Decimal(50)),
            Part(Product.objects.get(sku="TEA").pk, 3, Decimal(50)),
        ],
    )
    return Importer(shop, tmp_path)


def test_what_was_shipped_left_as_its_parts(importer):
    run = importer.bring(importer.write(ROWS))
    order = order_of("1")
    assert run.figures["order_lines"] == 2
    assert run.figures["gross"] == {"GBP": "22.52"}
    assert buckets(order) == [{}, {"shipped": 1}, {"shipped": 2}, {"shipped": 6}]
    assert order.status == "completed"
    assert sum(line.amount for line in order.lines.all()) == Decimal("22.52")
    assert stock_of("MUG") == (10 - 3 + 1 + 1, 0)
    assert stock_of("TEA") == (10 - 6 + 3 + 3, 0)
    assert {one.reason for one in StockMovement.objects.filter(kind="adjustment")} == {"found"}


def test_a_credited_set_is_credited_in_its_parts(importer):
    importer.bring(importer.write(ROWS))
    credit = Credit.objects.get()
    assert credit.total_amount == Decimal("10.01")
    assert [
        (one.sku, one.quantity, one.restocked, one.amount, one.description.split(":")[0])
        for one in credit.lines.order_by("position")
    ] == [
        ("MUG", 1, 1, Decimal("5.010"), "GIFT"),
        ("TEA", 3, 3, Decimal("5.000"), "GIFT"),
    ]


def test_what_is_still_to_be_sent_is_promised(importer):
    importer.bring(importer.write(ROWS[:2]), stock="reserve")
    assert buckets(order_of("1")) == [{}, {"reserved": 1}, {"reserved": 2}, {"reserved": 6}]
    assert (stock_of("MUG"), stock_of("TEA")) == ((10, 3), (10, 6))
    assert stock_checks.find() == []


def test_past_orders_know_products_of_the_past(importer):
    Product.objects.update(is_active=False)
    importer.bring(importer.write(ROWS[:2]))
    assert not OrderLine.objects.filter(product=None, set_quantity=None).exists()
    assert not order_of("1").holds.exists()
