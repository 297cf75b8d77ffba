"""Giving stock of one order to another: units change hands, books and timelines tell it."""

from datetime import timedelta
from typing import Any

import pytest

from config.kernel import dispatch, ids
from config.kernel.models import Event
from inventory.models import Reservation, StockMovement, Transfer, TransferLine
from orders import timeline
from orders.errors import AlreadyInWarehouse, LineNotFound, NothingToGive, NotWaiting
from orders.models import Hold, Order, OrderLine
from orders.services import giving, holds
from orders.services.giving import Gift
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, line


def give(
    loser: Order, winner: Order, quantity: int, level: Any, command_id: Any = None, at: Any = AT
) -> None:
    gift = Gift(loser.lines.get().pk, winner.lines.get().pk, level.pk, quantity)
    giving.give(gift=gift, reason="VIP", command_id=command_id or ids.new(), actor=STAFF, at=at)
    for order in (loser, winner):
        order.refresh_from_db()


def promised(order: Order) -> int:
    demands = order.lines.values_list("pk", flat=True)
    return sum(Reservation.objects.filter(demand_id__in=demands).values_list("quantity", flat=True))


def test_units_change_hands_and_the_ledger_is_balanced(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    loser, winner = shop.place(line(quantity=5)), shop.place(line(quantity=3))
    assert winner.ship_by is None
    give(loser, winner, 3, level)

    assert buckets(loser) == [{"backordered": 3, "reserved": 2}]
    assert buckets(winner) == [{"reserved": 3}]
    assert (promised(loser), promised(winner)) == (2, 3)
    assert counters(level) == (5, 0, 5)
    moves = StockMovement.objects.filter(level=level).order_by("version")
    assert list(moves.values_list("kind", "d_reserved", "document", "reason"))[-2:] == [
        ("release", -3, loser.number, "VIP"),
        ("reserve", 3, winner.number, ""),
    ]
    assert (loser.is_short, winner.is_short) == (True, False)
    assert winner.ship_by is not None


def test_both_timelines_tell_it(shop: Shop) -> None:
    level = shop.put("MUG", 2)
    loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=1))
    give(loser, winner, 1, level)

    def told(order: Order) -> str:
        event = Event.objects.filter(subject_id=order.pk).latest("id")
        assert (event.actor_label, event.payload["warehouse"]) == ("Ann", "MAIN")
        return timeline.tell(event.type, event.payload)

    assert told(loser) == f"1 unit given to {winner.number}: VIP"
    assert told(winner) == f"1 unit received from {loser.number}: VIP"


def test_a_channel_never_hears_of_anothers_order(shop: Shop) -> None:
    level = shop.put("MUG", 2)
    loser = shop.place(line(quantity=2))
    winner = Shop(ChannelFactory(), shop.warehouse).place(line(quantity=1))
    give(loser, winner, 1, level)

    told = shop.get(f"/api/v1/orders/{loser.number}/timeline/").json()["results"][-1]
    assert told["type"] == "order.allocation_lost"
    assert told["data"].keys() == {"number", "lines", "product_id", "warehouse"}


