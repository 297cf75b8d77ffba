"""Filling backorders: who gets what comes in, once."""

from config.kernel import dispatch
from config.kernel.models import Event
from inventory.models import StockMovement
from orders.models import Order
from orders.services import backorders, cancellation
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, line


def fill() -> int:
    return backorders.sweep(actor=STAFF, at=AT)


def test_what_comes_in_goes_to_the_most_urgent_then_the_oldest(shop: Shop) -> None:
    shop.put("MUG", 0)
    old = shop.place(line(quantity=2), placed_at="2026-11-01T10:00:00Z")
    young = shop.place(line(quantity=2), placed_at="2026-11-02T10:00:00Z")
    urgent = shop.place(line(quantity=2), priority="urgent", placed_at="2026-11-03T10:00:00Z")
    level = shop.put("MUG", 5)

    assert fill() == 5
    assert buckets(urgent) == [{"reserved": 2}]
    assert buckets(old) == [{"reserved": 2}]
    assert buckets(young) == [{"backordered": 1, "reserved": 1}]
    assert counters(level) == (5, 0, 5)
    assert fill() == 0
    told = Event.objects.filter(type="order.lines_available")
    assert told.count() == 3


def test_a_gain_wakes_the_filling(shop: Shop) -> None:
    shop.put("MUG", 1)
    order = shop.place(line(quantity=3))
    shop.put("MUG", 2)
    dispatch.deliver_due()

    assert buckets(order) == [{"reserved": 3}]
    order.refresh_from_db()
    assert not order.is_short


def test_an_order_filled_twice_has_two_movements(shop: Shop) -> None:
    level = shop.put("MUG", 0)
    order = shop.place(line(quantity=4))
    for _ in range(2):
        shop.put("MUG", 2)
        fill()

    assert buckets(order) == [{"reserved": 4}]
    moved = StockMovement.objects.filter(level=level, kind="reserve")
    assert list(moved.order_by("version").values_list("d_reserved", flat=True)) == [2, 2]


def test_a_cancellation_feeds_those_who_wait(shop: Shop) -> None:
    shop.put("MUG", 3)
    first, second = shop.place(line(quantity=3)), shop.place(line(quantity=2))
    cancellation.cancel(order_id=first.pk, reason="", actor=STAFF, at=AT)
    dispatch.deliver_due()

    assert buckets(second) == [{"reserved": 2}]


def test_all_warehouses_are_asked(shop: Shop) -> None:
    shop.put("MUG", 0)
    order = shop.place(line(quantity=5))
    north = shop.put("MUG", 3, WarehouseFactory(code="NORTH", priority=20))
    main = shop.put("MUG", 1)
    fill()

    assert buckets(order) == [{"backordered": 1, "reserved": 4}]
    assert (counters(main)[2], counters(north)[2]) == (1, 3)


def test_a_shortage_hold_waits_for_the_whole_order(shop: Shop) -> None:
    shop.change(shortage_policy="hold")
    shop.put("MUG", 1)
    shop.put("TEA", 0)
    order = shop.place(line(quantity=2), line("TEA"))
    shop.put("TEA", 1)
    assert fill() == 0
    assert buckets(order) == [{"pending": 2}, {"pending": 1}]

    shop.put("MUG", 1)
    assert fill() == 3
    order.refresh_from_db()
    assert buckets(order) == [{"reserved": 2}, {"reserved": 1}]
    assert (order.is_held, order.released_at) == (False, AT)


def test_a_held_back_order_is_passed_over(shop: Shop) -> None:
    shop.put("MUG", 0)
    shop.change(duplicate_check=True)
    first = shop.place(line(quantity=2))
    twin = shop.place(line(quantity=2))
    shop.put("MUG", 4)
    fill()

    assert (buckets(first), buckets(twin)) == ([{"reserved": 2}], [{"pending": 2}])


def test_ship_by_of_what_comes_late_counts_from_now(shop: Shop) -> None:
    shop.put("MUG", 0)
    order = shop.place(placed_at="2026-10-01T10:00:00Z")
    assert order.ship_by is None
    shop.put("MUG", 1)
    fill()

    order.refresh_from_db()
    assert order.ship_by is not None
    assert order.ship_by.isoformat() == "2026-11-16T17:00:00+00:00"
    assert Order.objects.get(pk=order.pk).fulfillment_status == "unfulfilled"
