"""Every cause that keeps an order here has its state, its sentence and its actor."""

from datetime import UTC, date, datetime

import pytest

from orders import headlines
from orders.headlines import Buckets, Facts, Missing, OpenHold
from orders.states import FulfillmentStatus, HoldKind, OrderStatus, Origin

TODAY = date(2026, 11, 23)
RELEASED = datetime(2026, 11, 23, 8, tzinfo=UTC)


def facts(**changes):
    given = {
        "status": OrderStatus.OPEN,
        "fulfillment_status": FulfillmentStatus.UNFULFILLED,
        "origin": Origin.API,
        "buckets": Buckets(ordered=3, reserved=3),
        "today": TODAY,
        "released_at": RELEASED,
        "currency": "GBP",
    }
    return Facts(**{**given, **changes})


def held(kind, **params):
    return facts(holds=(OpenHold(kind, params, "Ann Lee"),), released_at=None)


BACKORDER = Buckets(ordered=3, backordered=3)
PARTLY = Buckets(ordered=3, backordered=2, reserved=1)
CASES = [
    (
        held("address", problems=[{"field": "postal_code", "code": "invalid"}]),
        "On hold: Address",
        "Check the delivery address: postcode",
        "Sales",
    ),
    (
        held("address", problems=[{"field": "shipping_address", "code": "missing"}]),
        "On hold: Address",
        "The delivery address is missing",
        "Sales",
    ),
    (
        held("unknown_product", skus=["A1", "B2", "C3"]),
        "On hold: Unknown product",
        "Unknown products A1, B2 …: map them",
        "E-commerce",
    ),
    (
        held("unknown_product", skus=["ABC-1"]),
        "On hold: Unknown product",
        "Unknown product ABC-1: map it",
        "E-commerce",
    ),
    (
        held("payment", missing="12.50"),
        "On hold: Payment",
        "Waiting for payment of £12.50",
        "Finance",
    ),
    (
        held("fraud", risk="high"),
        "On hold: Fraud check",
        "The shop warns of fraud; somebody has to look",
        "Manager",
    ),
    (
        held("blocked_customer", reason="Unpaid bills"),
        "On hold: Blocked customer",
        "The customer is blocked: Unpaid bills",
        "Finance",
    ),
    (
        held("credit", over="80.00"),
        "On hold: Credit",
        "£80.00 over the customer's credit limit",
        "Finance",
    ),
    (
        held("price", lines=[{"sku": "TV", "price": "3.99", "expected": "399.00"}]),
        "On hold: Price",
        "TV at £3.99, list price £399.00",
        "Sales",
    ),
    (
        held("totals", charged="29.00", calculated="31.00"),
        "On hold: Totals",
        "Charged £29.00, but the lines come to £31.00",
        "Finance",
    ),
    (
        held("duplicate", order="SO-100001"),
        "On hold: Duplicate",
        "Looks like a second SO-100001",
        "Sales",
    ),
    (
        held("shortage", missing={"A1": 2}),
        "On hold: Short of stock",
        "Not in stock: 2 × A1",
        "Purchasing",
    ),
    (
        held("manual", reason="Call first"),
        "On hold: Manual",
        "Ann Lee: Call first",
        "Sales",
    ),
    (
        facts(ship_not_before=date(2026, 11, 28)),
        "Planned",
        "Not to be shipped before 28 Nov",
        "nobody: it starts by itself",
    ),
    (
        facts(
            buckets=Buckets(ordered=3, pending=3, waiting=3),
            ship_not_before=date(2026, 12, 11),
            allocate_on=date(2026, 12, 8),
        ),
        "Planned",
        "Not to be shipped before 11 Dec; stock is allocated from 8 Dec",
        "nobody: it starts by itself",
    ),
    (
        facts(
            buckets=Buckets(ordered=3, pending=3, waiting=3),
            ship_not_before=date(2026, 11, 26),
            allocate_on=TODAY,
        ),
        "Planned",
        "Not to be shipped before 26 Nov",
        "nobody: it starts by itself",
    ),
    (
        facts(buckets=Buckets(ordered=3, pending=3, waiting=3), is_test=True, released_at=None),
        "Test",
        "A test order: it gets no stock and is never shipped",
        "nobody: it stays here",
    ),
    (
        facts(
            holds=(OpenHold("manual", {"reason": "Call back"}, "Ann Lee", date(2026, 11, 27)),),
            released_at=None,
        ),
        "On hold: Manual",
        "Ann Lee: Call back, reminder on 27 Nov",
        "Sales",
    ),
    (
        facts(buckets=BACKORDER, missing=(Missing("85123A", 2, date(2026, 11, 28)),)),
        "Backorder",
        "Waiting for 2 × 85123A, expected 28 Nov",
        "Purchasing",
    ),
    (
        facts(buckets=BACKORDER, missing=[Missing(sku, 1) for sku in ("A", "B", "C")]),
        "Backorder",
        "Waiting for 1 × A, 1 × B, 1 more product",
        "Purchasing",
    ),
    (
        facts(buckets=PARTLY, missing=(Missing("A1", 2),), ship_complete=True),
        "Backorder",
        "To be shipped complete; waiting for 2 × A1",
        "Purchasing",
    ),
    (
        facts(buckets=PARTLY, missing=(Missing("A1", 2),)),
        "Partly ready",
        "1 unit can go, waiting for 2 × A1",
        "Purchasing",
    ),
    (
        facts(buckets=Buckets(ordered=5, shipped=3, backordered=2), missing=(Missing("A1", 2),)),
        "Partly shipped",
        "3 units have left, waiting for 2 × A1",
        "Purchasing",
    ),
    (
        facts(buckets=Buckets(ordered=3, pending=3, waiting=3)),
        "Order routing",
        "Stock is being allocated for 3 units",
        "Sales",
    ),
    (
        facts(buckets=Buckets(ordered=3, pending=3, waiting=3), origin=Origin.HISTORY),
        "Imported",
        "Imported without touching stock",
        "nobody: it starts by itself",
    ),
    (facts(released_at=None), "To release", "Waiting to be released to the warehouse", "Sales"),
    (facts(), "Ready to pick", "3 units allocated and waiting to be picked", "Warehouse"),
    (
        facts(buckets=Buckets(ordered=1, pending=1)),
        "Ready to pick",
        "Nothing to pick; goes with the next despatch",
        "Warehouse",
    ),
    (
        facts(buckets=Buckets(ordered=3, reserved=1, assigned=2)),
        "In warehouse",
        "3 units being picked and packed",
        "Warehouse",
    ),
]


