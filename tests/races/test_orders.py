"""Orders that meet: real threads, real transactions, through the public door."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from config.kernel import callers, dispatch, ids
from customers.models import Customer
from inventory.models import Bin, Reservation, StockLevel
from inventory.queries import calendars
from inventory.services import adjustments
from orders.models import Order, OrderLine
from orders.services import cancellation
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import AT, STAFF, Shop, document, line
from tests.threads import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:  # noqa: ARG001 - real transactions
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()


def deadlocks() -> int:
    """Return how many deadlocks this database has seen."""
    connection.close()  # a session's statistics arrive when it ends
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def in_threads(shop: Shop, bodies: list[dict[str, Any]], threads: int = 16) -> list[int]:
    """Post the bodies from so many threads at once; return the statuses."""
    shares = [bodies[place::threads] for place in range(threads)]
    statuses = at_once(
        *(
            lambda share=share: [shop.post(body).status_code for body in share]
            for share in shares
            if share
        ),
        patience=120,
    )
    return [status for share in statuses for status in share]


def books_agree() -> None:
    """Check that counters, promises and lines tell one story."""
    for level in StockLevel.objects.all():
        promised = sum(Reservation.objects.filter(level=level).values_list("quantity", flat=True))
        assert level.reserved == promised
        assert level.reserved + level.unavailable <= level.on_hand
    for one in OrderLine.objects.all():
        held = Reservation.objects.filter(demand_id=one.pk).values_list("quantity", flat=True)
        assert sum(held) == one.reserved + one.assigned


def test_a_hundred_units_over_three_warehouses_are_sold_a_hundred_times(shop: Shop) -> None:
    north, south = WarehouseFactory(priority=20), WarehouseFactory(priority=30)
    shop.put("TEA", 10_000)
    for where, quantity in ((None, 40), (north, 45), (south, 35)):
        shop.put("MUG", quantity, where)
    shop.place(line(quantity=20))  # promised before the storm
    shop.change(shortage_policy="refuse")
    before = deadlocks()
    bodies = [
        document(*(parts if n % 2 else parts[::-1]))
        for n, parts in enumerate([[line("MUG"), line("TEA")] for _ in range(500)])
    ]
    statuses = Counter(in_threads(shop, bodies))

    assert statuses == {201: 100, 409: 400}
    mugs = StockLevel.objects.filter(product__sku="MUG").values_list("reserved", flat=True)
    assert sum(mugs) == 120
    assert deadlocks() == before
    books_agree()


def test_with_backorders_every_order_is_taken_and_exactly_the_stock_reserved(shop: Shop) -> None:
    level = shop.put("MUG", 50)
    statuses = Counter(in_threads(shop, [document() for _ in range(120)]))

    level.refresh_from_db()
    assert statuses == {201: 120}
    assert level.reserved == 50
    assert sum(OrderLine.objects.values_list("backordered", flat=True)) == 70
    books_agree()


def test_damaged_units_are_not_sold(shop: Shop) -> None:
    level = shop.put("MUG", 12)
    adjustments.change_condition(
        product_id=level.product_id,
        bin_id=Bin.objects.get(warehouse=shop.warehouse, code=Bin.STOCK).pk,
        quantity=5,
        to="damaged",
        reason="wet",
        command_id=ids.new(),
        actor=STAFF,
        at=AT,
    )
    shop.change(shortage_policy="refuse")
    statuses = Counter(in_threads(shop, [document() for _ in range(50)]))

    level.refresh_from_db()
    assert statuses == {201: 7, 409: 43}
    assert (level.on_hand, level.unavailable, level.reserved) == (12, 5, 7)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET reserved = 8 WHERE id = %s", [level.pk])


def test_lines_in_adverse_order_never_deadlock(shop: Shop) -> None:
    skus = [f"SKU{n}" for n in range(10)]
    for sku in skus:
        shop.put(sku, 100_000)
    before = deadlocks()
    shuffle = random.Random(1)
    bodies = [document(*[line(sku) for sku in shuffle.sample(skus, 5)]) for _ in range(400)]

    assert Counter(in_threads(shop, bodies, threads=32)) == {201: 400}
    assert deadlocks() == before
    books_agree()


def test_twenty_identical_posts_make_one_order_and_twenty_equal_bodies(shop: Shop) -> None:
    level = shop.put("MUG", 100)
    body = document(line(quantity=2))
    answers = at_once(*(lambda: shop.post(body, key="k") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 19
    assert Order.objects.count() == 1
    level.refresh_from_db()
    assert level.reserved == 2


def test_one_reference_under_many_keys_makes_one_order(shop: Shop) -> None:
    shop.put("MUG", 100)
    body = document()
    answers = at_once(*(lambda n=n: shop.post(body, key=f"k{n}") for n in range(20)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.content for answer in answers}) == 1


def test_a_new_customer_met_by_many_orders_at_once_is_made_once(shop: Shop) -> None:
    shop.put("MUG", 100)
    statuses = at_once(*(lambda: shop.post(document()).status_code for _ in range(16)))

    assert set(statuses) == {201}
    assert Customer.objects.count() == 1
    assert Customer.objects.get().references.count() == 2


def test_cancelling_twice_at_once_gives_the_stock_back_once(shop: Shop) -> None:
    level = shop.put("MUG", 10)
    order = shop.place(line(quantity=4))

    def cancel() -> Any:
        return cancellation.cancel(order_id=order.pk, reason="", actor=STAFF, at=AT)

    outcomes = at_once(*[cancel] * 8)
    level.refresh_from_db()
    assert sum(bool(outcome.cancelled) for outcome in outcomes) == 1
    assert (level.on_hand, level.reserved) == (10, 0)
    books_agree()


def test_filling_at_once_from_many_workers_gives_each_unit_once(shop: Shop) -> None:
    level = shop.put("MUG", 0)
    for _ in range(10):
        shop.place(line(quantity=3))
    shop.put("MUG", 20)
    at_once(*[dispatch.deliver_due] * 6)
    dispatch.deliver_due()

    level.refresh_from_db()
    assert level.reserved == 20
    assert sum(OrderLine.objects.values_list("backordered", flat=True)) == 10
    books_agree()


def test_the_feed_misses_none_and_repeats_none_while_many_write(shop: Shop) -> None:
    shop.put("MUG", 10_000)
    seen: list[str] = []
    done = []

    def write() -> None:
        for _ in range(20):
            shop.post(document())
        done.append(True)

    def poll() -> None:
        cursor = None
        idle = 0
        # The feed waits for the whole server's older transactions; a neighbour's test may be long.
        until = time.monotonic() + 240
        while idle < 2 or (len(seen) < 8 * 20 * 2 and time.monotonic() < until):
            time.sleep(0.05 if idle else 0)
            page = shop.get("/api/v1/events/", limit="25", **({"cursor": cursor} if cursor else {}))
            found = page.json()
            seen.extend(event["id"] for event in found["results"])
            cursor = found["next"]
            idle = idle + 1 if len(done) == 8 and not found["results"] else 0

    at_once(poll, *[write] * 8, patience=300)
    connections.close_all()
    assert len(seen) == len(set(seen)) == 8 * 20 * 2
