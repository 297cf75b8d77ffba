"""Promises: made, given up and shipped, never broken."""

import pytest

from config.kernel import commands, ids, sql
from config.kernel import errors as kernel_errors
from config.kernel.models import Event
from inventory import errors
from inventory.booking import BinChange
from inventory.models import Reservation, StockMovement
from inventory.services import reservations
from inventory.services.reservations import Promise
from tests.factories.inventory import BinFactory, StockLevelFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    level = StockLevelFactory()
    books.fill(level, 12)
    return level


def told(command_id=None):
    return {
        "command_id": command_id or ids.new(),
        "subject_id": None,
        "document": "SO-1",
        "actor": books.ACTOR,
        "at": books.AT,
    }


def reserve(level, quantity, demand=None, **words):
    promises = [Promise(demand or ids.new(), level.pk, quantity)]
    return reservations.reserve(promises=promises, **(words or told()))


def promised():
    return {
        (row.demand_id, row.level_id): row.quantity for row in Reservation.objects.order_by("id")
    }


def test_reserve_promises_units_and_writes_the_ledger(level):
    demand, subject = ids.new(), ids.new()
    words = {**told(), "subject_id": subject}
    assert reserve(level, 5, demand, **words) == {level.pk: 5}
    assert books.figures(level) == (12, 0, 5, 2)
    assert promised() == {(demand, level.pk): 5}
    movement = StockMovement.objects.get(kind="reserve")
    assert (movement.d_on_hand, movement.d_reserved, movement.quantity) == (0, 5, 5)
    assert (movement.document, movement.subject_id) == ("SO-1", subject)
    assert (movement.command_id, movement.actor_label) == (words["command_id"], "Sam")


def test_reserve_refuses_more_than_available_and_changes_nothing(level):
    other = StockLevelFactory()
    books.fill(other, 3)
    wanted = [Promise(ids.new(), other.pk, 3), Promise(ids.new(), level.pk, 13)]
    with pytest.raises(errors.ShortfallError) as refusal:
        reservations.reserve(promises=wanted, **told())
    assert (refusal.value.level_id, refusal.value.missing) == (level.pk, 1)
    assert books.figures(level) == (12, 0, 0, 1)
    assert books.figures(other) == (3, 0, 0, 1)
    assert promised() == {}


def test_demand_is_summed_per_level_before_it_is_judged(level):
    first, second = ids.new(), ids.new()
    with pytest.raises(errors.ShortfallError) as refusal:
        reservations.reserve(
            promises=[Promise(first, level.pk, 7), Promise(second, level.pk, 6)], **told()
        )
    assert refusal.value.missing == 1
    wanted = ((first, 7), (second, 3), (first, 2))
    promises = [Promise(demand, level.pk, quantity) for demand, quantity in wanted]
    assert reservations.reserve(promises=promises, **told()) == {level.pk: 12}
    assert promised() == {(first, level.pk): 9, (second, level.pk): 3}


def test_a_demand_is_filled_again_on_the_same_level(level):
    demand = ids.new()
    reserve(level, 4, demand)
    reserve(level, 3, demand)
    assert promised() == {(demand, level.pk): 7}
    assert StockMovement.objects.filter(kind="reserve").count() == 2
    books.assert_promises_agree()


def test_a_repeated_reserve_returns_its_first_effect(level):
    demand, words = ids.new(), told()
    assert reserve(level, 4, demand, **words) == {level.pk: 4}
    assert reserve(level, 4, demand, **words) == {level.pk: 4}
    assert promised() == {(demand, level.pk): 4}
    with pytest.raises(errors.CommandContradicted):
        reserve(level, 5, demand, **words)


def test_a_promise_of_nothing_is_a_mistake(level):
    with pytest.raises(ValueError, match="0 units"):
        reservations.rows([Promise(ids.new(), level.pk, 0)])


def test_rows_merge_equal_demands_and_take_moves_the_levels(level):
    demand = ids.new()
    promises = [Promise(demand, level.pk, 2), Promise(demand, level.pk, 3)]
    rows = reservations.rows(promises)
    assert [(row["demand_id"], row["quantity"]) for row in rows] == [(demand, 5)]
    sql.insert((Reservation, rows))
    reservations.take(quantities=reservations.per_level(promises), **told())
    assert books.figures(level) == (12, 0, 5, 2)
    books.assert_promises_agree()


def test_take_is_one_statement(level, django_assert_num_queries):
    other = StockLevelFactory()
    books.fill(other, 3)
    with django_assert_num_queries(1):
        reservations.take(quantities={level.pk: 1, other.pk: 2}, **told())


def test_take_asks_for_another_run_when_a_level_has_less(level):
    with pytest.raises(commands.Rerun):
        reservations.take(quantities={level.pk: 13}, **told())


