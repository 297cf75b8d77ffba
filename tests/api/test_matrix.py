"""Every address of the API × every kind of key × every method: who may pass, and what refusals say.

The addresses come from the URL configuration: one without an expectation here fails the suite.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver

from config import api
from config.kernel import callers, clock, keys
from config.kernel.api.doors import Door
from config.kernel.models import Channel
from orders.models import Order
from tests import traces
from tests.factories.orders import Shop, document, line

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Way:
    """What a method at an address needs, and what it answers to whom it lets pass."""

    scope: str
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


ANY_SKU = {"name": "Mug"}
RECEIPT = {"warehouse": "MAIN", "lines": [{"sku": "MUG", "quantity": 1}]}
ADJUSTMENT = {"warehouse": "MAIN", "sku": "MUG", "quantity": 1, "reason": "found"}

EXPECTED: dict[str, dict[str, Way]] = {
    "v1/orders/": {
        "GET": Way("orders:read"),
        "POST": Way("orders:write", 201, document(line("MUG"))),
    },
    "v1/orders/<str:number>/": {"GET": Way("orders:read")},
    "v1/orders/<str:number>/timeline/": {"GET": Way("orders:read")},
    "v1/orders/<str:number>/cancel/": {"POST": Way("orders:write", 200, {"reason": "x"})},
    "v1/orders/<str:number>/holds/": {"POST": Way("orders:write", 201, {"reason": "x"})},
    "v1/orders/<str:number>/holds/<str:kind>/release/": {
        "POST": Way("orders:write", 409, {"reason": "x"}),  # nothing is on hold
    },
    "v1/orders/<str:number>/notes/": {"POST": Way("orders:write", 201, {"text": "x"})},
    "v1/products/": {"GET": Way("products:read")},
    "v1/products/<sku:sku>/": {
        "GET": Way("products:read"),
        "PUT": Way("products:write", 200, ANY_SKU),
    },
    "v1/availability/": {"GET": Way("stock:read", query="?sku=MUG")},
    "v1/stock/": {"GET": Way("stock:read")},
    "v1/stock/receipts/": {"POST": Way("stock:write", 201, RECEIPT)},
    "v1/stock/adjustments/": {"POST": Way("stock:write", 201, ADJUSTMENT)},
    "v1/customers/": {"GET": Way("customers:read", query="?reference=17850")},
    "v1/events/": {"GET": Way("events:read")},
}
# Read by people and programs that have no key yet.
PUBLIC = {"schema/", "docs/", "docs/errors/"}
NOWHERE = ""


def addresses(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every route of the API with its view."""
    for one in api.urlpatterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        else:
            assert isinstance(one, URLPattern)
            yield route, one.callback


def test_every_address_has_an_expectation() -> None:
    found = dict(addresses())

    assert set(found) == {*EXPECTED, *PUBLIC, NOWHERE}
    for route, ways in EXPECTED.items():
        door = found[route].view_class
        assert issubclass(door, Door), route
        assert dict(door.scopes) == {method: way.scope for method, way in ways.items()}


