"""Despatch at once: stock and order move together."""

import pytest

from config.kernel import ids
from config.kernel.models import Event
from fulfillment.services import dispatch
from inventory.models import Reservation, StockMovement
from orders.errors import Held, NothingToShip
from orders.models import Order
from orders.services import holds, progress
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, line


def ship(order: Order) -> int:
    return dispatch.ship_at_once(order_id=order.pk, command_id=ids.new(), actor=STAFF, at=AT)


def test_what_is_allocated_leaves_from_every_warehouse_and_charges_go_along(shop: Shop) -> None:
    main = shop.put("MUG", 3)
    north = shop.put("MUG", 2, WarehouseFactory(code="NORTH", priority=20))
    shop.put("POST", is_stocked=False)
    order = shop.place(line(quantity=5), line("POST"))

    assert ship(order) == 5
    order.refresh_from_db()
    assert buckets(order) == [{"shipped": 5}, {"shipped": 1}]
    assert (order.status, order.fulfillment_status) == ("completed", "shipped")
    assert (counters(main), counters(north)) == ((0, 0, 0), (0, 0, 0))
    assert Reservation.objects.count() == 0
    assert StockMovement.objects.filter(kind="ship").count() == 2
    told = Event.objects.filter(subject_id=order.pk, type="order.shipped")
    assert told.count() == 1


def test_the_rest_stays_backordered(shop: Shop) -> None:
    level = shop.put("MUG", 3)
    order = shop.place(line(quantity=5))
    ship(order)

    order.refresh_from_db()
    assert buckets(order) == [{"backordered": 2, "shipped": 3}]
    assert (order.status, order.fulfillment_status) == ("open", "partially_shipped")
    assert counters(level) == (0, 0, 0)


def test_a_held_order_does_not_leave_and_nothing_changes(shop: Shop) -> None:
    level = shop.put("MUG", 3)
    order = shop.place()
    holds.place(order_ids=[order.pk], reason="stop", actor=STAFF, at=AT)
    with pytest.raises(Held):
        ship(order)

    assert (buckets(order), counters(level)) == ([{"reserved": 1}], (3, 0, 1))


def test_nothing_allocated_is_refused(shop: Shop) -> None:
    shop.put("MUG", 0)
    with pytest.raises(NothingToShip):
        ship(shop.place())


def test_more_than_is_allocated_is_refused(shop: Shop) -> None:
    shop.put("MUG", 3)
    order = shop.place()
    one = order.lines.get()
    with pytest.raises(NothingToShip):
        progress.record_shipped(units={one.pk: 2}, actor=STAFF, command_id=ids.new(), at=AT)

    assert buckets(order) == [{"reserved": 1}]
