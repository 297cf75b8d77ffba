"""A rehearsal: what placing would answer, and not a row more in any table."""

import json
from typing import Any

import pytest

from config.kernel import errors, fingerprints
from config.kernel.callers import ChannelFacts
from config.kernel.models import Channel, Event
from customers.models import Customer
from customers.services import identity
from inventory.models import Reservation
from orders.errors import OrderExists
from orders.models import Hold, Order
from orders.services import rehearsal
from orders.services.intake import ROUTE
from tests.factories.customers import CustomerFactory
from tests.factories.orders import AT, counters, document, line

CHANGING = {"number", "placed_at", "updated_at"}


def rehearse(shop, body: dict[str, Any], **more: Any) -> rehearsal.Rehearsal:
    return rehearsal.rehearse(
        document=body,
        fingerprint=fingerprints.of(ROUTE, body),
        channel=ChannelFacts.of(shop.channel),
        origin="api",
        at=AT,
        **more,
    )


def steady(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs from second to second."""
    kept = {name: value for name, value in answer.items() if name not in CHANGING}
    kept["holds"] = [(hold["kind"], hold["params"]) for hold in answer["holds"]]
    plain: dict[str, Any] = json.loads(json.dumps(kept, default=str))
    return plain | {"ship_by": None, "released_at": None}


def test_it_shows_what_placing_then_answers_and_writes_nothing(shop):
    level = shop.put("MUG", 3)
    shop.put("TEA")
    body = document(
        line("MUG", 2), line("TEA", 5), line("HUH"), total_amount="95.00", shipping_amount="4.95"
    )
    shown = rehearse(shop, body)
    assert not Order.objects.exists()
    assert not Customer.objects.exists()
    assert not Event.objects.filter(aggregate="order").exists()
    assert not Reservation.objects.exists()
    assert counters(level) == (3, 0, 0)
    answer = shop.post(body).json()
    assert steady(shown.document()) == steady(answer)
    assert [hold["kind"] for hold in answer["holds"]] == ["unknown_product", "totals"]
    assert shown.earlier is None


def test_it_takes_no_number(shop):
    shop.put("MUG", 3)
    first = shop.place(line())
    for _time in range(3):
        assert rehearse(shop, document()).document()["number"] == ""
    second = shop.place(line())
    assert int(second.number[3:]) == int(first.number[3:]) + 1


def test_all_faults_are_told(shop):
    with pytest.raises(errors.Invalid) as refused:
        rehearse(shop, document(line("MUG", 0), line("", 1)))
    assert [fault.path for fault in refused.value.faults] == [
        "$.lines[0].quantity",
        "$.lines[1].sku",
    ]


def test_a_refusal_of_the_channel_is_told_with_the_figures(shop):
    shop.change(shortage_policy=Channel.Shortage.REFUSE)
    shop.put("MUG", 3)
    shown = rehearse(shop, document(line("MUG", 5)))
    assert shown.refusal.code == "out_of_stock"
    assert shown.refusal.params == {"short": [{"sku": "MUG", "missing": 2}]}
    assert [available for *_, available in shown.meanings["mug"].only.levels.values()] == [3]


def test_a_reference_that_is_taken_is_told(shop):
    shop.put("MUG", 3)
    body = document(line("MUG", 1))
    placed = shop.post(body)
    assert rehearse(shop, body).earlier.body == placed.content.decode()
    with pytest.raises(OrderExists):
        rehearse(shop, {**body, "note": "another"})


def test_a_chosen_customer_counts_before_the_reference_is_known(shop):
    shop.put("MUG", 3)
    customer = CustomerFactory(
        channel=shop.channel, credit_limit=5, credit_currency="GBP", name="Ann Example"
    )
    body = document(line("MUG", 1), customer={"reference": str(customer.pk)})
    assert rehearse(shop, body).draft.holds == []
    shown = rehearse(shop, body, customer=identity.known(customer_id=customer.pk))
    assert [hold["kind"] for hold in shown.draft.holds] == ["credit"]
    assert shown.draft.order["customer_id"] == customer.pk
    assert not Hold.objects.exists()


def test_it_asks_a_fixed_number_of_questions(shop, django_assert_num_queries):
    for number in range(5):
        shop.put(f"SKU{number}", 3)
    body = document(*(line(f"SKU{number}") for number in range(5)))
    rehearse(shop, body)
    with django_assert_num_queries(1):
        rehearse(shop, body)