@dataclass
class World:
    """A shop with an order, a second channel, and a key of every kind."""

    shop: Shop
    other: Shop
    order: Order
    keys: dict[str, str | None]

    def ask(self, route: str, method: str, key: str | None, number: str = "") -> Any:
        ways = EXPECTED[route]
        way = ways.get("GET" if method == "HEAD" else method, Way(""))
        names = {"<str:number>": number or self.order.number, "<str:kind>": "manual"}
        path = route.replace("<sku:sku>", "MUG")
        for name, value in names.items():
            path = path.replace(name, value)
        headers = {"Idempotency-Key": "matrix"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        unsafe = method in {"POST", "PUT", "PATCH"}
        return self.shop.client.generic(
            method,
            f"/api/{path}{way.query}",
            json.dumps(way.body) if unsafe else b"",
            content_type="application/json" if unsafe else "",
            headers=headers,
        )


@pytest.fixture
def world(shop: Shop) -> World:
    shop.put("MUG", 50)
    order = shop.place(line("MUG"))
    other = Shop(warehouse=shop.warehouse)
    at = clock.now()

    def make(channel: Channel = shop.channel, **more: Any) -> Any:
        return keys.create(channel=channel, name="x", **{"scopes": keys.SCOPES, **more})

    revoked, revoked_text = make()
    keys.revoke(key=revoked, at=at)
    closed = Shop(warehouse=shop.warehouse)
    closed.change(is_active=False)
    made = {
        "none": None,
        "malformed": shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B"),
        "unknown": shop.key[:16] + other.key[16:59] + keys._check(shop.key[:16] + other.key[16:59]),
        "revoked": revoked_text,
        "expired": make(expires_at=at - timedelta(seconds=1))[1],
        "of a closed channel": closed.key,
    }
    callers.forget()
    return World(shop, other, order, made)


STRANGERS = ["none", "malformed", "unknown", "revoked", "expired", "of a closed channel"]


@pytest.mark.parametrize("kind", STRANGERS)
def test_without_a_valid_key_nobody_learns_or_does_anything(world: World, kind: str) -> None:
    before = traces.of_everything()
    for route, method in itertools.product(EXPECTED, METHODS):
        answer = world.ask(route, method, world.keys[kind])
        assert answer.status_code == 401, (route, method)
        assert answer["WWW-Authenticate"] == 'Bearer realm="kapell"'
        if method != "HEAD":
            code = "not_authenticated" if kind == "none" else "invalid_key"
            assert answer.json()["code"] == code
    assert traces.of_everything() == before


@pytest.mark.parametrize("route", EXPECTED)
def test_a_key_without_the_scope_is_told_which_one_it_lacks(world: World, route: str) -> None:
    for method, way in EXPECTED[route].items():
        others = [scope for scope in keys.SCOPES if scope != way.scope]
        _, key = keys.create(channel=world.shop.channel, name="x", scopes=others)
        callers.forget()
        before = traces.of_everything()
        for tried in (method, "HEAD") if method == "GET" else (method,):
            answer = world.ask(route, tried, key)
            assert answer.status_code == 403, tried
            assert answer["Content-Type"] == "application/problem+json"
        answer = world.ask(route, method, key).json()
        assert (answer["code"], answer["scope"]) == ("scope_missing", way.scope)
        assert traces.of_everything() == before


@pytest.mark.parametrize("route", EXPECTED)
def test_the_right_key_passes_by_the_right_methods_only(world: World, route: str) -> None:
    ways = EXPECTED[route]
    for method in METHODS:
        answer = world.ask(route, method, world.shop.key)
        way = ways.get("GET" if method == "HEAD" else method)
        assert answer.status_code == (way.status if way else 405), (method, answer.content)
        if way is None:
            allowed = {*ways, "HEAD"} if "GET" in ways else {*ways}
            assert set(answer["Allow"].split(", ")) == allowed


def test_another_channels_order_looks_like_an_unknown_one(world: World) -> None:
    before = traces.of_everything()
    of_orders = [route for route in EXPECTED if "<str:number>" in route]
    assert len(of_orders) == 6
    for route, method in ((one, method) for one in of_orders for method in EXPECTED[one]):
        foreign = world.ask(route, method, world.other.key)
        unknown = world.ask(route, method, world.other.key, number="SO-1")
        assert foreign.status_code == 404, foreign.content
        assert foreign.content == unknown.content
        assert dict(foreign.items()).keys() == dict(unknown.items()).keys()
    assert traces.of_everything() == before


def test_lists_hold_nothing_of_another_channel(world: World) -> None:
    for route in ("v1/orders/", "v1/customers/"):
        own = world.ask(route, "GET", world.shop.key).json()["results"]
        assert len(own) == 1, route
        assert world.ask(route, "GET", world.other.key).json()["results"] == []


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_what_needs_no_key_is_only_read(world: World, route: str) -> None:
    assert world.shop.client.get(f"/api/{route}").status_code == 200
    before = traces.of_everything()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert world.shop.client.generic(method, f"/api/{route}").status_code == 405, method
    assert traces.of_everything() == before


@pytest.mark.parametrize("path", ["", "v1/", "v1/nothing/", "v2/orders/", "v1/orders/x/y/"])
def test_an_unknown_address_is_a_404_like_an_unknown_order(world: World, path: str) -> None:
    answer = world.shop.get(f"/api/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
