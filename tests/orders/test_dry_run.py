"""`POST /orders/?dry_run=true`: the answer an order would get, and nothing of it anywhere."""

from typing import Any

import pytest

from orders.models import Order
from tests import traces
from tests.factories.orders import ADDRESS, Shop, counters, document, line

DRY = "/api/v1/orders/?dry_run=true"
# What differs between a look and the deed a moment later.
MOMENTS = ("number", "placed_at", "updated_at", "released_at", "ship_by")


def plain(answer: Any) -> dict[str, Any]:
    shown = {name: value for name, value in answer.json().items() if name not in MOMENTS}
    return {**shown, "holds": [(hold["kind"], hold["params"]) for hold in shown["holds"]]}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"risk": "high", "total_amount": "99.00"},
        {"shipping_address": {**ADDRESS, "postal_code": "nonsense"}},
        {"lines": [line("MUG", 9), line("NEW")]},
        {"payments": [{"method": "card", "status": "paid", "amount": "10.00"}]},
    ],
)
def test_it_answers_what_the_order_then_gets(shop: Shop, more: dict[str, Any]) -> None:
    shop.put("MUG", 5)
    body = document(**more)
    tried, placed = shop.post(body, path=DRY), shop.post(body)

    assert (tried.status_code, placed.status_code) == (200, 201)
    assert plain(tried) == plain(placed)
    assert tried.json()["number"] == ""
    assert not tried.has_header("Location")


def test_it_leaves_no_trace(shop: Shop) -> None:
    level = shop.put("MUG", 5)
    shop.place()
    before = traces.of_everything()
    for key in (None, "try"):
        assert shop.post(document(), path=DRY, key=key).status_code == 200
    assert shop.post({"reference": "X"}, path=DRY).status_code == 422

    assert traces.of_everything() == before
    assert counters(level) == (5, 0, 1)


@pytest.mark.parametrize(
    ("channel", "status", "code"),
    [
        ({"shortage_policy": "refuse"}, 409, "out_of_stock"),
        ({"unknown_sku_policy": "refuse"}, 422, "unknown_product"),
    ],
)
def test_a_refusal_is_told_and_not_kept(
    shop: Shop, channel: dict[str, str], status: int, code: str
) -> None:
    shop.put("MUG", 1)
    shop.change(**channel)
    body = document(line("MUG", 2)) if code == "out_of_stock" else document(line("NEW"))
    tried = shop.post(body, path=DRY, key="once")

    assert (tried.status_code, tried.json()["code"]) == (status, code)
    assert tried["Content-Type"] == "application/problem+json"
    shop.change(shortage_policy="backorder", unknown_sku_policy="hold")
    assert shop.post(body, key="once").status_code == 201


def test_what_was_placed_already_is_answered_as_a_retry_would_be(shop: Shop) -> None:
    shop.put("MUG", 5)
    body = document()
    placed = shop.post(body, key="once")
    again = shop.post(body, path=DRY)
    assert (again.status_code, again.content) == (200, placed.content)
    assert again["Idempotent-Replayed"] == "true"

    other = {**body, "note": "another"}
    assert shop.post(other, path=DRY).json()["code"] == "order_exists"
    assert shop.post(other, path=DRY, key="once").json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=", "dryrun=true", "dry_run=True"])
def test_a_misspelt_wish_places_nothing(shop: Shop, query: str) -> None:
    shop.put("MUG", 5)
    answer = shop.post(document(), path=f"/api/v1/orders/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not Order.objects.exists()


def test_trying_out_needs_the_right_to_place(shop: Shop) -> None:
    assert shop.client.post(DRY, document(), content_type="application/json").status_code == 401
