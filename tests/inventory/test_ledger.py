"""The ledger: counters, bins and movements change together, or not at all."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel import errors as kernel_errors
from config.kernel import ids
from config.kernel.models import Event
from inventory import errors
from inventory.booking import BinChange
from inventory.models import BinStock, StockLevel, StockMovement
from inventory.services import ledger
from tests.factories.inventory import BinFactory, StockLevelFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    return StockLevelFactory()


def bin_of(level, code="STOCK"):
    return level.warehouse.bins.get(code=code)


def test_goods_in_without_a_bin_lie_in_stock(level):
    (posted,) = books.post(books.entry(level, on_hand=12, document="GRN-1"))
    assert books.figures(level) == (12, 0, 0, 1)
    assert books.bins(level) == {("STOCK", "good"): 12}
    movement = StockMovement.objects.get(pk=posted.movement_id)
    assert (movement.kind, movement.d_on_hand, movement.quantity) == ("receipt", 12, 12)
    assert (movement.bin_from_id, movement.bin_to_id) == (None, bin_of(level).pk)
    assert (movement.document, movement.actor_label, movement.at) == ("GRN-1", "Sam", books.AT)


def test_entries_are_booked_in_their_order(level):
    books.post(
        books.entry(level, on_hand=5),
        books.entry(level, "reserve", reserved=5),
        books.entry(level, "ship", on_hand=-3, reserved=-3),
    )
    assert books.figures(level) == (2, 0, 2, 3)
    books.assert_agree()


def test_named_bins_decide_what_is_unavailable(level):
    quarantine = BinFactory(warehouse=level.warehouse, kind="quarantine")
    stock = bin_of(level)
    (posted,) = books.post(
        books.entry(
            level,
            bins=(
                BinChange(stock.pk, 7),
                BinChange(stock.pk, 2, condition="damaged"),
                BinChange(quarantine.pk, 3, lot="L1"),
            ),
        )
    )
    assert books.figures(level) == (12, 5, 0, 1)
    assert posted.gained == 7
    books.assert_agree()


def test_stock_is_taken_from_the_nearest_bins_first(level):
    bulk, tote = bin_of(level, "RECEIVING"), BinFactory(warehouse=level.warehouse, kind="tote")
    near = BinFactory(warehouse=level.warehouse, kind="pick", sequence=1)
    far = BinFactory(warehouse=level.warehouse, kind="pick", sequence=2)
    changes = [BinChange(place.pk, 2) for place in (tote, bulk, far, near)]
    books.post(books.entry(level, bins=tuple(changes)))
    books.post(books.entry(level, "ship", on_hand=-3))
    assert books.bins(level) == {
        (far.code, "good"): 1,
        ("RECEIVING", "good"): 2,
        (tote.code, "good"): 2,
    }
    books.assert_agree()


def test_damaged_and_quarantined_stock_is_never_taken(level):
    stock = bin_of(level)
    books.post(
        books.entry(
            level, bins=(BinChange(stock.pk, 2), BinChange(stock.pk, 4, condition="damaged"))
        )
    )
    with pytest.raises(errors.ShortfallError) as refusal:
        books.post(books.entry(level, "ship", on_hand=-3))
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 1)
    assert books.figures(level) == (6, 4, 0, 1)


def test_what_is_allocated_in_a_bin_is_not_taken(level):
    books.fill(level, 5)
    BinStock.objects.update(allocated=4)
    with pytest.raises(errors.ShortfallError) as refusal:
        books.post(books.entry(level, "ship", on_hand=-2))
    assert (refusal.value.cause, refusal.value.missing) == ("bin", 1)


@pytest.mark.parametrize(
    ("changes", "cause", "missing"),
    [
        ({"on_hand": -11}, "on_hand", 1),
        ({"on_hand": -8}, "promised", 2),
        ({"unavailable": 7}, "promised", 1),
        ({"unavailable": -1}, "unavailable", 1),
        ({"reserved": -5}, "reserved", 1),
        ({"reserved": 7}, "promised", 1),
    ],
)
def test_a_counter_that_would_break_a_rule_is_refused_and_nothing_changes(
    level, changes, cause, missing
):
    books.fill(level, 10, reserved=4)
    other = StockLevelFactory(warehouse=level.warehouse)
    with pytest.raises(errors.ShortfallError) as refusal:
        books.post(books.entry(other, on_hand=1), books.entry(level, "repair", **changes))
    assert (refusal.value.cause, refusal.value.missing) == (cause, missing)
    assert refusal.value.params["level_id"] == str(level.pk)
    assert books.figures(level) == (10, 0, 4, 2)
    assert books.figures(other) == (0, 0, 0, 0)


def test_a_bin_that_holds_less_is_refused(level):
    books.fill(level, 10)
    receiving = bin_of(level, "RECEIVING")
    with pytest.raises(errors.ShortfallError) as refusal:
        books.post(books.entry(level, "adjustment", bins=(BinChange(receiving.pk, -1),)))
    assert (refusal.value.cause, refusal.value.bin_id) == ("bin", receiving.pk)


def test_a_bin_of_another_warehouse_is_refused(level):
    elsewhere = BinFactory(warehouse=StockLevelFactory().warehouse)
    with pytest.raises(errors.WrongBin):
        books.post(books.entry(level, bins=(BinChange(elsewhere.pk, 1),)))


def test_a_warehouse_without_its_stock_bin_is_named(level):
    bin_of(level).delete()
    with pytest.raises(errors.NoDefaultBin):
        books.post(books.entry(level, on_hand=1))


def test_a_level_that_does_not_exist_is_named(level):
    level.delete()
    with pytest.raises(errors.UnknownLevel):
        books.post(books.entry(level, on_hand=1))


def test_counters_that_contradict_the_bins_are_a_mistake(level):
    with pytest.raises(ValueError, match="contradict"):
        books.post(books.entry(level, on_hand=2, bins=(BinChange(bin_of(level).pk, 1),)))
    with pytest.raises(ValueError, match="name its bins"):
        books.post(books.entry(level, on_hand=2, unavailable=1))


def test_a_command_books_a_level_once(level):
    command_id = ids.new()
    with pytest.raises(ValueError, match="once"):
        books.post(*(books.entry(level, on_hand=1, command_id=command_id) for _ in range(2)))


@pytest.mark.django_db(transaction=True)
def test_a_command_that_never_looks_for_its_effect_runs_out_of_runs(level):
    entry = books.entry(level, on_hand=1)
    books.post(entry)
    with pytest.raises(kernel_errors.Busy):
        books.post(entry)
    assert books.figures(level) == (1, 0, 0, 1)


def test_a_gain_is_published_once_per_level_with_its_last_version(level):
    other = StockLevelFactory()
    books.post(
        books.entry(level, on_hand=5),
        books.entry(other, on_hand=2),
        books.entry(level, on_hand=2),
        books.entry(other, "ship", on_hand=-2),
    )
    event = Event.objects.get(type="stock.gained")
    assert (event.aggregate, event.aggregate_id, event.aggregate_version) == ("level", level.pk, 2)
    assert event.payload == {
        "product_id": str(level.product_id),
        "warehouse_id": str(level.warehouse_id),
        "quantity": 7,
    }


def test_a_quiet_posting_publishes_nothing(level):
    entry = books.entry(level, on_hand=5)
    ledger.post(entries=[entry], actor=books.ACTOR, at=books.AT, quiet=True)
    assert not Event.objects.exists()


def test_a_loss_publishes_nothing(level):
    books.fill(level, 5)
    books.post(books.entry(level, "ship", on_hand=-5))
    assert Event.objects.filter(type="stock.gained").count() == 1


def test_posting_takes_the_same_statements_however_many_the_entries(level):
    def statements(count):
        levels = [StockLevelFactory(warehouse=level.warehouse) for _ in range(count)]
        entries = [books.entry(one, on_hand=3) for one in levels]
        entries += [books.entry(one, "ship", on_hand=-1) for one in levels]
        with CaptureQueriesContext(connection) as queries:
            books.post(*entries)
        return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]

    assert len(statements(1)) == len(statements(30)) == 6


def test_posting_nothing_changes_nothing():
    assert books.post() == []


def test_movements_can_be_neither_changed_nor_deleted(level):
    books.fill(level, 3)
    for statement in (
        "UPDATE inventory_stockmovement SET d_on_hand = 30",
        "DELETE FROM inventory_stockmovement",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert StockMovement.objects.get().d_on_hand == 3


@pytest.mark.parametrize(
    "assignment",
    ["reserved = 8", "on_hand = 6", "unavailable = 8", "on_hand = -1", "reserved = -1"],
)
def test_the_database_refuses_to_oversell(level, assignment):
    books.fill(level, 12, reserved=5)
    books.post(books.entry(level, "condition", unavailable=5))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_stocklevel SET {assignment}")  # noqa: S608
    assert books.figures(level)[:3] == (12, 5, 5)


def test_only_levels_that_can_give_are_taken(level):
    short = StockLevelFactory()
    books.fill(level, 4)
    moved = ledger.take(
        quantities={level.pk: 4, short.pk: 1},
        command_id=ids.new(),
        subject_id=ids.new(),
        document="SO-1",
        actor=books.ACTOR,
        at=books.AT,
    )
    assert moved == {level.pk}
    assert books.figures(level) == (4, 0, 4, 2)
    assert books.figures(short) == (0, 0, 0, 0)
    books.assert_agree()


def test_nothing_to_take_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        nobody = {"command_id": ids.new(), "subject_id": None, "document": ""}
        assert ledger.take(quantities={}, actor=books.ACTOR, at=books.AT, **nobody) == set()


def test_locked_figures_are_the_present_ones(level):
    books.fill(level, 9, reserved=2)
    locked = ledger.lock(level_ids=[level.pk, level.pk])
    assert locked[level.pk].available == 7
    assert StockLevel.objects.count() == 1
