"""Placing orders through the API: what is kept, what is answered, what is refused."""

from decimal import Decimal

import pytest

from config.kernel.models import Event, IdempotencyKey
from customers.models import Address, Customer
from inventory.models import Reservation, StockMovement
from orders.models import Order, OrderLine
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import Shop, buckets, counters, document, line


def test_an_order_is_kept_whole_and_its_stock_reserved(shop: Shop) -> None:
    level = shop.put("MUG", 10)
    answer = shop.post(document(line(quantity=3), reference="WEB-1", customer_order_number="PO-1"))

    assert answer.status_code == 201
    body = answer.json()
    assert body["reference"] == "WEB-1"
    assert (body["status"], body["payment_status"], body["fulfillment_status"]) == (
        "open", "pending", "unfulfilled",
    )  # fmt: skip
    assert body["holds"] == []
    assert body["totals"]["total_amount"] == "30.00"
    assert body["totals"]["tax_amount"] == "5.00"
    assert body["customer_order_number"] == "PO-1"
    one = body["lines"][0]
    assert (one["sku"], one["quantity"], one["reserved"], one["backordered"]) == ("MUG", 3, 3, 0)
    assert answer["Location"] == f"/api/v1/orders/{body['number']}/"
    assert counters(level) == (10, 0, 3)
    assert Reservation.objects.get().demand_id == OrderLine.objects.get().pk


def test_the_first_answer_equals_a_later_look(shop: Shop) -> None:
    shop.put("MUG", 10)
    first = shop.post(
        document(
            line(quantity=2, unit_price="8.325", attributes={"engraving": "Ann"}),
            payments=[{"method": "card", "status": "paid", "amount": "19.98", "reference": "ch_1"}],
            fees=[{"name": "Gift wrap", "amount": "1.00", "tax_rate": "20.00"}],
            shipping_amount="2.33",
            metadata={"a": [1, "2", None]},
            gift_message="For you\nAnn",
        )
    )
    later = shop.get(first["Location"])

    assert later.status_code == 200
    assert later.json() == first.json()


def test_placing_tells_what_happened(shop: Shop) -> None:
    shop.put("MUG", 10)
    order = shop.place()

    told = list(Event.objects.filter(subject_id=order.pk).order_by("aggregate_version"))
    assert [(event.type, event.aggregate_version) for event in told] == [
        ("order.placed", 1),
        ("order.released", 2),
    ]
    assert order.version == 2
    assert order.released_at is not None


