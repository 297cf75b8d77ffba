"""Goods in, returned, adjusted, counted, damaged and moved."""

import pytest

from config.kernel import ids
from config.kernel.models import Event
from inventory import errors
from inventory.models import StockLevel, StockMovement
from inventory.services import adjustments, moves, receiving, warehouses
from inventory.services.receiving import Arrival
from tests.factories.inventory import (
    BinFactory,
    ProductFactory,
    StockLevelFactory,
    WarehouseFactory,
)
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    return StockLevelFactory()


def told(command_id=None):
    return {"command_id": command_id or ids.new(), "actor": books.ACTOR, "at": books.AT}


def bin_of(level, code="STOCK"):
    return level.warehouse.bins.get(code=code).pk


def quarantine_of(level):
    return BinFactory(warehouse=level.warehouse, kind="quarantine").pk


def test_goods_in_make_the_stock_record_and_one_entry_per_product():
    warehouse, first, second = WarehouseFactory(), ProductFactory(), ProductFactory()
    receiving_bin = warehouse.bins.get(code="RECEIVING").pk
    posted = receiving.receive(
        warehouse_id=warehouse.pk,
        arrivals=[
            Arrival(first.pk, 5),
            Arrival(second.pk, 7, bin_id=receiving_bin),
            Arrival(first.pk, 2, condition="damaged"),
        ],
        document="GRN-1",
        **told(),
    )
    assert sorted(one.on_hand for one in posted) == [7, 7]
    level = StockLevel.objects.get(product=first)
    assert books.figures(level) == (7, 2, 0, 1)
    assert books.bins(level) == {("STOCK", "good"): 5, ("STOCK", "damaged"): 2}
    assert books.bins(StockLevel.objects.get(product=second)) == {("RECEIVING", "good"): 7}
    assert set(StockMovement.objects.values_list("kind", "document")) == {("receipt", "GRN-1")}
    books.assert_agree()


def test_repeated_goods_in_are_booked_once(level):
    words = {"warehouse_id": level.warehouse_id, "document": "GRN-1", **told()}
    arrivals = [Arrival(level.product_id, 5)]
    first = receiving.receive(arrivals=arrivals, **words)
    assert receiving.receive(arrivals=arrivals, **words) == first
    assert books.figures(level) == (5, 0, 0, 1)
    with pytest.raises(errors.CommandContradicted):
        receiving.receive(arrivals=[Arrival(level.product_id, 6)], **words)


@pytest.mark.parametrize("quantity", [0, -1])
def test_goods_in_of_nothing_are_refused(level, quantity):
    for arrivals in ([Arrival(level.product_id, quantity)], []):
        with pytest.raises(errors.NothingToDo):
            receiving.receive(
                warehouse_id=level.warehouse_id, arrivals=arrivals, document="", **told()
            )
    assert books.figures(level) == (0, 0, 0, 0)


def test_postage_is_never_stocked(level):
    postage = ProductFactory(sku="POST", is_stocked=False)
    with pytest.raises(errors.NotStocked) as refusal:
        receiving.receive(
            warehouse_id=level.warehouse_id,
            arrivals=[Arrival(level.product_id, 1), Arrival(postage.pk, 1)],
            document="",
            **told(),
        )
    assert refusal.value.params == {"skus": ["POST"]}
    assert StockLevel.objects.count() == 1


def test_returned_goods_are_sellable_again(level):
    (posted,) = receiving.restock(
        warehouse_id=level.warehouse_id,
        arrivals=[Arrival(level.product_id, 3)],
        document="RT-1",
        **told(),
    )
    assert (posted.kind, posted.gained) == ("return", 3)
    assert Event.objects.get(type="stock.gained").payload["quantity"] == 3


def test_returned_goods_in_quarantine_are_not(level):
    receiving.restock(
        warehouse_id=level.warehouse_id,
        arrivals=[Arrival(level.product_id, 3, bin_id=quarantine_of(level))],
        document="RT-1",
        **told(),
    )
    assert books.figures(level) == (3, 3, 0, 1)
    assert not Event.objects.exists()


def adjust(level, quantity, reason="broken", **words):
    return adjustments.adjust(
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        quantity=quantity,
        reason=reason,
        **(words if "command_id" in words else told() | words),
    )


def test_adjust_changes_stock_up_and_down(level):
    adjust(level, 9)
    adjust(level, -2, bin_id=bin_of(level))
    adjust(level, -1)
    assert books.figures(level) == (6, 0, 0, 3)
    assert StockMovement.objects.filter(kind="adjustment", reason="broken").count() == 3
    books.assert_agree()


def test_adjust_needs_a_reason_and_a_quantity(level):
    with pytest.raises(errors.ReasonMissing):
        adjust(level, 1, reason="  ")
    with pytest.raises(errors.NothingToDo):
        adjust(level, 0)
    assert not StockMovement.objects.exists()


def test_adjust_never_breaks_a_promise(level):
    books.fill(level, 10, reserved=8)
    with pytest.raises(errors.ShortfallError) as refusal:
        adjust(level, -5)
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 3)
    assert books.figures(level) == (10, 0, 8, 2)


def test_a_repeated_adjustment_is_booked_once(level):
    words = told()
    assert adjust(level, 4, **words) == adjust(level, 4, **words)
    assert books.figures(level) == (4, 0, 0, 1)


def count(level, counted, based_on, command_id=None, **words):
    return adjustments.count_bin(
        product_id=level.product_id,
        bin_id=bin_of(level),
        counted=counted,
        based_on=based_on,
        **told(command_id),
        **words,
    )


