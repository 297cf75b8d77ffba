"""Stock that many want at once: real threads, real transactions, nothing sold twice."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from config.kernel import commands, ids
from inventory import errors
from inventory.booking import BinChange
from inventory.models import BinStock, Reservation, StockDifference, StockLevel, StockMovement
from inventory.services import (
    adjustments,
    ledger,
    levels,
    low_stock,
    moves,
    receiving,
    reservations,
    stock_checks,
)
from inventory.services.receiving import Arrival
from inventory.services.reservations import Promise
from tests.factories.inventory import ProductFactory, StockLevelFactory, WarehouseFactory
from tests.inventory import books
from tests.threads import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def deadlocks() -> int:
    """Return how many deadlocks this database has seen."""
    connection.close()  # a session's statistics arrive when it ends
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def told(**words: Any) -> dict[str, Any]:
    return {"command_id": ids.new(), "actor": books.ACTOR, "at": books.AT, **words}


def papers(**words: Any) -> dict[str, Any]:
    return told(subject_id=None, document="", **words)


def outcome(verb: Callable[[], object]) -> str:
    """Return "done", or the name of the refusal."""
    try:
        verb()
    except errors.ShortfallError as refusal:
        return refusal.cause
    except (errors.StaleCount, errors.NotPromised) as refusal:
        return refusal.code
    return "done"


def race(*verbs: Callable[[], object]) -> Counter[str]:
    return Counter(at_once(*(lambda verb=verb: outcome(verb) for verb in verbs), patience=60))


def test_of_twelve_on_hand_and_five_damaged_exactly_seven_are_promised() -> None:
    level = StockLevelFactory()
    books.fill(level, 12)
    adjustments.change_condition(
        product_id=level.product_id,
        bin_id=level.warehouse.bins.get(code="STOCK").pk,
        quantity=5,
        to="damaged",
        reason="wet",
        **told(),
    )

    def reserve() -> object:
        return reservations.reserve(promises=[Promise(ids.new(), level.pk, 1)], **papers())

    assert race(*[reserve] * 50) == {"done": 7, "promised": 43}
    assert books.figures(level)[:3] == (12, 5, 7)
    books.assert_agree()
    books.assert_promises_agree()


def test_the_hot_path_takes_exactly_what_is_there() -> None:
    level = StockLevelFactory()
    books.fill(level, 30)

    @commands.command
    def place() -> None:
        available = ledger.lock(level_ids=[level.pk])[level.pk].available
        if not available:
            raise errors.ShortfallError(
                level_id=level.pk,
                product_id=level.product_id,
                warehouse_id=level.warehouse_id,
                missing=1,
                cause="promised",
            )
        reservations.take(quantities={level.pk: 1}, **papers())

    assert race(*[place] * 40) == {"done": 30, "promised": 10}
    assert books.figures(level) == (30, 0, 30, 31)
    books.assert_agree()


def test_levels_in_adverse_order_never_deadlock() -> None:
    warehouse = WarehouseFactory()
    some = [StockLevelFactory(warehouse=warehouse) for _ in range(8)]
    for level in some:
        books.fill(level, 1000)
    before = deadlocks()
    dice = random.Random(7)

    def work(number: int) -> Callable[[], object]:
        chosen = dice.sample(some, 5)

        def reserve() -> None:
            for _ in range(10):
                demand = ids.new()
                wanted = [Promise(demand, level.pk, 2) for level in chosen]
                reservations.reserve(promises=wanted, **papers())
                half = [Promise(demand, level.pk, 1) for level in reversed(chosen)]
                reservations.release_promises(promises=half, **papers())
                reservations.consume(promises=half, **papers())

        def receive() -> None:
            for _ in range(10):
                arrivals = [Arrival(level.product_id, 3) for level in chosen]
                receiving.receive(
                    warehouse_id=warehouse.pk, arrivals=arrivals, document="", **told()
                )

        return reserve if number % 2 else receive

    assert race(*(work(number) for number in range(16))) == {"done": 16}
    assert deadlocks() == before
    books.assert_agree()
    books.assert_promises_agree()
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("kind", ["receive", "adjust", "reserve", "release", "consume", "move"])
def test_twins_of_one_command_have_one_effect(kind: str) -> None:
    level = StockLevelFactory()
    books.fill(level, 10)
    demand, stock = ids.new(), level.warehouse.bins.get(code="STOCK").pk
    reservations.reserve(promises=[Promise(demand, level.pk, 5)], **papers())
    before = StockMovement.objects.count()
    one, words, marked = [Promise(demand, level.pk, 2)], told(), papers()
    verbs: dict[str, Callable[[], object]] = {
        "receive": lambda: receiving.receive(
            warehouse_id=level.warehouse_id,
            arrivals=[Arrival(level.product_id, 2)],
            document="",
            **words,
        ),
        "adjust": lambda: adjustments.adjust(
            product_id=level.product_id,
            warehouse_id=level.warehouse_id,
            quantity=-2,
            reason="lost",
            **words,
        ),
        "reserve": lambda: reservations.reserve(promises=one, **marked),
        "release": lambda: reservations.release(quantities={demand: 2}, **marked),
        "consume": lambda: reservations.consume(promises=one, **marked),
        "move": lambda: moves.move(
            product_id=level.product_id,
            from_bin_id=stock,
            to_bin_id=level.warehouse.bins.get(code="STAGING").pk,
            quantity=2,
            **words,
        ),
    }
    assert race(*[verbs[kind]] * 8) == {"done": 8}
    assert StockMovement.objects.count() == before + 1
    books.assert_agree()
    books.assert_promises_agree()


def test_a_count_and_a_sale_never_both_win_on_an_old_figure() -> None:
    level = StockLevelFactory()
    books.fill(level, 17)
    stock = level.warehouse.bins.get(code="STOCK").pk

    def count() -> object:
        return adjustments.count_bin(
            product_id=level.product_id, bin_id=stock, counted=16, based_on=17, **told()
        )

    assert race(*[count] * 6) == {"done": 1, "stale_count": 5}
    assert books.bins(level) == {("STOCK", "good"): 16}
    books.assert_agree()


def test_the_last_unit_goes_to_a_promise_or_to_quarantine_never_to_both() -> None:
    level = StockLevelFactory()
    books.fill(level, 1)
    stock = level.warehouse.bins.get(code="STOCK").pk

    def reserve() -> object:
        return reservations.reserve(promises=[Promise(ids.new(), level.pk, 1)], **papers())

    def damage() -> object:
        return adjustments.change_condition(
            product_id=level.product_id,
            bin_id=stock,
            quantity=1,
            to="damaged",
            reason="wet",
            **told(),
        )

    found = race(*[reserve, damage] * 5)
    assert found["done"] == 1
    assert sum(found.values()) == 10
    assert sum(books.figures(level)[1:3]) == 1
    books.assert_agree()


def test_a_promise_is_shipped_or_released_once() -> None:
    level, demand = StockLevelFactory(), ids.new()
    books.fill(level, 6)
    one = [Promise(demand, level.pk, 6)]
    reservations.reserve(promises=one, **papers())
    found = race(
        *[lambda: reservations.consume(promises=one, **papers())] * 4,
        *[lambda: reservations.release(quantities={demand: 6}, **papers())] * 4,
    )
    assert found == {"done": 1, "not_promised": 7}
    assert not Reservation.objects.exists()
    books.assert_agree()


def test_a_product_comes_into_a_warehouse_once() -> None:
    product, warehouse = ProductFactory(), WarehouseFactory()
    pair = product.pk, warehouse.pk
    found = at_once(*[lambda: levels.ensure(pairs=[pair])[pair]] * 8)
    assert len(set(found)) == 1
    assert StockLevel.objects.count() == 1


def test_bins_are_filled_by_many_at_once() -> None:
    level = StockLevelFactory()
    place = level.warehouse.bins.get(code="RECEIVING").pk

    def receive() -> object:
        change = (BinChange(place, 3), BinChange(place, 1, lot="L1"))
        entry = books.entry(level, bins=change)
        return ledger.post(entries=[entry], actor=books.ACTOR, at=books.AT)

    assert race(*[receive] * 12) == {"done": 12}
    assert sorted(BinStock.objects.values_list("lot", "quantity"), key=str) == [
        ("L1", 12),
        (None, 36),
    ]
    books.assert_agree()


def test_checks_and_sweeps_that_meet_leave_one_row_each() -> None:
    level = StockLevelFactory()
    books.fill(level, 3)
    level.warehouse.reorder_rules.create(product=level.product, reorder_point=5)
    StockLevel.objects.update(on_hand=4)
    found = at_once(*[lambda: stock_checks.run(at=books.AT)] * 6)
    assert [len(differences) for differences in found] == [2] * 6
    swept = at_once(*[lambda: low_stock.sweep(at=books.AT)] * 6)
    assert sum(one.opened for one in swept) == 1
    assert StockDifference.objects.count() == 2
    assert level.product.low_stock_alerts.count() == 1


def test_a_check_amid_sales_finds_nothing() -> None:
    level = StockLevelFactory()
    books.fill(level, 500)

    def sell() -> None:
        for _ in range(15):
            one = [Promise(ids.new(), level.pk, 1)]
            reservations.reserve(promises=one, **papers())
            reservations.consume(promises=one, **papers())

    def check() -> None:
        for _ in range(10):
            found = stock_checks.run(at=books.AT)
            assert [one for one in found if one.check_kind != "orders"] == []

    assert at_once(sell, sell, sell, check, patience=60) == [None] * 4
    books.assert_agree()
