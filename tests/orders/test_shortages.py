"""Promised stock that is not there: who waits, and where the units come from instead."""

import pytest

from config.kernel import dispatch, ids
from inventory.errors import ShortfallError
from inventory.models import Bin
from inventory.services import adjustments
from orders.models import OrderLine
from orders.services import shortages
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, line


def lose(shop: Shop, quantity: int, sku: str = "mug") -> None:
    level = shop.put(sku.upper())
    shortages.apply(
        book=lambda: adjustments.adjust(
            product_id=level.product_id, warehouse_id=shop.warehouse.pk, quantity=-quantity,
            reason="not found", command_id=ids.new(), actor=STAFF, at=AT,
        ),
        actor=STAFF,
        at=AT,
    )  # fmt: skip


def test_what_is_free_is_lost_first(shop: Shop) -> None:
    level = shop.put("MUG", 10)
    order = shop.place(line(quantity=4))
    lose(shop, 6)

    assert counters(level) == (4, 0, 4)
    assert buckets(order) == [{"reserved": 4}]


def test_the_order_due_last_waits(shop: Shop) -> None:
    level = shop.put("MUG", 10)
    urgent = shop.place(line(quantity=4), priority="urgent", placed_at="2026-11-03T10:00:00Z")
    old = shop.place(line(quantity=4), placed_at="2026-11-01T10:00:00Z")
    young = shop.place(line(quantity=2), placed_at="2026-11-02T10:00:00Z")
    lose(shop, 3)

    assert counters(level) == (7, 0, 7)
    assert buckets(urgent) == [{"reserved": 4}]
    assert buckets(old) == [{"backordered": 1, "reserved": 3}]
    assert buckets(young) == [{"backordered": 2}]
    young.refresh_from_db()
    assert young.is_short


def test_units_on_a_shipment_are_not_taken_back(shop: Shop) -> None:
    level = shop.put("MUG", 2)
    order = shop.place(line(quantity=2))
    OrderLine.objects.filter(order=order).update(reserved=0, assigned=2)
    with pytest.raises(ShortfallError):
        lose(shop, 1)

    assert counters(level) == (2, 0, 2)
    assert buckets(order) == [{"assigned": 2}]


def test_another_warehouse_helps_out(shop: Shop) -> None:
    shop.put("MUG", 2)
    order = shop.place(line(quantity=2))
    north = shop.put("MUG", 5, WarehouseFactory(code="NORTH", priority=20))
    lose(shop, 2)
    assert buckets(order) == [{"backordered": 2}]
    dispatch.deliver_due()

    assert buckets(order) == [{"reserved": 2}]
    assert counters(north) == (5, 0, 2)


def test_damaged_goods_count_as_lost(shop: Shop) -> None:
    level = shop.put("MUG", 3)
    order = shop.place(line(quantity=3))
    stock_bin = Bin.objects.get(warehouse=shop.warehouse, code=Bin.STOCK)
    shortages.apply(
        book=lambda: adjustments.change_condition(
            product_id=level.product_id, bin_id=stock_bin.pk, quantity=1, to="damaged",
            reason="wet", command_id=ids.new(), actor=STAFF, at=AT,
        ),
        actor=STAFF,
        at=AT,
    )  # fmt: skip

    assert counters(level) == (3, 1, 2)
    assert buckets(order) == [{"backordered": 1, "reserved": 2}]
