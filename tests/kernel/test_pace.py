"""Requests a minute: exact where little is allowed, cheap where much is, never in the way."""

import socket
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from config.kernel import callers, ids, pace
from config.kernel.models import Channel
from tests.factories.orders import Shop, document
from tests.threads import at_once

NOON = 1_800_000_000.0  # the beginning of a minute


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Return the time, which stands still until a test moves it; counts begin anew."""
    moment = [NOON]
    monkeypatch.setattr(pace.time, "time", lambda: moment[0])
    pace.forget()
    pace._redis.cache_clear()
    yield moment
    pace.forget()
    pace._redis.cache_clear()


@pytest.fixture
def key() -> UUID:
    return ids.new()


def passes(key: UUID, limit: int, times: int) -> list[bool]:
    standings = [pace.count(key, limit) for _ in range(times)]
    return [standing is None or not standing.is_over for standing in standings]


class TestCounting:
    def test_as_many_as_allowed_pass(self, key: UUID) -> None:
        assert passes(key, 5, 8) == [True] * 5 + [False] * 3

    def test_a_key_sees_what_is_left_and_when_it_begins_anew(
        self, key: UUID, now: list[float]
    ) -> None:
        now[0] += 42
        left = [pace.count(key, 3) for _ in range(4)]
        assert [(one.remaining, one.resets_in, one.is_over) for one in left] == [
            (2, 18, False), (1, 18, False), (0, 18, False), (0, 18, True),
        ]  # fmt: skip
        now[0] += 18
        assert pace.count(key, 3) == pace.Standing(3, 2, 60, is_over=False)

    def test_another_key_has_its_own(self, key: UUID) -> None:
        assert passes(key, 2, 3) == [True, True, False]
        assert passes(ids.new(), 2, 3) == [True, True, False]

    def test_no_limit_counts_nothing(self, key: UUID) -> None:
        assert pace.count(key, 0) is None

    def test_another_process_counts_with_it(self, key: UUID) -> None:
        assert passes(key, 4, 3) == [True] * 3
        pace.forget()  # as a process that has not seen the key
        assert passes(key, 4, 3) == [True, False, False]

    def test_much_is_counted_by_steps(self, key: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[int] = []
        tell = pace._tell

        def spy(*args: Any) -> int | None:
            told.append(args[2])
            return tell(*args)

        monkeypatch.setattr(pace, "_tell", spy)
        assert passes(key, 1000, 1001) == [True] * 1000 + [False]
        assert len(told) == 101
        assert max(told) == 10

    def test_many_threads_pass_no_more_than_allowed(self, key: UUID) -> None:
        shares = at_once(*[lambda: passes(key, 50, 20)] * 8)
        assert sum(map(sum, shares)) == 50


class Silent:
    """A server that takes connections and says nothing."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.met: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.met.append(self.socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        for one in (self.socket, *self.met):
            one.close()


class TestWithoutRedis:
    @pytest.fixture
    def away(self, settings: Any) -> None:
        settings.CACHES = {
            "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
        }

    @pytest.mark.usefixtures("away")
    def test_everybody_passes(self, key: UUID) -> None:
        assert [pace.count(key, 2) for _ in range(5)] == [None] * 5

    def test_one_that_hangs_is_asked_once_in_a_while(self, key: UUID, settings: Any) -> None:
        silent = Silent()
        address = f"redis://127.0.0.1:{silent.socket.getsockname()[1]}/0"
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}
        assert [pace.count(key, 2) for _ in range(200)] == [None] * 200
        assert len(silent.met) == 1
        silent.close()

    def test_nothing_is_held_against_anybody_afterwards(self, key: UUID, settings: Any) -> None:
        there = settings.CACHES
        settings.CACHES = {"default": {**there["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
        assert passes(key, 2, 9) == [True] * 9
        settings.CACHES = there
        pace._redis.cache_clear()
        pace._asked_again_at = 0.0
        assert passes(key, 2, 3) == [True, True, False]


class TestOverTheApi:
    def test_an_answer_tells_what_is_left_and_a_429_when_to_come_back(
        self, shop: Shop, now: list[float]
    ) -> None:
        shop.change(requests_per_minute=2)
        now[0] += 20
        first, second, third = (shop.get("/api/v1/events/") for _ in range(3))

        assert (first["RateLimit-Policy"], first["RateLimit"]) == (
            '"key";q=2;w=60',
            '"key";r=1;t=40',
        )
        assert (second.status_code, second["RateLimit"]) == (200, '"key";r=0;t=40')
        assert (third.status_code, third["RateLimit"]) == (429, '"key";r=0;t=40')
        assert (third["Retry-After"], third["Content-Type"]) == ("40", "application/problem+json")
        assert third.json()["code"] == "throttled"
        assert third.json()["retry_after"] == 40
        now[0] += 40
        assert shop.get("/api/v1/events/").status_code == 200

    def test_a_stopped_request_does_nothing(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.change(requests_per_minute=1)
        body = document()
        assert shop.get("/api/v1/orders/").json()["results"] == []
        assert shop.post(body, key="k").status_code == 429
        shop.change(requests_per_minute=0)
        answer = shop.post(body, key="k")
        assert (answer.status_code, answer.has_header("RateLimit")) == (201, False)

    def test_what_a_channel_does_not_say_the_house_does(self, shop: Shop, settings: Any) -> None:
        settings.API_REQUESTS_PER_MINUTE = 1
        callers.forget()
        assert Channel.objects.get().requests_per_minute is None
        assert [shop.get("/api/v1/events/").status_code for _ in range(2)] == [200, 429]

    def test_who_may_not_come_in_is_not_counted(self, shop: Shop) -> None:
        shop.change(requests_per_minute=1)
        right, shop.key = shop.key, "kapell_nonsense"
        assert [shop.get("/api/v1/events/").status_code for _ in range(2)] == [401, 401]
        shop.key = right
        assert shop.get("/api/v1/events/").status_code == 200

    def test_counting_asks_the_database_nothing(
        self, shop: Shop, django_assert_num_queries: Any
    ) -> None:
        shop.get("/api/v1/events/")
        with django_assert_num_queries(1):
            shop.get("/api/v1/events/")
