"""Reading orders over the API: pages, filters, timelines, the events feed, and what they cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.kernel import ChannelFactory
from tests.factories.orders import Shop, document, line


def walk(shop: Shop, path: str, **params: str) -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    found: list[dict[str, Any]] = []
    while True:
        page = shop.get(path, **params).json()
        found += page["results"]
        if not page["next"] or not page["results"]:
            return found
        params["cursor"] = page["next"]


def test_a_walk_sees_each_order_once_newest_first_even_at_equal_times(shop: Shop) -> None:
    shop.put("MUG", 100)
    moment = "2026-11-01T10:00:00Z"
    placed = [shop.place(placed_at=moment).number for _ in range(7)]
    newest = shop.place(placed_at="2026-11-02T10:00:00Z").number

    seen = [row["number"] for row in walk(shop, "/api/v1/orders/", limit="2")]
    assert seen[0] == newest
    assert sorted(seen) == sorted([*placed, newest])


def test_a_walk_is_not_disturbed_by_new_orders(shop: Shop) -> None:
    shop.put("MUG", 100)
    placed = [shop.place().number for _ in range(4)]
    first = shop.get("/api/v1/orders/", limit="2").json()
    shop.place()
    second = shop.get("/api/v1/orders/", limit="2", cursor=first["next"]).json()

    seen = [row["number"] for row in first["results"] + second["results"]]
    assert seen == placed[::-1]
    assert second["next"] is None


def test_filters_narrow(shop: Shop) -> None:
    shop.put("MUG", 100)
    shop.put("TEA", 100)
    one = shop.place(line("TEA"), reference="R1", placed_at="2026-11-01T10:00:00Z")
    two = shop.place(
        placed_at="2026-11-05T10:00:00Z",
        payments=[{"method": "card", "status": "paid", "amount": "10.00"}],
    )
    shop.post({}, key="c", path=f"/api/v1/orders/{one.number}/cancel/")

    def numbers(**params: str) -> list[str]:
        return [row["number"] for row in shop.get("/api/v1/orders/", **params).json()["results"]]

    assert numbers(status="cancelled") == [one.number]
    assert numbers(payment_status="paid") == [two.number]
    assert numbers(fulfillment_status="unfulfilled") == [two.number, one.number]
    assert numbers(placed_after="2026-11-03T00:00:00Z") == [two.number]
    assert numbers(placed_before="2026-11-03T00:00:00+00:00") == [one.number]
    assert numbers(reference="R1") == [one.number]
    assert numbers(sku="tea") == [one.number]
    assert numbers(sku="none") == []


def test_what_a_look_costs_does_not_grow(shop: Shop) -> None:
    shop.put("MUG", 1000)
    order = shop.place(*[line() for _ in range(30)])
    for _ in range(9):
        shop.place()
    shop.get("/api/v1/orders/")  # the key is remembered from here on
    counted = {}
    for path in (
        "/api/v1/orders/", f"/api/v1/orders/{order.number}/",
        f"/api/v1/orders/{order.number}/timeline/", "/api/v1/events/",
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert shop.get(path).status_code == 200
        counted[path.rsplit("/", 2)[1]] = len(queries)

    assert counted == {"orders": 1, order.number: 4, "timeline": 2, "events": 1}


def test_placing_takes_three_statements_between_begin_and_commit(shop: Shop) -> None:
    shop.put("MUG", 10_000)
    shop.place()
    for size in (1, 300):
        with CaptureQueriesContext(connection) as queries:
            shop.place(*[line() for _ in range(size)])
        statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
        assert len(statements) == 4  # and the test's own look at the order


def test_the_timeline_tells_in_order_with_who(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place()
    path = f"/api/v1/orders/{order.number}/"
    shop.post({"reason": "no longer wanted"}, key="c", path=f"{path}cancel/")
    told = shop.get(f"{path}timeline/").json()["results"]

    assert [(one["version"], one["type"]) for one in told] == [
        (1, "order.placed"), (2, "order.released"), (3, "order.cancelled"),
    ]  # fmt: skip
    assert {one["actor"]["kind"] for one in told} == {"channel"}
    assert told[2]["data"]["reason"] == "no longer wanted"


class TestDates:
    def test_ship_by_follows_cut_off_working_days_and_holidays(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.warehouse.holidays.create(date="2026-11-09")
        order = shop.place(placed_at="2026-11-06T17:01:00Z")  # a Friday

        assert order.ship_by == datetime(2026, 11, 10, 17, tzinfo=UTC)

    def test_deliver_by_as_a_day_means_its_end(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        body = document(deliver_by="2026-12-01", ship_not_before="2026-11-27")
        answer = shop.post(body).json()

        assert answer["deliver_by"] == "2026-12-01T23:59:00Z"
        assert answer["ship_not_before"] == "2026-11-27"
        assert answer["ship_by"] >= "2026-11-27T17:00:00Z"

    def test_an_order_dated_a_little_ahead_counts_as_now(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        ahead = datetime.now(UTC) + timedelta(hours=20)
        order = shop.place(placed_at=ahead.isoformat())

        assert order.placed_at == order.created_at
        assert order.placed_at_sent == ahead


def test_the_feed_shows_a_channels_events_once(shop: Shop) -> None:
    shop.put("MUG", 5)
    order = shop.place()
    seen = walk(shop, "/api/v1/events/", limit="1")

    assert seen == []  # this test's own transaction is still running
    assert order.version == 2


def test_a_search_finds_by_whatever_is_in_hand_and_in_the_channel_only(shop: Shop) -> None:
    shop.put("MUG", 100)
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
    mine = shop.place(customer_order_number="PO-7")
    shop.place(line("TEA"), customer=None, shipping_address=None)
    other.place(customer_order_number="PO-7")

    def numbers(**params: str) -> list[str]:
        return [row["number"] for row in shop.get("/api/v1/orders/", **params).json()["results"]]

    for term in ("PO-7", "exam", mine.number.removeprefix("SO-"), "sw1a1aa", "mug"):
        assert numbers(search=term) == [mine.number]
    assert numbers(search="mug", status="cancelled") == []
    assert numbers(search="nobody") == []
    assert shop.get("/api/v1/orders/", search="x" * 201).status_code == 400
