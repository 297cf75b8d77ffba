"""The stock check: every book against every other, and repairs that are entries of the ledger."""

import pgtrigger
import pytest
from django.db import connection

from config.kernel import errors as kernel_errors
from config.kernel import ids
from config.kernel.models import Event
from inventory import errors
from inventory.models import BinStock, Reservation, StockDifference, StockLevel, StockMovement
from inventory.services import reservations, stock_checks
from inventory.services.reservations import Promise
from tests.factories.inventory import StockLevelFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    """Twelve on hand, two damaged, four promised."""
    level = StockLevelFactory()
    books.fill(level, 12)
    stock = level.warehouse.bins.get(code="STOCK").pk
    books.post(
        books.entry(
            level,
            "condition",
            bins=(books.change(stock, -2), books.change(stock, 2, condition="damaged")),
        )
    )
    reservations.reserve(
        promises=[Promise(ids.new(), level.pk, 4)],
        command_id=ids.new(),
        subject_id=None,
        document="",
        actor=books.ACTOR,
        at=books.AT,
    )
    return level


def run():
    """Run the check of inventory's own books; whoever counts on the promises is not asked here."""
    return [
        (one.check_kind, one.counted, one.expected)
        for one in stock_checks.run(at=books.AT)
        if one.check_kind != "orders"
    ]


def repair(kind, reason="counted twice"):
    difference = StockDifference.objects.get(check_kind=kind, status="open")
    return stock_checks.repair(
        difference_id=difference.pk, reason=reason, actor=books.ACTOR, at=books.AT
    )


def spoil(statement):
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.usefixtures("level")
def test_clean_books_have_no_differences():
    assert run() == []
    assert not StockDifference.objects.exclude(check_kind="orders").exists()


@pytest.mark.usefixtures("level")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE inventory_stocklevel SET on_hand = 15",
            [("bins_on_hand", 15, 12), ("ledger_on_hand", 15, 12)],
        ),
        (
            "UPDATE inventory_stocklevel SET unavailable = 3",
            [("bins_unavailable", 3, 2), ("ledger_unavailable", 3, 2)],
        ),
        (
            "UPDATE inventory_stocklevel SET reserved = 1",
            [("ledger_reserved", 1, 4), ("reservations", 1, 4)],
        ),
        (
            "UPDATE inventory_binstock SET quantity = quantity + 1 WHERE condition = 'good'",
            [("bins_on_hand", 12, 13)],
        ),
        ("UPDATE inventory_reservation SET quantity = 5", [("reservations", 4, 5)]),
        ("UPDATE inventory_stocklevel SET version = 7", [("versions", 7, 3)]),
        (
            "DELETE FROM inventory_stockmovement WHERE version = 2",
            [("ledger_unavailable", 2, 0), ("versions", 3, 2)],
        ),
        (
            "UPDATE inventory_stockmovement SET version = 4 WHERE version = 2",
            [("versions", 3, 4)],
        ),
    ],
)
def test_each_spoiled_book_is_found_with_both_figures(statement, found):
    spoil(statement)
    assert sorted(run()) == found


@pytest.mark.usefixtures("level")
def test_a_difference_opens_once_and_follows_its_figures():
    StockLevel.objects.update(on_hand=15)
    run()
    run()
    StockLevel.objects.update(on_hand=16)
    assert ("ledger_on_hand", 16, 12) in run()
    assert StockDifference.objects.filter(check_kind="ledger_on_hand").count() == 1


@pytest.mark.usefixtures("level")
def test_a_difference_that_vanished_is_closed_as_gone():
    StockLevel.objects.update(on_hand=15)
    run()
    StockLevel.objects.update(on_hand=12)
    assert run() == []
    closed = StockDifference.objects.get(check_kind="ledger_on_hand")
    assert (closed.status, closed.ended_at) == ("gone", books.AT)
    StockLevel.objects.update(on_hand=13)
    run()
    assert StockDifference.objects.filter(check_kind="ledger_on_hand").count() == 2


def test_a_counter_follows_the_ledger_and_what_it_heals_is_closed_with_it(level):
    StockLevel.objects.update(on_hand=9, version=9)
    run()
    difference = repair("ledger_on_hand")
    assert books.figures(level) == (12, 2, 4, 4)
    assert (difference.status, difference.repaired_by) == ("repaired", "Sam")
    assert difference.reason == "counted twice"
    movement = difference.movement
    assert (movement.kind, movement.quantity, movement.d_on_hand) == ("repair", 3, 0)
    assert (movement.reason, movement.actor_label) == ("counted twice", "Sam")
    healed = StockDifference.objects.exclude(check_kind="orders")
    assert set(healed.values_list("check_kind", "status", "movement")) == {
        (kind, "repaired", movement.pk) for kind in ("ledger_on_hand", "bins_on_hand", "versions")
    }
    assert Event.objects.order_by("id").last().payload["quantity"] == 3
    assert run() == []
    books.assert_agree()