def test_a_count_sets_the_bin_to_what_was_found(level):
    books.fill(level, 17)
    command_id = ids.new()
    posted = count(level, 15, 17, command_id)
    assert (posted.kind, posted.on_hand) == ("count", -2)
    assert count(level, 15, 17, command_id) == posted
    assert books.bins(level) == {("STOCK", "good"): 15}


def test_a_count_that_confirms_the_figure_is_in_the_ledger_too(level):
    books.fill(level, 17)
    posted = count(level, 17, 17)
    assert (posted.on_hand, posted.quantity) == (0, 0)
    assert books.figures(level) == (17, 0, 0, 2)
    books.assert_agree()


def test_a_count_based_on_an_old_figure_is_refused(level):
    books.fill(level, 17)
    books.post(books.entry(level, "ship", on_hand=-3))
    with pytest.raises(errors.StaleCount) as refusal:
        count(level, 17, 17)
    assert refusal.value.params == {"based_on": 17, "present": 14}
    assert books.figures(level) == (14, 0, 0, 2)


def test_a_count_below_what_is_promised_is_refused(level):
    books.fill(level, 10, reserved=9)
    with pytest.raises(errors.ShortfallError) as refusal:
        count(level, 7, 10)
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 2)


def condition(level, quantity, to, **words):
    return adjustments.change_condition(
        product_id=level.product_id,
        bin_id=bin_of(level),
        quantity=quantity,
        to=to,
        reason="fork lift",
        **told(),
        **words,
    )


def test_damaged_units_lower_available_but_not_on_hand(level):
    books.fill(level, 12)
    assert condition(level, 5, "damaged").gained == -5
    assert books.figures(level) == (12, 5, 0, 2)
    assert condition(level, 2, "good").gained == 2
    assert books.bins(level) == {("STOCK", "good"): 9, ("STOCK", "damaged"): 3}
    assert Event.objects.filter(type="stock.gained").count() == 2
    books.assert_agree()


def test_promised_units_are_not_marked_as_damaged(level):
    books.fill(level, 12, reserved=10)
    with pytest.raises(errors.ShortfallError) as refusal:
        condition(level, 3, "damaged")
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 1)
    with pytest.raises(errors.NothingToDo):
        condition(level, 0, "damaged")


def move(level, to_bin_id, quantity, **words):
    return moves.move(
        product_id=level.product_id,
        from_bin_id=bin_of(level),
        to_bin_id=to_bin_id,
        quantity=quantity,
        **told(),
        **words,
    )


def test_a_move_changes_the_bins_only(level):
    books.fill(level, 6)
    posted = move(level, bin_of(level, "STAGING"), 4)
    assert (posted.kind, posted.quantity, posted.gained) == ("move", 4, 0)
    assert (posted.bin_from_id, posted.bin_to_id) == (bin_of(level), bin_of(level, "STAGING"))
    assert books.figures(level) == (6, 0, 0, 2)
    assert books.bins(level) == {("STOCK", "good"): 2, ("STAGING", "good"): 4}


def test_quarantine_makes_stock_unavailable_unless_it_is_promised(level):
    books.fill(level, 6, reserved=3)
    quarantine = quarantine_of(level)
    move(level, quarantine, 3)
    assert books.figures(level) == (6, 3, 3, 3)
    with pytest.raises(errors.ShortfallError) as refusal:
        move(level, quarantine, 1)
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 1)
    books.assert_agree()


def test_a_move_needs_two_bins_of_one_warehouse_and_the_goods(level):
    books.fill(level, 6)
    elsewhere = WarehouseFactory().bins.get(code="STOCK").pk
    with pytest.raises(errors.WrongBin):
        move(level, elsewhere, 1)
    with pytest.raises(errors.UnknownBin):
        move(level, ids.new(), 1)
    with pytest.raises(errors.NothingToDo):
        move(level, bin_of(level), 1)
    with pytest.raises(errors.NothingToDo):
        move(level, bin_of(level, "STAGING"), 0)
    with pytest.raises(errors.ShortfallError):
        move(level, bin_of(level, "STAGING"), 7)
    assert books.figures(level) == (6, 0, 0, 1)


def test_changing_a_bin_to_quarantine_takes_what_lies_there_off_sale(level):
    books.fill(level, 6)
    place = warehouses.change_bin_kind(
        bin_id=bin_of(level), kind="quarantine", actor=books.ACTOR, at=books.AT
    )
    assert (place.kind, place.version) == ("quarantine", 2)
    assert books.figures(level) == (6, 6, 0, 2)
    books.assert_agree()
    warehouses.change_bin_kind(bin_id=place.pk, kind="bulk", actor=books.ACTOR, at=books.AT)
    assert books.figures(level) == (6, 0, 0, 3)
    warehouses.change_bin_kind(bin_id=place.pk, kind="pick", actor=books.ACTOR, at=books.AT)
    assert books.figures(level) == (6, 0, 0, 3)
    books.assert_agree()


def test_a_bin_with_promised_goods_stays_sellable(level):
    books.fill(level, 6, reserved=1)
    with pytest.raises(errors.ShortfallError):
        warehouses.change_bin_kind(
            bin_id=bin_of(level), kind="quarantine", actor=books.ACTOR, at=books.AT
        )
    with pytest.raises(errors.UnknownBin):
        warehouses.change_bin_kind(
            bin_id=ids.new(), kind="quarantine", actor=books.ACTOR, at=books.AT
        )
