"""Orders of a channel in test mode: answered like any other, and nothing else."""

from datetime import timedelta

import pytest

from config.kernel import clock
from customers.models import Customer
from orders.models import Order
from orders.queries import dashboard, demand, views
from orders.services import allotment, backorders, holds
from tests.factories.orders import AT, STAFF, buckets, counters, line


@pytest.fixture(autouse=True)
def in_test_mode(shop):
    shop.change(is_test=True)


def test_it_gets_no_stock_and_is_never_released(shop):
    level = shop.put("MUG", 5)
    order = shop.place(line("MUG", 2))
    assert order.is_test
    assert (buckets(order), order.released_at, order.ship_by) == ([{"pending": 2}], None, None)
    allotment.allot(order_ids=[order.pk], actor=STAFF, at=AT)
    backorders.sweep(actor=STAFF, at=AT)
    holds.place(order_ids=[order.pk], reason="look", actor=STAFF, at=AT)
    holds.lift(kind="manual", order_ids=[order.pk], reason="", actor=STAFF, at=AT)
    order.refresh_from_db()
    assert (buckets(order), order.released_at) == ([{"pending": 2}], None)
    assert counters(level) == (5, 0, 0)


def test_its_holds_are_told_as_they_would_be(shop):
    order = shop.place(line("NOPE"), risk="high")
    kinds = set(order.holds.values_list("kind", flat=True))
    assert kinds == {"unknown_product", "fraud"}


def test_the_api_says_that_it_is_a_test(shop):
    shop.put("MUG", 5)
    order = shop.place(line("MUG", 2))
    assert shop.get(f"/api/v1/orders/{order.number}/").json()["test"] is True
    assert shop.get("/api/v1/orders/").json()["results"][0]["test"] is True
    shop.change(is_test=False)
    live = shop.place(line("MUG", 1))
    assert shop.get(f"/api/v1/orders/{live.number}/").json()["test"] is False


def test_no_number_counts_it(shop):
    level = shop.put("MUG", 5)
    shop.place(line("MUG", 2))
    shop.place(line("NOPE"))
    at, everything = views.moment(clock.now()), Order.objects.all()
    assert set(dashboard.counts(orders=everything, at=at).values()) == {0}
    assert dashboard.holds_by_cause(orders=everything) == []
    assert dashboard.placed_per_day(orders=everything, at=at) == []
    since = clock.now() - timedelta(days=1)
    product, channels = level.product_id, [shop.channel.pk]
    assert demand.sold(product_id=product, channel_ids=channels, since=since) == {}


def test_what_it_would_cost_uses_up_no_credit(shop):
    shop.put("MUG", 50)
    shop.place(line("MUG", 2))
    Customer.objects.update(credit_limit=15, credit_currency="GBP")
    shop.change(is_test=False)
    assert not shop.place(line("MUG", 1)).is_held
