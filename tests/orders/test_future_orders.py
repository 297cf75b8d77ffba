"""Orders for later: their stock is asked for when their day has come, not before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from config.kernel.callers import ChannelFacts
from orders.models import Order
from orders.services import future_orders, holds, placement
from orders.states import Origin
from tests.factories.orders import AT, STAFF, buckets, counters, document, line

LATER = "2026-12-11"  # a Friday, 25 days after AT
ASKS_ON = datetime(2026, 12, 8, tzinfo=UTC)  # midnight in London, three days before


@pytest.fixture(autouse=True)
def three_days_before(shop):
    shop.change(allocate_days_before=3)


def place(shop, *lines, at=AT, **more) -> Order:
    body = document(*lines, **more)
    placement.place(
        document=body, fingerprint=body["reference"], key=None, actor=STAFF, at=at,
        channel=ChannelFacts.of(shop.channel), origin=Origin.API,
    )  # fmt: skip
    return Order.objects.get(reference=body["reference"])


def test_an_order_for_later_leaves_the_stock_to_others(shop):
    level = shop.put("MUG", 5)
    later = place(shop, line("MUG", 5), ship_not_before=LATER)
    assert (buckets(later), counters(level)) == ([{"pending": 5}], (5, 0, 0))
    assert later.allocate_at == ASKS_ON
    assert later.ship_by.date() == date.fromisoformat(LATER)
    assert buckets(place(shop, line("MUG", 4))) == [{"reserved": 4}]


def test_on_its_day_it_gets_what_is_there_and_the_rest_is_backordered(shop):
    level = shop.put("MUG", 5)
    later = place(shop, line("MUG", 7), ship_not_before=LATER)
    assert future_orders.sweep(actor=STAFF, at=ASKS_ON - timedelta(seconds=1)) == 0
    assert future_orders.sweep(actor=STAFF, at=ASKS_ON) == 1
    assert (buckets(later), counters(level)) == ([{"backordered": 2, "reserved": 5}], (5, 0, 5))
    assert future_orders.sweep(actor=STAFF, at=ASKS_ON) == 0


def test_it_stands_behind_those_who_wait_already(shop):
    shop.put("MUG")
    waiting = place(shop, line("MUG", 3))
    later = place(shop, line("MUG", 3), ship_not_before=LATER)
    shop.put("MUG", 5)
    future_orders.sweep(actor=STAFF, at=ASKS_ON)
    assert buckets(later) == [{"backordered": 1, "reserved": 2}]
    assert buckets(waiting) == [{"backordered": 3}]


@pytest.mark.parametrize(
    ("days", "not_before"), [(None, LATER), (3, None), (3, "2026-11-19"), (3, "2026-11-16")]
)
def test_whoever_needs_it_soon_gets_it_now(shop, days, not_before):
    shop.change(allocate_days_before=days)
    shop.put("MUG", 5)
    order = place(shop, line("MUG", 5), ship_not_before=not_before)
    assert (order.allocate_at, buckets(order)) == (None, [{"reserved": 5}])


def test_a_shortage_today_refuses_no_order_for_later(shop):
    shop.change(shortage_policy="refuse")
    shop.put("MUG")
    assert buckets(place(shop, line("MUG", 5), ship_not_before=LATER)) == [{"pending": 5}]


def test_a_hold_that_ends_before_its_day_asks_for_nothing(shop):
    level = shop.put("MUG", 5)
    order = place(shop, line("MUG", 5), ship_not_before=LATER)
    holds.place(order_ids=[order.pk], kind="duplicate", actor=STAFF, at=AT)
    assert future_orders.sweep(actor=STAFF, at=ASKS_ON) == 0
    holds.lift(kind="duplicate", order_ids=[order.pk], reason="", actor=STAFF, at=AT)
    assert (buckets(order), counters(level)) == ([{"pending": 5}], (5, 0, 0))
    assert future_orders.sweep(actor=STAFF, at=ASKS_ON) == 1
    assert buckets(order) == [{"reserved": 5}]
