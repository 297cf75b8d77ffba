"""Cancelling orders and parts of lines before they are in the warehouse."""

import pytest

from config.kernel import ids
from config.kernel.models import Event
from orders.errors import AlreadyShipped, NothingToCancel
from orders.models import Order, OrderLine
from orders.services import cancellation
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, line


def cancel(order: Order, *parts: tuple[int, int]) -> cancellation.Outcome:
    lines = list(order.lines.order_by("position"))
    return cancellation.cancel(
        order_id=order.pk,
        parts=[cancellation.Part(lines[place].pk, n) for place, n in parts] or None,
        reason="customer asked",
        actor=STAFF,
        at=AT,
    )


def test_a_cancelled_order_gives_its_stock_back(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    shop.put("POST", is_stocked=False)
    order = shop.place(line(quantity=7), line("POST"))
    outcome = cancel(order)

    order.refresh_from_db()
    assert outcome.cancellation == "done"
    assert buckets(order) == [{"cancelled": 7}, {"cancelled": 1}]
    assert (order.status, order.is_short, order.released_at is None) == ("cancelled", False, False)
    assert counters(level) == (5, 0, 0)
    told = Event.objects.filter(subject_id=order.pk).order_by("-aggregate_version").first()
    assert told is not None
    assert (told.type, told.payload["reason"]) == ("order.cancelled", "customer asked")


def test_cancelling_again_finds_it_done(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place()
    cancel(order)
    events = Event.objects.count()

    assert cancel(order).cancellation == "done"
    assert Event.objects.count() == events


def test_a_part_of_a_line_is_cancelled_one_by_one(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    order = shop.place(line(quantity=3))

    cancel(order, (0, 1))
    assert (buckets(order), counters(level)[2]) == ([{"cancelled": 1, "reserved": 2}], 2)
    cancel(order, (0, 1))
    assert (buckets(order), counters(level)[2]) == ([{"cancelled": 2, "reserved": 1}], 1)
    order.refresh_from_db()
    assert order.status == "open"


def test_what_waits_is_cancelled_before_what_is_allocated(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    order = shop.place(line(quantity=7))
    cancel(order, (0, 3))

    assert buckets(order) == [{"cancelled": 3, "reserved": 4}]
    assert counters(level)[2] == 4


def test_more_than_is_left_is_refused_and_changes_nothing(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    order = shop.place(line(quantity=3), line(quantity=1))
    with pytest.raises(NothingToCancel):
        cancel(order, (1, 1), (0, 2), (0, 2))

    assert buckets(order) == [{"reserved": 3}, {"reserved": 1}]
    assert counters(level)[2] == 4


def test_units_in_the_warehouse_are_asked_for(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place(line(quantity=3))
    OrderLine.objects.filter(order=order).update(reserved=1, assigned=2)
    outcome = cancel(order)

    assert outcome.cancellation == "requested"
    assert buckets(order) == [{"cancelled": 1, "assigned": 2}]
    types = list(Event.objects.filter(subject_id=order.pk).values_list("type", flat=True))
    assert types[-2:] == ["order.lines_cancelled", "order.cancellation_requested"]


def test_what_has_left_cannot_be_cancelled(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place(line(quantity=3))
    OrderLine.objects.filter(order=order).update(reserved=0, shipped=3)

    with pytest.raises(AlreadyShipped):
        cancel(order)


class TestDoor:
    def test_it_answers_the_order_once(self, shop: Shop) -> None:
        level = shop.put("MUG", 5)
        order = shop.place(line(quantity=3))
        path = f"/api/v1/orders/{order.number}/cancel/"
        first = shop.post({"reason": "changed my mind"}, key="c1", path=path)
        again = shop.post({"reason": "changed my mind"}, key="c1", path=path)

        assert first.status_code == 200
        assert (first.json()["status"], first.json()["cancellation"]) == ("cancelled", "done")
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        assert counters(level) == (5, 0, 0)

    def test_a_part_is_named_by_position(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place(line(quantity=3))
        path = f"/api/v1/orders/{order.number}/cancel/"
        answer = shop.post({"lines": [{"position": 1, "quantity": 2}]}, key="c", path=path)

        assert answer.json()["lines"][0]["cancelled"] == 2
        answer = shop.post({"lines": [{"position": 9, "quantity": 2}]}, key="d", path=path)
        assert (answer.status_code, answer.json()["code"]) == (422, "line_not_found")

    def test_after_despatch_it_is_409(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        OrderLine.objects.filter(order=order).update(reserved=0, shipped=1)
        path = f"/api/v1/orders/{order.number}/cancel/"
        answer = shop.post({}, key=str(ids.new()), path=path)

        assert (answer.status_code, answer.json()["code"]) == (409, "already_shipped")

    def test_in_the_warehouse_it_is_202(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        OrderLine.objects.filter(order=order).update(reserved=0, assigned=1)
        answer = shop.post({}, key="c", path=f"/api/v1/orders/{order.number}/cancel/")

        assert (answer.status_code, answer.json()["cancellation"]) == (202, "requested")


def test_a_cancelled_order_waits_for_nothing(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place(risk="high")
    cancel(order)

    order.refresh_from_db()
    assert not order.is_held
    assert [hold.status for hold in order.holds.all()] == ["released"]


def test_an_order_cancelled_when_it_came_is_not_held(shop: Shop) -> None:
    shop.change(shortage_policy="partial")
    shop.put("MUG", 0)
    order = shop.place(risk="high")

    assert (order.status, order.is_held, order.holds.count()) == ("cancelled", False, 0)
