"""Holds: what opens them, what they forbid, what lifts them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from config.kernel import dispatch
from config.kernel.models import Event
from customers.models import Customer
from customers.services import blocking
from inventory.models import Product
from orders.errors import HoldNotOpen
from orders.models import Hold, Order
from orders.services import address_correction, holds, payments, rechecks, recognition
from tests.factories.orders import ADDRESS, AT, STAFF, Shop, buckets, counters, line


def kinds(order: Order) -> list[str]:
    return sorted(Hold.objects.filter(order=order, status="open").values_list("kind", flat=True))


def lift(order: Order, kind: str) -> None:
    hold = Hold.objects.get(order=order, kind=kind, status="open")
    holds.release(hold_id=hold.pk, reason="checked", actor=STAFF, at=AT)
    order.refresh_from_db()


@pytest.mark.parametrize(
    ("kind", "channel", "asked"),
    [
        ("address", {}, {"shipping_address": {**ADDRESS, "postal_code": "nonsense"}}),
        ("address", {}, {"shipping_address": None}),
        ("payment", {"payment_required": True}, {}),
        ("fraud", {}, {"risk": "high"}),
        ("totals", {}, {"total_amount": "99.00"}),
        ("unknown_product", {}, {"lines": [line("NEW")]}),
    ],
)
def test_a_cause_opens_its_hold_and_keeps_the_order_from_the_warehouse(
    shop: Shop, kind: str, channel: dict[str, Any], asked: dict[str, Any]
) -> None:
    shop.put("MUG", 5)
    shop.change(**channel)
    order = shop.place(**asked)

    assert kinds(order) == [kind]
    assert (order.is_held, order.released_at) == (True, None)
    lift(order, kind)
    assert (order.is_held, order.released_at) == (False, AT)


def test_a_paid_order_does_not_wait_for_payment(shop: Shop) -> None:
    shop.put("MUG", 5)
    shop.change(payment_required=True)
    order = shop.place(payments=[{"method": "card", "status": "authorized", "amount": "10.00"}])

    assert (kinds(order), order.payment_status) == ([], "authorized")


class TestReminder:
    def test_it_is_kept_moved_and_forgotten_and_the_timeline_tells(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        friday, monday = date(2026, 11, 20), date(2026, 11, 23)
        holds.place(order_ids=[order.pk], reason="call", remind_on=friday, actor=STAFF, at=AT)
        hold = Hold.objects.get(order=order)
        for day in (monday, monday, None):
            holds.remind(hold_id=hold.pk, on=day, actor=STAFF, at=AT)
        hold.refresh_from_db()
        assert hold.remind_on is None
        told = Event.objects.filter(type="order.hold_reminder", subject_id=order.pk).order_by("id")
        assert [one.payload["on"] for one in told] == ["2026-11-23", None]

    def test_a_hold_that_is_gone_reminds_nobody(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        holds.place(order_ids=[order.pk], reason="call", actor=STAFF, at=AT)
        hold = Hold.objects.get(order=order)
        holds.release(hold_id=hold.pk, reason="", actor=STAFF, at=AT)
        with pytest.raises(HoldNotOpen):
            holds.remind(hold_id=hold.pk, on=date(2026, 11, 20), actor=STAFF, at=AT)
        hold.refresh_from_db()
        assert hold.remind_on is None


def test_a_payment_lets_the_order_go_on_and_counts_once(shop: Shop) -> None:
    shop.put("MUG", 5)
    shop.change(payment_required=True)
    order = shop.place()
    for _ in range(2):
        payments.record(
            order_id=order.pk, method="transfer", status="paid", amount=Decimal("10.00"),
            reference="T1", actor=STAFF, at=AT,
        )  # fmt: skip

    order.refresh_from_db()
    assert (kinds(order), order.payment_status, order.paid_amount) == ([], "paid", 10)
    assert order.released_at == AT


class TestPriceGuard:
    @pytest.mark.parametrize(("price", "held"), [("3.99", True), ("249.00", False), ("0", False)])
    def test_a_price_beyond_the_tolerance_waits(self, shop: Shop, price: str, held: bool) -> None:  # noqa: FBT001
        shop.put("TV", 5)
        shop.price("TV", "399.00")
        shop.change(price_tolerance_percent=50)
        order = shop.place(line("TV", unit_price=price))

        assert kinds(order) == (["price"] if held else [])

    def test_below_the_floor_it_always_waits(self, shop: Shop) -> None:
        shop.put("TV", 5)
        shop.price("TV", "399.00", floor="300.00")
        order = shop.place(line("TV", unit_price="299.99"))

        hold = Hold.objects.get(order=order)
        assert hold.params["lines"] == [{"sku": "TV", "price": "299.99", "expected": "399.000000"}]


class TestCustomers:
    def test_blocking_holds_open_orders_and_unblocking_lets_them_go(self, shop: Shop) -> None:
        level = shop.put("MUG", 5)
        order = shop.place()
        customer = Customer.objects.get()
        blocking.block(customer=customer, reason="fraud", actor=STAFF, at=AT)
        dispatch.deliver_due()
        second = shop.place()

        assert (kinds(order), kinds(second)) == (["blocked_customer"], ["blocked_customer"])
        assert (buckets(order), buckets(second)) == ([{"reserved": 1}], [{"pending": 1}])
        order.refresh_from_db()
        assert order.released_at is None

        blocking.unblock(customer=customer, actor=STAFF, at=AT)
        dispatch.deliver_due()
        assert (kinds(order), kinds(second)) == ([], [])
        assert buckets(second) == [{"reserved": 1}]
        assert counters(level) == (5, 0, 2)

    def test_beyond_the_credit_limit_it_waits_until_there_is_room(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        first = shop.place(line(quantity=8))
        Customer.objects.update(credit_limit=100, credit_currency="GBP")
        within = shop.place(line(quantity=2))
        beyond = shop.place(line(quantity=1))

        assert (kinds(first), kinds(within), kinds(beyond)) == ([], [], ["credit"])
        assert Hold.objects.get().params == {"over": "10.000"}
        payments.record(
            order_id=first.pk, method="transfer", status="paid", amount=Decimal(80),
            actor=STAFF, at=AT,
        )  # fmt: skip
        rechecks.sweep(actor=STAFF, at=AT)
        assert kinds(beyond) == []


class TestUnknownProducts:
    def test_a_sku_that_becomes_known_lets_every_waiting_order_go(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        waiting = [shop.place(line(), line("NEW", quantity=2)) for _ in range(3)]
        level = shop.put("NEW", 5)

        assert recognition.recognise(actor=STAFF, at=AT) == 3
        assert [buckets(order)[1] for order in waiting] == [
            {"reserved": 2}, {"reserved": 2}, {"backordered": 1, "reserved": 1},
        ]  # fmt: skip
        assert all(kinds(order) == [] for order in waiting)
        assert counters(level) == (5, 0, 5)

    def test_an_inactive_product_is_unknown(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        Product.objects.update(is_active=False)

        assert kinds(shop.place()) == ["unknown_product"]


class TestByHand:
    def test_several_holds_at_once_each_need_lifting(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place(risk="high", total_amount="1.00")
        holds.place(order_ids=[order.pk], reason="call back", actor=STAFF, at=AT)

        assert kinds(order) == ["fraud", "manual", "totals"]
        lift(order, "fraud")
        lift(order, "totals")
        assert order.released_at is None
        lift(order, "manual")
        assert order.released_at == AT

    def test_a_released_order_is_taken_back(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        assert holds.place(order_ids=[order.pk], reason="stop", actor=STAFF, at=AT) == 1
        assert holds.place(order_ids=[order.pk], reason="stop", actor=STAFF, at=AT) == 0

        order.refresh_from_db()
        assert (order.is_held, order.released_at) == (True, None)
        types = list(
            Event.objects.filter(subject_id=order.pk)
            .order_by("aggregate_version")
            .values_list("type", flat=True)
        )
        assert types == ["order.placed", "order.released", "order.held", "order.taken_back"]

    def test_lifting_keeps_who_and_why_and_happens_once(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place(risk="high")
        hold = Hold.objects.get(order=order)
        holds.release(hold_id=hold.pk, reason="known customer", actor=STAFF, at=AT)

        hold.refresh_from_db()
        assert (hold.status, hold.released_by, hold.reason) == ("released", "Ann", "known customer")
        with pytest.raises(HoldNotOpen):
            holds.release(hold_id=hold.pk, reason="again", actor=STAFF, at=AT)

    def test_a_cancelled_order_is_not_put_on_hold(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        shop.post({}, key="c", path=f"/api/v1/orders/{order.number}/cancel/")

        assert holds.place(order_ids=[order.pk], reason="late", actor=STAFF, at=AT) == 0


class TestAddress:
    def test_a_corrected_address_lets_the_order_go(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place(shipping_address={**ADDRESS, "postal_code": "XX"})
        still = address_correction.correct(
            order_id=order.pk, address={**ADDRESS, "city": ""}, actor=STAFF, at=AT
        )
        assert (still.ok, kinds(order)) == (False, ["address"])
        assert Hold.objects.get().params == {"problems": [{"field": "city", "code": "required"}]}

        address_correction.correct(order_id=order.pk, address=ADDRESS, actor=STAFF, at=AT)
        order.refresh_from_db()
        assert (kinds(order), order.postcode_key) == ([], "SW1A1AA")
        assert order.released_at == AT


def test_suspected_duplicates_wait_only_where_the_channel_says_so(shop: Shop) -> None:
    shop.put("MUG", 50)
    shop.place(line(quantity=2), line())
    assert kinds(shop.place(line(), line(quantity=2))) == []
    shop.change(duplicate_check=True)
    twin, other = shop.place(line(quantity=2), line()), shop.place(line(quantity=3))

    assert (kinds(twin), kinds(other)) == (["duplicate"], [])
    assert buckets(twin) == [{"pending": 2}, {"pending": 1}]
    lift(twin, "duplicate")
    assert buckets(twin) == [{"reserved": 2}, {"reserved": 1}]