def test_the_same_sku_on_several_lines_is_one_demand(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    order = shop.place(line(quantity=3), line("mug", quantity=3))

    assert buckets(order) == [{"reserved": 3}, {"reserved": 2, "backordered": 1}]
    assert counters(level) == (5, 0, 5)


def test_a_non_stock_line_asks_for_no_stock(shop: Shop) -> None:
    shop.put("MUG", 5)
    shop.put("POST", is_stocked=False)
    order = shop.place(line(), line("POST"))

    assert buckets(order) == [{"reserved": 1}, {"pending": 1}]


def test_a_guest_has_no_customer(shop: Shop) -> None:
    shop.put("MUG", 5)
    body = document()
    del body["customer"]

    assert shop.post(body).status_code == 201
    assert Order.objects.get().customer is None
    assert Customer.objects.count() == 0


def test_a_known_customer_is_found_and_one_address_kept(shop: Shop) -> None:
    shop.put("MUG", 5)
    first, second = shop.place(), shop.place()

    assert first.customer == second.customer
    assert Address.objects.count() == 1


def test_an_unknown_sku_keeps_the_order_on_hold(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place(line(), line("NEW"))

    assert [hold.kind for hold in order.holds.all()] == ["unknown_product"]
    assert buckets(order) == [{"reserved": 1}, {"pending": 1}]
    assert order.is_held
    assert order.released_at is None


def test_a_channel_may_refuse_unknown_skus(shop: Shop) -> None:
    shop.change(unknown_sku_policy="refuse")
    answer = shop.post(document())

    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_product"
    assert answer.json()["skus"] == ["MUG"]
    assert Order.objects.count() == 0


def test_policy_backorder_keeps_what_is_missing(shop: Shop) -> None:
    level = shop.put("MUG", 2)
    order = shop.place(line(quantity=5))

    assert buckets(order) == [{"reserved": 2, "backordered": 3}]
    assert order.is_short
    assert counters(level) == (2, 0, 2)


def test_policy_hold_takes_nothing_until_all_is_there(shop: Shop) -> None:
    shop.change(shortage_policy="hold")
    level = shop.put("MUG", 2)
    order = shop.place(line(quantity=5))

    assert [hold.kind for hold in order.holds.all()] == ["shortage"]
    assert buckets(order) == [{"pending": 5}]
    assert counters(level) == (2, 0, 0)


def test_policy_partial_cancels_what_is_missing(shop: Shop) -> None:
    shop.change(shortage_policy="partial")
    shop.put("MUG", 2)
    order = shop.place(line(quantity=5))

    assert buckets(order) == [{"reserved": 2, "cancelled": 3}]


def test_policy_refuse_places_nothing_and_keeps_the_refusal_under_its_key(shop: Shop) -> None:
    shop.change(shortage_policy="refuse")
    level = shop.put("MUG", 2)
    body = document(line(quantity=3), line(quantity=1))
    first, again = shop.post(body, key="k1"), shop.post(body, key="k1")

    assert first.status_code == 409
    assert first.json()["short"] == [{"sku": "MUG", "missing": 2}]
    assert first["Content-Type"] == "application/problem+json"
    assert again.status_code == 409
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
    assert counters(level) == (2, 0, 0)
    assert StockMovement.objects.filter(kind="reserve").count() == 0


def test_one_warehouse_by_priority_if_it_can_else_several(shop: Shop) -> None:
    north = WarehouseFactory(code="NORTH", priority=20)
    main = shop.put("MUG", 3)
    second = shop.put("MUG", 10, north)
    shop.place(line(quantity=5))

    assert (counters(main)[2], counters(second)[2]) == (0, 5)
    shop.place(line(quantity=7))
    assert (counters(main)[2], counters(second)[2]) == (3, 9)


def test_new_orders_queue_behind_those_that_wait(shop: Shop) -> None:
    shop.put("MUG", 0)
    shop.place(line(quantity=3))
    level = shop.put("MUG", 4)  # nobody has filled yet
    order = shop.place(line(quantity=2))

    assert buckets(order) == [{"reserved": 1, "backordered": 1}]
    assert counters(level) == (4, 0, 1)


class TestComesAgain:
    def test_same_content_same_key_is_the_stored_answer(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document()
        first, again = shop.post(body, key="k"), shop.post(body, key='"k"')

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert "Idempotent-Replayed" not in first
        assert again["Idempotent-Replayed"] == "true"
        assert again["Location"] == first["Location"]
        assert Order.objects.count() == 1

    def test_same_content_without_key_is_200(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document()
        first, again = shop.post(body), shop.post({**dict(reversed(body.items()))})

        assert again.status_code == 200
        assert again.content == first.content
        assert again["Idempotent-Replayed"] == "true"

    def test_another_spelling_of_the_decimals_is_the_same_content(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document(line(unit_price="10.00"), reference="A")
        shop.post(body)

        assert shop.post(document(line(unit_price="10.0"), reference="A")).status_code == 200

    def test_other_content_under_the_same_key_is_422(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.post(document(), key="k")
        answer = shop.post(document(), key="k")

        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_reused"
        assert Order.objects.count() == 1

    def test_other_content_under_the_same_reference_is_409_with_a_link(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order = shop.place(reference="A")
        answer = shop.post(document(line(quantity=2), reference="A"), key="new")

        assert answer.status_code == 409
        assert answer.json()["code"] == "order_exists"
        assert answer.json()["order"] == f"/api/v1/orders/{order.number}/"

    def test_the_reference_outlives_the_key(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document()
        first = shop.post(body, key="k")
        IdempotencyKey.objects.all().delete()

        assert shop.post(body, key="k").content == first.content

    def test_a_corrected_body_may_use_the_key_again(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document(line(quantity=0))

        assert shop.post(body, key="k").status_code == 422
        assert shop.post({**body, "lines": [line()]}, key="k").status_code == 201

    def test_a_replay_after_cancellation_is_the_first_answer(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document()
        first = shop.post(body, key="k")
        shop.post({"reason": "test"}, key="c", path=f"{first['Location']}cancel/")

        assert shop.post(body, key="k").content == first.content

    def test_two_channels_do_not_meet(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
        body = document()

        assert shop.post(body, key="k").status_code == 201
        assert other.post(body, key="k").status_code == 201


class TestMoney:
    @pytest.mark.parametrize("charged", ["29.97", "29.98"])
    def test_what_was_charged_stays_the_total(self, shop: Shop, charged: str) -> None:
        shop.put("MUG", 5)
        order = shop.place(
            line(quantity=3, unit_price="8.325"),
            prices_include_tax=False,
            total_amount=charged,
            payments=[{"method": "card", "status": "paid", "amount": charged}],
        )

        assert order.total_amount == Decimal(charged)
        assert order.rounding_amount == Decimal(charged) - Decimal("29.98")
        assert order.payment_status == "paid"
        assert not order.is_held

    def test_a_larger_difference_waits_and_shows_both_sums(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        answer = shop.post(document(total_amount="20.00")).json()

        assert answer["totals"]["total_amount"] == "20.00"
        assert [(hold["kind"], hold["params"]) for hold in answer["holds"]] == [
            ("totals", {"charged": "20.00", "calculated": "10.00"})
        ]

    def test_two_customers_may_use_one_order_number(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        for reference in ("1", "2"):
            order = shop.place(customer={"reference": reference}, customer_order_number="PO-1001")
            assert order.customer_order_number == "PO-1001"