class TestTheLoser:
    def test_with_nothing_left_it_leaves_when_more_is_expected(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        expect_more(shop, level, AT.date() + timedelta(days=8))  # a Tuesday
        give(loser, winner, 2, level)

        assert loser.ship_by is not None
        assert loser.ship_by.date() == AT.date() + timedelta(days=8)

    def test_with_nothing_expected_nobody_can_say(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        give(loser, winner, 2, level)
        assert loser.ship_by is None

    def test_what_it_keeps_leaves_as_promised_unless_it_ships_complete(self, shop: Shop) -> None:
        level = shop.put("MUG", 6)
        keeps = shop.place(line(quantity=3))
        whole = shop.place(line(quantity=3), ship_complete=True)
        winner = shop.place(line(quantity=2))
        promise = keeps.ship_by
        give(keeps, winner, 1, level)
        give(whole, winner, 1, level)
        assert (keeps.ship_by, whole.ship_by) == (promise, None)

    def test_it_gets_what_another_warehouse_has(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        give(loser, winner, 2, level)
        shop.put("MUG", 2, WarehouseFactory(code="NORTH", priority=20))
        dispatch.deliver_due()
        assert buckets(loser) == [{"reserved": 2}]


def expect_more(shop: Shop, level: Any, day: Any) -> None:
    away = WarehouseFactory(code="AWAY", is_active=False)
    sent = Transfer.objects.create(
        number="TR-1", source=away, destination=shop.warehouse, sent_at=AT, expected_on=day
    )
    TransferLine.objects.create(transfer=sent, product=level.product, sent=5)


class TestTheWinner:
    def test_a_shortage_that_kept_it_whole_ends_with_its_last_unit(self, shop: Shop) -> None:
        level = shop.put("MUG", 3)
        loser = shop.place(line(quantity=3))
        shop.change(shortage_policy="hold")
        winner = shop.place(line(quantity=2))
        give(loser, winner, 1, level)
        assert (buckets(winner), winner.is_held) == ([{"pending": 1, "reserved": 1}], True)
        give(loser, winner, 1, level)
        assert (buckets(winner), winner.is_held) == ([{"reserved": 2}], False)
        assert winner.released_at == AT

    def test_one_that_is_held_from_asking_gets_nothing(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=1))
        holds.place(order_ids=[winner.pk], kind="duplicate", actor=STAFF, at=AT)
        with pytest.raises(NotWaiting):
            give(loser, winner, 1, level)
        assert Hold.objects.filter(order=winner, status="open").count() == 1


class TestRefusals:
    def unchanged(self, level: Any, loser: Order, winner: Order) -> None:
        assert buckets(loser) == [{"reserved": 2}]
        assert buckets(winner) == [{"backordered": 2}]
        assert (promised(loser), promised(winner), counters(level)) == (2, 0, (2, 0, 2))

    @pytest.mark.parametrize(("quantity", "error"), [(3, NothingToGive), (0, NothingToGive)])
    def test_no_more_than_there_is(self, shop: Shop, quantity: int, error: type) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        with pytest.raises(error):
            give(loser, winner, quantity, level)
        self.unchanged(level, loser, winner)

    def test_no_more_than_the_other_waits_for(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=1))
        with pytest.raises(NotWaiting):
            give(loser, winner, 2, level)

    def test_nothing_from_a_shelf_where_it_is_not_allocated(self, shop: Shop) -> None:
        shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        elsewhere = shop.put("MUG", 5, WarehouseFactory(code="NORTH"))
        with pytest.raises(NothingToGive):
            give(loser, winner, 1, elsewhere)

    def test_nothing_of_another_product(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        shop.put("TEA")
        loser, winner = shop.place(line(quantity=2)), shop.place(line("TEA", 2))
        with pytest.raises(NotWaiting):
            give(loser, winner, 1, level)

    def test_what_is_on_a_shipment_stays_with_its_order(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        loser, winner = shop.place(line(quantity=2)), shop.place(line(quantity=2))
        OrderLine.objects.filter(order=loser).update(reserved=0, assigned=2)
        with pytest.raises(AlreadyInWarehouse):
            give(loser, winner, 1, level)
        assert buckets(loser) == [{"assigned": 2}]

    def test_an_order_gives_itself_nothing_and_a_line_must_exist(self, shop: Shop) -> None:
        level = shop.put("MUG", 2)
        order = shop.place(line(quantity=2), line(quantity=1))
        first, second = order.lines.order_by("position")
        for to, error in ((second.pk, NotWaiting), (ids.new(), LineNotFound)):
            with pytest.raises(error):
                giving.give(
                    gift=Gift(first.pk, to, level.pk, 1), reason="x", command_id=ids.new(),
                    actor=STAFF, at=AT,
                )  # fmt: skip


def test_the_same_command_gives_once(shop: Shop) -> None:
    level = shop.put("MUG", 4)
    loser, winner = shop.place(line(quantity=4)), shop.place(line(quantity=4))
    command_id = ids.new()
    for _time in range(3):
        give(loser, winner, 1, level, command_id)
    assert buckets(winner) == [{"backordered": 3, "reserved": 1}]
    assert Event.objects.filter(subject_id=winner.pk, type="order.lines_available").count() == 1