def test_bins_follow_what_came_and_went(level):
    BinStock.objects.filter(condition="good").update(quantity=13)
    run()
    movement = repair("bins_on_hand").movement
    assert books.bins(level) == {("STOCK", "good"): 10, ("STOCK", "damaged"): 2}
    assert (movement.quantity, movement.d_on_hand) == (3, 0)
    assert movement.bin_from.code == "STOCK"
    BinStock.objects.filter(condition="good").update(quantity=1)
    run()
    assert repair("bins_on_hand").movement.bin_to.code == "STOCK"
    assert run() == []
    books.assert_agree()


def test_the_level_follows_where_goods_lie(level):
    level.warehouse.bins.filter(code="RECEIVING").update(kind="quarantine")
    stock, receiving = (level.warehouse.bins.get(code=code) for code in ("STOCK", "RECEIVING"))
    BinStock.objects.filter(condition="good").update(quantity=7)
    BinStock.objects.create(bin=receiving, product=level.product, quantity=3)
    assert run() == [("bins_unavailable", 2, 5)]
    movement = repair("bins_unavailable").movement
    assert (movement.kind, movement.d_unavailable) == ("repair", 3)
    assert books.figures(level)[:3] == (12, 5, 4)
    assert run() == []
    assert stock.contents.count() == 2


def test_allocated_follows_the_promises(level):
    Reservation.objects.update(quantity=6)
    run()
    movement = repair("reservations").movement
    assert (movement.kind, movement.d_reserved) == ("repair", 2)
    assert books.figures(level)[:3] == (12, 2, 6)
    assert run() == []


def test_a_repair_never_leaves_a_promise_without_stock(level):
    Reservation.objects.update(quantity=11)
    run()
    with pytest.raises(errors.ShortfallError) as refusal:
        repair("reservations")
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 1)
    assert books.figures(level) == (12, 2, 4, 3)
    assert StockDifference.objects.filter(check_kind="reservations", status="open").exists()


def test_what_differs_from_the_ledger_is_repaired_first(level):
    StockLevel.objects.update(on_hand=15)
    run()
    with pytest.raises(errors.RepairLedgerFirst):
        repair("bins_on_hand")
    assert books.figures(level) == (15, 2, 4, 3)


@pytest.mark.usefixtures("level")
def test_entries_that_are_gone_cannot_be_repaired():
    spoil("UPDATE inventory_stockmovement SET version = 4 WHERE version = 2")
    run()
    with pytest.raises(errors.NotRepairable):
        repair("versions")


@pytest.mark.usefixtures("level")
def test_a_repair_needs_a_reason_and_a_difference():
    StockLevel.objects.update(on_hand=15)
    run()
    with pytest.raises(errors.ReasonMissing):
        repair("ledger_on_hand", reason=" ")
    with pytest.raises(kernel_errors.NotFound):
        stock_checks.repair(difference_id=ids.new(), reason="x", actor=books.ACTOR, at=books.AT)
    assert StockMovement.objects.filter(kind="repair").count() == 0


@pytest.mark.usefixtures("level")
def test_repairing_twice_repairs_once():
    StockLevel.objects.update(on_hand=15)
    run()
    first = repair("ledger_on_hand")
    again = stock_checks.repair(
        difference_id=first.pk, reason="again", actor=books.ACTOR, at=books.AT
    )
    assert (again.reason, again.movement_id) == ("counted twice", first.movement_id)
    assert StockMovement.objects.filter(kind="repair").count() == 1


@pytest.mark.usefixtures("level")
def test_what_vanished_before_its_repair_is_closed_without_an_entry():
    StockLevel.objects.update(on_hand=15)
    run()
    StockLevel.objects.update(on_hand=12)
    assert repair("ledger_on_hand").status == "gone"
    assert StockMovement.objects.filter(kind="repair").count() == 0


def test_the_check_takes_the_same_statements_however_much_there_is(
    django_assert_max_num_queries,
):
    for _ in range(5):
        books.fill(StockLevelFactory(), 3)
    StockLevel.objects.update(on_hand=4)
    with django_assert_max_num_queries(8):
        stock_checks.run(at=books.AT)
    for _ in range(5):
        books.fill(StockLevelFactory(), 3)
    with django_assert_max_num_queries(8):
        stock_checks.run(at=books.AT)
