"""Hold, release and note over the API: once per key, on the version that was seen, on one's own."""

from typing import Any

import pytest

from inventory.models import StockLevel
from orders.models import Hold, Order, OrderNote
from orders.services import holds
from tests.factories.orders import AT, STAFF, Shop, line
from tests.threads import at_once


def change(
    shop: Shop, order: Order, what: str, body: Any, key: str | None = "k", **more: Any
) -> Any:
    return shop.post(body, key=key, path=f"/api/v1/orders/{order.number}/{what}/", **more)


def kinds(order: Order) -> list[str]:
    return sorted(Hold.objects.filter(order=order, status="open").values_list("kind", flat=True))


@pytest.fixture
def order(shop: Shop) -> Order:
    shop.put("MUG", 5)
    return shop.place()


class TestHold:
    def test_an_order_on_hold_is_taken_back_and_says_who_and_why(
        self, shop: Shop, order: Order
    ) -> None:
        answer = change(shop, order, "holds", {"reason": "customer asked to wait"})

        assert answer.status_code == 201, answer.content
        (hold,) = answer.json()["holds"]
        assert hold["kind"] == "manual"
        assert hold["params"] == {"by": "channel", "reason": "customer asked to wait"}
        assert (answer.json()["on_hold"], answer.json()["released_at"]) == (True, None)
        assert Hold.objects.get().placed_by == shop.channel.name

    def test_a_second_hold_of_the_kind_finds_the_first(self, shop: Shop, order: Order) -> None:
        change(shop, order, "holds", {"reason": "wait", "kind": "fraud"})
        again = change(shop, order, "holds", {"reason": "more", "kind": "fraud"}, key="other")

        assert (again.status_code, len(again.json()["holds"])) == (200, 1)
        assert again.json()["holds"][0]["params"]["reason"] == "wait"

    def test_a_retry_is_answered_to_the_letter(self, shop: Shop, order: Order) -> None:
        first = change(shop, order, "holds", {"reason": "wait"})
        again = change(shop, order, "holds", {"reason": "wait"})

        assert (again.status_code, again.content) == (201, first.content)
        assert again["Idempotent-Replayed"] == "true"
        other = change(shop, order, "holds", {"reason": "wait longer"})
        assert other.json()["code"] == "idempotency_key_reused"

    def test_a_cancelled_order_is_not_held(self, shop: Shop, order: Order) -> None:
        change(shop, order, "cancel", {}, key="c")
        answer = change(shop, order, "holds", {"reason": "wait"})
        assert (answer.status_code, answer.json()["code"]) == (409, "order_not_open")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "$.reason"),
            ({"reason": " "}, "$.reason"),
            ({"reason": "x", "kind": "credit"}, "$.kind"),
            ({"reason": "x", "until": "2026-12-01"}, "$.until"),
        ],
    )
    def test_nonsense_is_refused_with_its_path(
        self, shop: Shop, order: Order, body: dict[str, Any], path: str
    ) -> None:
        answer = change(shop, order, "holds", body)
        assert answer.status_code == 422
        assert [fault["path"] for fault in answer.json()["errors"]] == [path]
        assert kinds(order) == []


