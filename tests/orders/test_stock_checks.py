"""`reconcile`: what order lines count on against what is promised to them."""

import contextlib
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from config.kernel import ids
from inventory import errors
from inventory.models import Reservation, StockDifference, StockLevel, StockMovement
from inventory.services import reservations, stock_checks
from inventory.services.reservations import Promise
from orders.models import Order, OrderLine
from tests.factories.orders import AT, STAFF, Shop, counters, line


def reconcile(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with contextlib.suppress(CommandError):
        call_command("reconcile")
    return capsys.readouterr().out.splitlines()


def repair() -> StockDifference:
    difference = StockDifference.objects.get(check_kind="orders", status="open")
    return stock_checks.repair(
        difference_id=difference.pk, reason="looked it up", actor=STAFF, at=AT
    )


def placed(shop: Shop) -> tuple[StockLevel, Order, OrderLine]:
    level = shop.put("MUG", 9)
    order = shop.place(line(quantity=3))
    return level, order, order.lines.get()


def test_books_that_agree_say_so(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    placed(shop)
    shop.put("CUP", 2)
    assert reconcile(capsys) == ["no differences"]


def test_each_difference_is_a_line_with_sku_warehouse_and_both_figures(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, item = placed(shop)
    StockLevel.objects.update(on_hand=11)
    Reservation.objects.update(quantity=2)
    assert sorted(reconcile(capsys)) == [
        "MUG  MAIN  Allocated against the allocations: 3, 2",
        f"MUG  MAIN  Allocations against the orders: 2, 3  line {item.pk}",
        "MUG  MAIN  On hand against the bins: 11, 9",
        "MUG  MAIN  On hand against the ledger: 11, 9",
    ]
    with pytest.raises(CommandError, match="4 differences") as refusal:
        call_command("reconcile")
    assert refusal.value.returncode == 1


def test_a_promise_beyond_its_line_is_released(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    level, _, item = placed(shop)
    extra = Promise(item.pk, level.pk, 2)
    words = {"subject_id": None, "document": "", "actor": STAFF, "at": AT}
    reservations.reserve(promises=[extra], command_id=ids.new(), **words)
    assert len(reconcile(capsys)) == 1
    difference = repair()
    assert (difference.status, difference.counted, difference.expected) == ("repaired", 5, 3)
    movement = StockMovement.objects.get(pk=difference.movement_id)
    assert (movement.d_reserved, movement.reason) == (-2, "looked it up")
    assert counters(level) == (9, 0, 3)
    assert reconcile(capsys) == ["no differences"]


def test_an_orphan_promise_is_released(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    level, _, _ = placed(shop)
    orphan = Promise(ids.new(), level.pk, 2)
    words = {"subject_id": None, "document": "", "actor": STAFF, "at": AT}
    reservations.reserve(promises=[orphan], command_id=ids.new(), **words)
    assert reconcile(capsys) == [
        f"MUG  MAIN  Allocations against the orders: 2, 0  line {orphan.demand_id}"
    ]
    repair()
    assert not Reservation.objects.filter(demand_id=orphan.demand_id).exists()
    assert reconcile(capsys) == ["no differences"]


def lose_promise(demand_id: UUID, quantity: int) -> None:
    reservations.release(
        quantities={demand_id: quantity},
        command_id=ids.new(),
        subject_id=None,
        document="",
        actor=STAFF,
        at=AT,
    )


def test_a_line_gets_the_promise_it_lacks(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    level, _, item = placed(shop)
    lose_promise(item.pk, 3)
    assert reconcile(capsys) == [f"MUG  MAIN  Allocations against the orders: 0, 3  line {item.pk}"]
    assert repair().movement is not None
    assert Reservation.objects.get(demand_id=item.pk).quantity == 3
    assert counters(level) == (9, 0, 3)
    assert reconcile(capsys) == ["no differences"]


def test_a_promise_is_not_made_up_where_there_is_no_stock(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    level, _, item = placed(shop)
    lose_promise(item.pk, 1)
    shop.place(line(quantity=7))
    reconcile(capsys)
    with pytest.raises(errors.ShortfallError):
        repair()
    assert counters(level) == (9, 0, 9)


def test_what_agrees_again_is_closed_as_gone(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    level, _, item = placed(shop)
    orphan = Promise(ids.new(), level.pk, 2)
    words = {"subject_id": None, "document": "", "actor": STAFF, "at": AT}
    reservations.reserve(promises=[orphan], command_id=ids.new(), **words)
    reconcile(capsys)
    lose_promise(orphan.demand_id, 2)
    assert repair().status == "gone"
    assert item.reserved == 3
