"""*Today*: each number equals the list it opens."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from inventory.models import LowStockAlert, StockDifference
from orders.models import Order
from orders.services import holds
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import STAFF, Shop, document, line

TODAY = "/admin/"
TILE = re.compile(r'class="k-tile[^"]*" href="([^"]+)".*?<strong>([\d,]+)</strong>', re.DOTALL)
CAUSE = re.compile(r'<a href="([^"]+\?hold=\w+)">[^<]+</a></th><td class="k-num">([\d,]+)<')


@pytest.fixture
def busy(shop: Shop) -> Shop:
    shop.put("MUG", 60)
    shop.put("TEA")
    placed = [shop.place(line("MUG", 1)) for _ in range(8)]
    shop.place(line("TEA", 1))
    shop.place(line("NOPE", 1))
    holds.place(order_ids=[placed[0].pk], reason="x", actor=STAFF, at=clock.now())
    now = clock.now()
    for order, days in zip(placed[:5], (-3, -1, 0, 0, 2), strict=True):
        late = timedelta(days=days, seconds=-1 if days < 0 else 2)
        Order.objects.filter(pk=order.pk).update(ship_by=now + late)
    Order.objects.filter(pk=placed[7].pk).update(placed_at=now - timedelta(days=2))
    level = shop.put("TEA")
    LowStockAlert.objects.create(
        product=level.product, warehouse=level.warehouse, opened_at=now, available_then=0
    )
    StockDifference.objects.create(
        level=level, check_kind="ledger_on_hand", counted=1, expected=0, found_at=now
    )
    for _ in range(2):
        shop.post(document(currency="XXX"))
    return shop


def listed(client, address) -> int:
    """Count what a list shows, all its pages."""
    answer = client.get(address)
    body: str = answer.content.decode()
    if "/orders/order/" in address:
        return len(pages.numbers(answer))
    return body.count("<h2><a href=") if "difference" in address else body.count('<th scope="row">')


def test_each_number_equals_the_list_it_opens(as_role, busy):  # noqa: ARG001
    client = as_role("manager")
    body = client.get(TODAY).content.decode()
    tiles = TILE.findall(body)
    assert len(tiles) == 9
    assert {address.partition("=")[2] for address, _ in tiles} >= {"late", "today", "held", "short"}
    for address, number in tiles:
        assert listed(client, address) == int(number), address
    assert sum(int(number) for _, number in tiles) > 8


def test_each_cause_equals_the_list_it_opens(as_role, busy):  # noqa: ARG001
    client = as_role("sales")
    causes = CAUSE.findall(client.get(TODAY).content.decode())
    assert {address.partition("=")[2] for address, _ in causes} == {"manual", "unknown_product"}
    for address, number in causes:
        assert listed(client, address) == int(number) > 0


def test_numbers_of_somebody_limited_are_limited(as_role, busy):
    other = Shop(channel=ChannelFactory(), warehouse=busy.warehouse)
    other.place(line("MUG", 1))
    body = as_role("sales", channels=[other.channel]).get(TODAY).content.decode()
    assert dict(TILE.findall(body))[f"{pages.ORDERS}?view=new"] == "1"
    assert busy.channel.name not in body


def test_the_number_of_statements_is_fixed(as_role, busy):
    client = as_role("manager")

    def taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(TODAY)
        return len(captured)

    first = taken()
    for _ in range(5):
        busy.place(line("MUG", 1))
    assert taken() == first <= 20


def test_the_chart_is_told_in_words_too(as_role, busy):  # noqa: ARG001
    body = as_role("sales").get(TODAY).content.decode()
    assert re.search(r'role="img" aria-label="10 orders in 30 days; most on', body)
    assert 'data-type="bar"' in body


def test_an_empty_house_says_what_to_expect(as_role, shop):  # noqa: ARG001
    told = pages.text(as_role("sales").get(TODAY))
    assert "No orders yet" in told
    assert "Nothing is on hold." in told


def test_somebody_without_rights_is_told(as_role):
    client = as_role("sales")
    client.user.groups.clear()
    assert "Your account has no rights here." in pages.text(client.get(TODAY))


def test_a_day_begins_at_the_readers_midnight(as_role, shop):
    shop.put("MUG", 5)
    order = shop.place(line())
    now = clock.now()
    Order.objects.filter(pk=order.pk).update(placed_at=now - timedelta(hours=now.hour + 3))
    utc = as_role("sales", time_zone="UTC").get(pages.ORDERS, {"view": "new"})
    assert pages.numbers(utc) == []