class TestRelease:
    def test_its_own_hold_is_lifted_and_the_order_goes_on(self, shop: Shop, order: Order) -> None:
        change(shop, order, "holds", {"reason": "wait"})
        answer = change(shop, order, "holds/manual/release", {"reason": "paid"}, key="r")

        assert answer.status_code == 200, answer.content
        assert (answer.json()["holds"], answer.json()["on_hold"]) == ([], False)
        assert answer.json()["released_at"] is not None
        hold = Hold.objects.get()
        assert (hold.reason, hold.released_by) == ("paid", shop.channel.name)

    def test_what_staff_or_a_rule_hold_stays_held(self, shop: Shop, order: Order) -> None:
        holds.place(order_ids=[order.pk], reason="call back", actor=STAFF, at=AT)
        risky = shop.place(risk="high")
        for held, kind in ((order, "manual"), (risky, "fraud")):
            answer = change(shop, held, f"holds/{kind}/release", {"reason": "x"}, key=kind)
            assert (answer.status_code, answer.json()["code"]) == (409, "hold_not_yours")
        assert (kinds(order), kinds(risky)) == (["manual"], ["fraud"])

    @pytest.mark.parametrize("kind", ["manual", "credit", "nonsense"])
    def test_what_is_not_held_is_not_released(self, shop: Shop, order: Order, kind: str) -> None:
        answer = change(shop, order, f"holds/{kind}/release", {"reason": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "hold_not_open")


class TestNote:
    def test_it_is_there_for_staff_once(self, shop: Shop, order: Order) -> None:
        body = {"text": "Gift wrap\nin blue", "is_pinned": True}
        first, again = (change(shop, order, "notes", body) for _ in range(2))

        assert (first.status_code, again.content) == (201, first.content)
        note = OrderNote.objects.get()
        assert first.json() == {
            "id": str(note.pk),
            "text": "Gift wrap\nin blue",
            "is_pinned": True,
            "written_at": note.written_at.isoformat().replace("+00:00", "Z"),
        }
        assert (note.order, note.actor_label) == (order, shop.channel.name)

    @pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\x07b", None])
    def test_a_note_says_something_readable(self, shop: Shop, order: Order, text: Any) -> None:
        answer = change(shop, order, "notes", {"text": text})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$.text")
        assert not OrderNote.objects.exists()


class TestVersions:
    @pytest.mark.parametrize(
        ("what", "body"),
        [
            ("holds", {"reason": "x"}),
            ("holds/manual/release", {"reason": "x"}),
            ("cancel", {}),
        ],
    )
    def test_an_order_that_changed_since_stays_as_it_is(
        self, shop: Shop, order: Order, what: str, body: dict[str, Any]
    ) -> None:
        seen = shop.get(f"/api/v1/orders/{order.number}/")["ETag"]
        change(shop, order, "holds", {"reason": "first"}, key="first")
        answer = change(shop, order, what, body, headers={"If-Match": seen})

        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        assert f'"{answer.json()["version"]}"' != seen
        assert kinds(order) == ["manual"]
        fresh = shop.get(f"/api/v1/orders/{order.number}/")["ETag"]
        answer = change(shop, order, what, body, headers={"If-Match": fresh})
        assert answer.status_code in {200, 201}


@pytest.mark.parametrize("what", ["holds", "holds/manual/release", "notes", "cancel"])
def test_each_needs_a_key_and_an_order_of_ones_own(shop: Shop, order: Order, what: str) -> None:
    body = {"text": "x"} if what == "notes" else {"reason": "x"}
    keyless = change(shop, order, what, body, key=None)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")

    other = Shop(warehouse=shop.warehouse)
    foreign = change(other, order, what, body)
    unknown = change(other, Order(number="SO-1"), what, body)
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert kinds(order) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_hold_and_a_release_sent_many_times_at_once_happen_once() -> None:
    shop = Shop()
    shop.put("MUG", 5)
    order = shop.place(line("MUG", 2))

    def send(what: str, key: str) -> Any:
        return lambda: change(shop, order, what, {"reason": "x"}, key=key)

    held = at_once(*[send("holds", "h")] * 6, *[send("holds", f"h{n}") for n in range(6)])
    codes = sorted(answer.status_code for answer in held)
    assert codes.count(201) >= 1
    assert set(codes) <= {200, 201, 409}
    assert kinds(order) == ["manual"]
    lifted = at_once(*[send("holds/manual/release", f"r{n}") for n in range(6)])
    assert sorted(answer.status_code for answer in lifted) == [200, 409, 409, 409, 409, 409]
    assert StockLevel.objects.get().reserved == 2
