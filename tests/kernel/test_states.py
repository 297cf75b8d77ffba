"""Decisions move along their table, and only from where they were read."""

from dataclasses import dataclass

import pytest

from config.kernel import clock, errors, states
from inventory.models import Transfer, Warehouse

pytestmark = pytest.mark.django_db
MOVES = {"in_transit": frozenset({"received"}), "received": frozenset()}


@pytest.fixture(autouse=True)
def _table(monkeypatch):
    monkeypatch.setitem(states._tables, Transfer, MOVES)


@pytest.fixture
def transfer():
    source = Warehouse.objects.create(code="A", name="A")
    destination = Warehouse.objects.create(code="B", name="B")
    return Transfer.objects.create(
        number="T1", source=source, destination=destination, sent_at=clock.now()
    )


def test_an_allowed_move_is_stored_with_what_goes_with_it(transfer):
    at = clock.now()
    states.transition(transfer, "received", received_at=at)

    assert (transfer.status, transfer.received_at) == ("received", at)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.received_at) == ("received", at)


@pytest.mark.parametrize("to", ["in_transit", "lost", ""])
def test_a_move_that_is_not_in_the_table_is_refused(transfer, to):
    with pytest.raises(errors.InvalidTransition):
        states.transition(transfer, to)
    transfer.refresh_from_db()
    assert transfer.status == "in_transit"


def test_the_slower_of_two_is_told(transfer):
    same = Transfer.objects.get()
    states.transition(transfer, "received", note="first")
    with pytest.raises(errors.StaleState):
        states.transition(same, "received", note="second")

    assert same.status == "in_transit"
    transfer.refresh_from_db()
    assert transfer.note == "first"


@pytest.mark.usefixtures("transfer")
def test_many_move_at_once_and_those_elsewhere_stay():
    assert states.transition_many(Transfer.objects.all(), origin="in_transit", to="received") == 1
    assert states.transition_many(Transfer.objects.all(), origin="in_transit", to="received") == 0
    with pytest.raises(errors.InvalidTransition):
        states.transition_many(Transfer.objects.all(), origin="received", to="in_transit")


def test_a_model_without_a_table_has_none():
    @dataclass
    class Thing:
        status: str = "new"

    assert states.table_of(Transfer) == MOVES
    assert states.table_of(Thing) is None