def test_release_gives_units_back_and_says_so(level):
    demand = ids.new()
    reserve(level, 5, demand)
    promises = [Promise(demand, level.pk, 2)]
    words = told()
    assert reservations.release_promises(promises=promises, reason="changed mind", **words) == {
        level.pk: 2
    }
    assert books.figures(level) == (12, 0, 3, 3)
    assert promised() == {(demand, level.pk): 3}
    movement = StockMovement.objects.get(kind="release")
    assert (movement.d_reserved, movement.reason) == (-2, "changed mind")
    event = Event.objects.order_by("id").last()
    assert (event.type, event.aggregate_version, event.payload["quantity"]) == (
        "stock.gained",
        3,
        2,
    )
    assert event.command_id == words["command_id"]


def test_releasing_the_rest_ends_the_promise(level):
    demand = ids.new()
    reserve(level, 5, demand)
    reservations.release_promises(promises=[Promise(demand, level.pk, 5)], **told())
    assert promised() == {}
    assert books.figures(level)[2] == 0


def test_a_repeated_release_returns_its_first_effect(level):
    demand, words = ids.new(), told()
    reserve(level, 5, demand)
    for _ in range(2):
        promises = [Promise(demand, level.pk, 2)]
        assert reservations.release_promises(promises=promises, **words) == {level.pk: 2}
    assert promised() == {(demand, level.pk): 3}


@pytest.mark.parametrize("verb", [reservations.release_promises, reservations.consume])
def test_more_than_promised_is_refused_and_nothing_changes(level, verb):
    demand, other = ids.new(), ids.new()
    reserve(level, 5, demand)
    reserve(level, 1, other)
    with pytest.raises(errors.NotPromised) as refusal:
        verb(promises=[Promise(other, level.pk, 1), Promise(demand, level.pk, 6)], **told())
    assert refusal.value.params["missing"] == [
        {"demand_id": str(demand), "level_id": str(level.pk), "missing": 1}
    ]
    assert promised() == {(demand, level.pk): 5, (other, level.pk): 1}
    assert books.figures(level) == (12, 0, 6, 3)


def test_an_unknown_level_is_named():
    with pytest.raises(errors.UnknownLevel):
        reservations.release_promises(promises=[Promise(ids.new(), ids.new(), 1)], **told())
    assert errors.UnknownLevel.status == kernel_errors.NotFound.status == 404


def test_demands_give_up_in_the_warehouse_that_is_asked_last(level):
    last = StockLevelFactory(product=level.product, warehouse__priority=200)
    books.fill(last, 4)
    demand = ids.new()
    promises = [Promise(demand, level.pk, 6), Promise(demand, last.pk, 4)]
    reservations.reserve(promises=promises, **told())
    words = told()
    for _ in range(2):
        released = reservations.release(quantities={demand: 5}, **words)
        assert released == {last.pk: 4, level.pk: 1}
    assert promised() == {(demand, level.pk): 5}
    with pytest.raises(errors.NotPromised):
        reservations.release(quantities={demand: 6}, **told())
    books.assert_agree()
    books.assert_promises_agree()


def test_consume_ships_from_the_nearest_bin(level):
    demand = ids.new()
    reserve(level, 5, demand)
    words = told()
    for _ in range(2):
        shipped = reservations.consume(promises=[Promise(demand, level.pk, 3)], **words)
        assert shipped == {level.pk: 3}
    assert books.figures(level) == (9, 0, 2, 3)
    assert books.bins(level) == {("STOCK", "good"): 9}
    assert promised() == {(demand, level.pk): 2}
    movement = StockMovement.objects.get(kind="ship")
    assert (movement.d_on_hand, movement.d_reserved, movement.quantity) == (-3, -3, 3)


def test_consume_ships_from_the_bins_that_are_named(level):
    tote = BinFactory(warehouse=level.warehouse, kind="tote")
    stock = level.warehouse.bins.get(code="STOCK")
    moved = (BinChange(stock.pk, -4), BinChange(tote.pk, 4))
    books.post(books.entry(level, "move", bins=moved))
    demand = ids.new()
    reserve(level, 4, demand)
    reservations.consume(
        promises=[Promise(demand, level.pk, 4)],
        bins={level.pk: [BinChange(tote.pk, -4)]},
        **told(),
    )
    assert books.bins(level) == {("STOCK", "good"): 8}
    books.assert_agree()


def test_the_statements_do_not_grow_with_the_promises(level, django_assert_max_num_queries):
    levels = [StockLevelFactory(warehouse=level.warehouse) for _ in range(20)]
    for one in levels:
        books.fill(one, 5)
    promises = [Promise(ids.new(), one.pk, 2) for one in levels]
    with django_assert_max_num_queries(5):
        reservations.reserve(promises=promises, **told())
    with django_assert_max_num_queries(12):
        reservations.consume(promises=promises[:10], **told())
    with django_assert_max_num_queries(12):
        reservations.release_promises(promises=promises[10:], **told())
    books.assert_promises_agree()
