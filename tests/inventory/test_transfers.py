"""Transfers: what is in transit is sellable nowhere, and nothing disappears without an entry."""

from datetime import date

import pytest

from config.kernel import errors as kernel_errors
from config.kernel import ids
from config.kernel.models import Event
from inventory import errors
from inventory.models import StockLevel, StockMovement, Transfer, TransferLine
from inventory.queries import levels
from inventory.services import transfers
from inventory.services.transfers import Parcel
from tests.factories.inventory import StockLevelFactory, WarehouseFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    level = StockLevelFactory()
    books.fill(level, 10)
    return level


@pytest.fixture
def north():
    return WarehouseFactory(code="NORTH")


def told(command_id=None):
    return {"command_id": command_id or ids.new(), "actor": books.ACTOR, "at": books.AT}


def send(level, north, quantity, command_id=None, **words):
    return transfers.send(
        source_id=level.warehouse_id,
        destination_id=north.pk,
        parcels=[Parcel(level.product_id, quantity)],
        expected_on=date(2026, 11, 28),
        **told(command_id),
        **words,
    )


def receive(transfer, quantity, command_id=None, **words):
    product_id = TransferLine.objects.get(transfer=transfer).product_id
    return transfers.receive(
        transfer_id=transfer.pk, quantities={product_id: quantity}, **told(command_id), **words
    )


def arrived(level, north):
    found = StockLevel.objects.filter(product=level.product_id, warehouse=north).first()
    return books.figures(found)[:3] if found else None


def test_what_is_in_transit_is_sellable_nowhere_and_incoming(level, north):
    transfer = send(level, north, 4)
    assert transfer.number.startswith("TR-")
    assert books.figures(level) == (6, 0, 0, 2)
    assert arrived(level, north) is None
    incoming = levels.incoming([level.product_id])
    assert incoming == {(level.product_id, north.pk): 4}
    event = Event.objects.get(type="transfer.sent")
    assert event.payload["quantities"] == {str(level.product_id): 4}
    books.assert_agree()


def test_a_transfer_arrives_in_parts(level, north):
    transfer = send(level, north, 4)
    receive(transfer, 3)
    assert arrived(level, north) == (3, 0, 0)
    assert levels.incoming([level.product_id]) == {(level.product_id, north.pk): 1}
    done = receive(transfer, 1)
    assert (done.status, done.received_at, done.version) == ("received", books.AT, 3)
    assert levels.incoming([level.product_id]) == {}
    gains = Event.objects.filter(type="stock.gained", payload__warehouse_id=str(north.pk))
    assert [event.payload["quantity"] for event in gains.order_by("id")] == [3, 1]
    books.assert_agree()


def test_what_never_arrives_is_written_off_by_an_entry(level, north):
    transfer = send(level, north, 4)
    receive(transfer, 3)
    words = {"quantities": {level.product_id: 1}, "reason": "stolen", **told()}
    for _ in range(2):
        done = transfers.write_off(transfer_id=transfer.pk, **words)
        assert done.status == "received"
    movement = StockMovement.objects.get(reason="stolen")
    assert (movement.level_id, movement.quantity, movement.d_on_hand) == (level.pk, 1, 0)
    line = TransferLine.objects.get()
    assert (line.sent, line.received, line.lost) == (4, 3, 1)
    assert Event.objects.filter(type="transfer.written_off").count() == 1
    books.assert_agree()


def test_repeated_commands_change_nothing(level, north):
    sending, receiving = ids.new(), ids.new()
    transfer = send(level, north, 4, sending)
    assert send(level, north, 4, sending) == transfer
    for _ in range(2):
        receive(transfer, 3, receiving)
    assert arrived(level, north) == (3, 0, 0)
    assert Transfer.objects.count() == 1


def test_more_than_is_in_transit_is_refused_and_nothing_changes(level, north):
    transfer = send(level, north, 4)
    with pytest.raises(errors.TransferExceeded) as refusal:
        receive(transfer, 5)
    assert refusal.value.params["in_transit"] == 4
    with pytest.raises(errors.TransferExceeded):
        transfers.receive(transfer_id=transfer.pk, quantities={ids.new(): 1}, **told())
    with pytest.raises(errors.NothingToDo):
        receive(transfer, 0)
    with pytest.raises(errors.ReasonMissing):
        transfers.write_off(
            transfer_id=transfer.pk, quantities={level.product_id: 1}, reason=" ", **told()
        )
    with pytest.raises(kernel_errors.NotFound):
        transfers.receive(transfer_id=ids.new(), quantities={level.product_id: 1}, **told())
    assert arrived(level, north) is None


def test_promised_goods_are_not_sent_away(level, north):
    books.post(books.entry(level, "reserve", reserved=8))
    with pytest.raises(errors.ShortfallError) as refusal:
        send(level, north, 3)
    assert (refusal.value.cause, refusal.value.missing) == ("promised", 1)
    assert not Transfer.objects.exists()


def test_a_transfer_goes_somewhere_with_something(level, north):
    with pytest.raises(errors.NothingToDo):
        send(level, level.warehouse, 3)
    with pytest.raises(errors.NothingToDo):
        send(level, north, 0)


def test_a_transfer_leaves_from_and_arrives_in_named_bins(level, north):
    stock = level.warehouse.bins.get(code="STOCK")
    transfer = transfers.send(
        source_id=level.warehouse_id,
        destination_id=north.pk,
        parcels=[Parcel(level.product_id, 2, stock.pk), Parcel(level.product_id, 1, stock.pk)],
        **told(),
    )
    receive(transfer, 3, bin_id=north.bins.get(code="RECEIVING").pk)
    there = StockLevel.objects.get(product=level.product_id, warehouse=north)
    assert books.bins(there) == {("RECEIVING", "good"): 3}
    assert books.bins(level) == {("STOCK", "good"): 7}
