"""Giving stock while others give, cancel and place: each unit has one owner at any time."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from config.kernel import callers, dispatch, ids
from inventory.models import StockLevel
from inventory.queries import calendars
from orders.errors import NothingToGive, NotWaiting
from orders.models import Order
from orders.services import cancellation, giving
from orders.services.giving import Gift
from tests.factories.orders import AT, STAFF, Shop, buckets, line
from tests.races.test_orders import books_agree, deadlocks
from tests.threads import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:  # noqa: ARG001 - real transactions
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()


def gift(loser: Order, winner: Order, level: StockLevel, quantity: int = 1) -> Gift:
    from_line, to_line = (order.lines.get(product_id=level.product_id) for order in (loser, winner))
    return Gift(from_line.pk, to_line.pk, level.pk, quantity)


def give(wanted: Gift, command_id: Any = None) -> Any:
    return giving.give(
        gift=wanted, reason="VIP", command_id=command_id or ids.new(), actor=STAFF, at=AT
    )


def test_five_units_wanted_by_eight_are_given_five_times(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    loser = shop.place(line(quantity=5))
    winners = [shop.place(line()) for _ in range(8)]
    gifts = [gift(loser, winner, level) for winner in winners]
    outcomes = at_once(*(lambda one=one: give(one) for one in gifts))

    assert Counter(type(outcome) for outcome in outcomes) == {type(None): 5, NothingToGive: 3}
    assert buckets(loser) == [{"backordered": 5}]
    assert sum(buckets(winner) == [{"reserved": 1}] for winner in winners) == 5
    books_agree()


def test_a_button_pressed_many_times_gives_once(shop: Shop) -> None:
    level = shop.put("MUG", 9)
    loser, winner = shop.place(line(quantity=9)), shop.place(line(quantity=9))
    wanted, command_id = gift(loser, winner, level, 2), ids.new()
    assert at_once(*[lambda: give(wanted, command_id)] * 8) == [None] * 8

    assert buckets(winner) == [{"backordered": 7, "reserved": 2}]
    books_agree()


def test_gifts_that_cross_do_not_deadlock(shop: Shop) -> None:
    mugs, teas = shop.put("MUG", 10), shop.put("TEA", 10)
    first = shop.place(line("MUG", 10), line("TEA", 10))
    shop.put("MUG", 0)
    second = shop.place(line("MUG", 10), line("TEA", 10))
    give(gift(first, second, teas, 10))
    before = deadlocks()
    there, back = gift(first, second, mugs), gift(second, first, teas)
    outcomes = at_once(*[lambda: give(there)] * 8, *[lambda: give(back)] * 8)

    assert outcomes == [None] * 16
    assert deadlocks() == before
    assert buckets(first) == [
        {"backordered": 8, "reserved": 2}, {"backordered": 2, "reserved": 8},
    ]  # fmt: skip
    books_agree()


def test_whoever_cancels_meanwhile_gives_and_gets_nothing_twice(shop: Shop) -> None:
    level = shop.put("MUG", 6)
    losers = [shop.place(line(quantity=2)) for _ in range(3)]
    winners = [shop.place(line(quantity=2)) for _ in range(3)]
    gifts = [gift(loser, winner, level) for loser, winner in zip(losers, winners, strict=True)]

    def cancel(order: Order) -> Any:
        return cancellation.cancel(order_id=order.pk, reason="", actor=STAFF, at=AT)

    outcomes = at_once(
        *(lambda one=one: give(one) for one in gifts for _ in range(2)),
        lambda: cancel(losers[0]),
        lambda: cancel(winners[1]),
        *[lambda: shop.place(line()) for _ in range(4)],
        dispatch.deliver_due,
    )
    allowed = (NothingToGive, NotWaiting)
    assert not [
        one for one in outcomes if isinstance(one, Exception) and not isinstance(one, allowed)
    ]
    while dispatch.deliver_due():
        pass
    level.refresh_from_db()
    assert level.reserved == 6
    books_agree()
