"""Pollers beside many writers: what commits late or out of order is neither missed nor repeated."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from config.kernel import callers, clock, commands
from config.kernel.models import Event
from inventory.queries import calendars
from orders.models import Order
from orders.services import holds, progress
from tests import feeds
from tests.factories.orders import STAFF, Shop, document, line
from tests.threads import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WRITERS, ORDERS = 32, 4
EVENTS, CHANGES = "/api/v1/events/", "/api/v1/orders/"


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:  # noqa: ARG001 - real transactions
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()


class Poller:
    """Asks again and again until told that the writers are done and nothing more came."""

    def __init__(self, shop: Shop, path: str, **params: str) -> None:
        self.shop, self.path, self.params = shop, path, params
        self.seen: list[dict[str, Any]] = []
        self.done = threading.Event()

    def run(self) -> None:
        while True:
            last_round = self.done.is_set()
            page = self.shop.get(self.path, **self.params).json()
            self.seen += page["results"]
            self.params["cursor"] = page["next"]
            if last_round and not page["results"]:
                return
            time.sleep(0.01)


@commands.command
def hold_and_linger(*, order: Order, seconds: float) -> None:
    """Change an order and keep the transaction open, so that later ones commit before it."""
    holds.place(order_ids=[order.pk], reason="wait", actor=STAFF, at=clock.now())
    time.sleep(seconds)


def write(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(ORDERS):
        answer = shop.post(document(line("MUG"), customer=None))
        assert answer.status_code == 201, answer.content
        if chance.random() < 0.5:
            order = Order.objects.get(number=answer.json()["number"])
            hold_and_linger(order=order, seconds=chance.random() * 0.1)


def beside_writers(shop: Shop, *pollers: Poller) -> None:
    """Run all writers and the pollers at the same moment, to the end."""
    left = threading.Semaphore(0)

    def writer(seed: int) -> Callable[[], None]:
        def run() -> None:
            try:
                write(shop, seed)
            finally:
                left.release()

        return run

    def ends() -> None:
        for _ in range(WRITERS):
            assert left.acquire(timeout=120)
        feeds.settle()
        for poller in pollers:
            poller.done.set()

    results = at_once(
        *(writer(seed) for seed in range(WRITERS)), *(poller.run for poller in pollers), ends
    )
    assert [one for one in results if one is not None] == []
    connections.close_all()


def test_a_reader_beside_32_writers_misses_no_event_and_sees_none_twice(shop: Shop) -> None:
    shop.put("MUG", 10_000)
    Shop(warehouse=shop.warehouse).place(line("MUG"))  # another channel's, which must not appear
    pollers = [Poller(shop, EVENTS, limit=limit) for limit in ("200", "3")]
    beside_writers(shop, *pollers)

    written = Event.objects.filter(channel=shop.channel)
    versions = dict(Order.objects.values_list("id", "version"))
    for poller in pollers:
        assert Counter(one["id"] for one in poller.seen) == Counter(
            str(pk) for pk in written.values_list("pk", flat=True)
        )
        told: dict[str, list[int]] = {}
        for one in poller.seen:
            told.setdefault(one["aggregate_id"], []).append(one["version"])
        for order_id, seen in told.items():
            assert sorted(seen) == list(range(1, versions[UUID(order_id)] + 1))


def test_a_walk_by_change_beside_32_writers_ends_with_every_order_as_it_is(shop: Shop) -> None:
    shop.put("MUG", 10_000)
    began = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    pollers = [Poller(shop, CHANGES, limit=limit, updated_after=began) for limit in ("200", "3")]
    beside_writers(shop, *pollers)

    stored = dict(Order.objects.values_list("number", "version"))
    for poller in pollers:
        states = Counter((one["number"], one["version"]) for one in poller.seen)
        assert set(states.values()) == {1}
        assert {one["number"]: one["version"] for one in poller.seen} == stored


class TestWalkByChange:
    def numbers(self, shop: Shop, **params: str) -> list[str]:
        page = shop.get(CHANGES, **params).json()
        assert page["next"]
        return [one["number"] for one in page["results"]]

    def test_it_begins_where_it_is_told_and_goes_on_from_its_cursor(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        first, second, third = (shop.place() for _ in range(3))
        feeds.settle()
        since = second.updated_at.isoformat()
        page = shop.get(CHANGES, updated_after=since, limit="1").json()
        assert [one["number"] for one in page["results"]] == [second.number]
        rest = {"updated_after": since, "cursor": page["next"]}
        assert self.numbers(shop, **rest) == [third.number]

        holds.place(order_ids=[first.pk], reason="wait", actor=STAFF, at=clock.now())
        feeds.settle()
        page = shop.get(CHANGES, **rest).json()
        assert [one["number"] for one in page["results"]] == [third.number, first.number]
        assert page["results"][1]["on_hold"] is True
        assert self.numbers(shop, updated_after=since, cursor=page["next"]) == []
        assert len(self.numbers(shop, updated_after="2001-01-01T00:00:00Z")) == 3
        assert self.numbers(shop, updated_after="2999-01-01T00:00:00Z") == []

    def test_it_is_narrowed_by_the_other_filters_and_the_channel(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        shop.put("TEA", 50)
        tea, _ = shop.place(line("TEA")), shop.place()
        Shop(warehouse=shop.warehouse).place(line("TEA"))
        feeds.settle()

        assert self.numbers(shop, updated_after="2001-01-01T00:00:00Z", sku="tea") == [tea.number]
        found = {"updated_after": "2001-01-01T00:00:00Z", "search": tea.reference}
        assert self.numbers(shop, **found) == [tea.number]
        paid = {"updated_after": "2001-01-01T00:00:00Z", "payment_status": "paid"}
        assert self.numbers(shop, **paid) == []

    def test_what_a_running_transaction_may_precede_waits_for_it(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        early, late = shop.place(), shop.place()
        feeds.settle()
        page = shop.get(CHANGES, updated_after="2001-01-01T00:00:00Z").json()
        going_on = {"updated_after": "2001-01-01T00:00:00Z", "cursor": page["next"]}
        changed, finish = threading.Event(), threading.Event()

        @commands.command
        def linger() -> None:
            progress.lock([early.pk])
            holds.place(order_ids=[early.pk], reason="wait", actor=STAFF, at=clock.now())
            changed.set()
            assert finish.wait(30)

        def look() -> list[list[str]]:
            assert changed.wait(30)
            holds.place(order_ids=[late.pk], reason="wait", actor=STAFF, at=clock.now())
            before = self.numbers(shop, **going_on)
            finish.set()
            return [before]

        _, (before,) = at_once(linger, look)
        assert before == []
        feeds.settle()
        assert self.numbers(shop, **going_on) == [early.number, late.number]