@pytest.mark.parametrize(("given", "state", "sentence", "actor"), CASES)
def test_each_cause_has_one_state_one_sentence_and_one_actor(given, state, sentence, actor):
    headline = headlines.decide(given)
    assert headlines.state(headline) == state
    assert headlines.sentence(headline) == sentence
    assert headlines.next_actor(headline) == actor
    assert headline.is_unshipped


@pytest.mark.parametrize("kind", HoldKind.values)
def test_each_hold_is_told_without_its_facts_too(kind):
    headline = headlines.decide(held(kind))
    assert headlines.sentence(headline)
    assert headlines.next_actor(headline)
    assert headlines.state(headline) == f"On hold: {HoldKind(kind).label}"


def test_hold_order_names_every_cause_once():
    assert sorted(headlines.HOLD_ORDER) == sorted(HoldKind)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": OrderStatus.CANCELLED}, "Cancelled"),
        ({"status": OrderStatus.COMPLETED}, "Shipped"),
        (
            {
                "status": OrderStatus.COMPLETED,
                "fulfillment_status": FulfillmentStatus.DELIVERED,
            },
            "Delivered",
        ),
    ],
)
def test_what_has_left_needs_no_reason(changes, state):
    headline = headlines.decide(facts(**changes, holds=(OpenHold("manual", {}),)))
    assert headlines.state(headline) == state
    assert headlines.sentence(headline) == ""
    assert headlines.next_actor(headline) == ""
    assert not headline.is_unshipped


def test_of_several_holds_the_first_to_decide_is_named_and_the_others_counted():
    holds = (
        OpenHold("payment", {"missing": "5.00"}),
        OpenHold("fraud", {"risk": "high"}),
        OpenHold("address", {}),
    )
    headline = headlines.decide(facts(holds=holds))
    assert headline.code == "hold_fraud"
    assert headlines.sentence(headline) == (
        "The shop warns of fraud; somebody has to look, and 2 more holds"
    )


def test_a_hold_is_told_before_a_shortage_and_a_date():
    given = facts(
        holds=(OpenHold("price", {}),), buckets=BACKORDER, ship_not_before=date(2026, 12, 1)
    )
    assert headlines.decide(given).code == "hold_price"


def test_a_hold_of_a_test_order_is_told():
    given = facts(holds=(OpenHold("price", {}),), is_test=True)
    assert headlines.decide(given).code == "hold_price"


def test_the_day_itself_is_no_reason_to_wait():
    assert headlines.decide(facts(ship_not_before=TODAY)).code == "ready"
