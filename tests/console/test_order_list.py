"""The list of orders: what it shows, in which order, in how many statements."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from orders.models import Order
from orders.queries import console
from orders.services import holds
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import STAFF, Shop, line

MOST_STATEMENTS = 10


def statements(client, address, **params):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address, params)
    assert answer.status_code == 200
    return [query["sql"] for query in captured]


@pytest.fixture
def fifty(shop: Shop) -> list[Order]:
    shop.put("MUG", 40)
    return [shop.place(line("MUG", 1)) for _ in range(console.PER_PAGE + 1)]


@pytest.mark.parametrize("params", [{}, {"view": "all"}, {"view": "late"}, {"q": "mug"}])
def test_a_page_takes_at_most_ten_statements_and_counts_nothing(as_role, shop, fifty, params):  # noqa: ARG001
    asked = statements(as_role("sales", channels=[shop.channel]), pages.ORDERS, **params)
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)
    of_orders = [sql for sql in asked if "orders_order" in sql]
    assert not any("COUNT(*)" in sql for sql in of_orders)


def test_a_page_takes_eight_statements_once_tags_are_remembered(as_role, shop, fifty):  # noqa: ARG001
    client = as_role("superuser")
    client.get(pages.ORDERS)
    assert len(statements(client, pages.ORDERS)) <= 8


def test_the_number_of_statements_does_not_grow(as_role, shop):
    shop.put("MUG", 5)
    shop.place(line("MUG", 1))
    client = as_role("sales")
    client.get(pages.ORDERS)  # tags are remembered for half a minute
    few = len(statements(client, pages.ORDERS))
    for _ in range(12):
        shop.place(line("MUG", 1))
    assert len(statements(client, pages.ORDERS)) == few


def test_fifty_are_on_a_page_and_the_rest_on_the_next(as_role, fifty):
    client = as_role("sales")
    first = client.get(pages.ORDERS, {"view": "all"})
    second = client.get(pages.ORDERS, {"view": "all", "p": "2"})
    newest_first = [order.number for order in reversed(fifty)]
    assert pages.numbers(first) == newest_first[:50]
    assert pages.numbers(second) == newest_first[50:]
    assert 'rel="next"' in first.content.decode()
    assert 'rel="next"' not in second.content.decode()
    assert 'rel="prev"' in second.content.decode()


def test_work_is_sorted_by_priority_then_ship_by(as_role, shop):
    shop.put("MUG", 50)
    normal = shop.place(line())
    low = shop.place(line(), priority="low")
    urgent = shop.place(line(), priority="urgent")
    late = shop.place(line())
    Order.objects.filter(pk=late.pk).update(ship_by=clock.now() - timedelta(days=3))
    shown = pages.numbers(as_role("sales").get(pages.ORDERS))
    assert shown == [urgent.number, late.number, normal.number, low.number]


def test_a_row_says_state_reason_and_who_acts(as_role, shop):
    shop.put("MUG", 1)
    shop.place(line("MUG", 3))
    told = pages.text(as_role("sales").get(pages.ORDERS))
    assert "Partly ready 1 unit can go, waiting for 2 × MUG – Purchasing" in told


def test_a_late_order_is_marked_in_words_too(as_role, shop):
    shop.put("MUG", 1)
    order = shop.place(line())
    Order.objects.filter(pk=order.pk).update(ship_by=clock.now() - timedelta(days=1))
    answer = as_role("sales").get(pages.ORDERS, {"view": "late"})
    assert 'class="k-late"' in answer.content.decode()
    assert "Late" in pages.text(answer)


@pytest.fixture
def different(shop: Shop) -> dict[str, Order]:
    shop.put("MUG", 50)
    paid = [{"method": "card", "status": "paid", "amount": "10.00"}]
    orders = {
        "plain": shop.place(line(), payments=paid),
        "urgent": shop.place(line(), priority="urgent"),
        "held": shop.place(line(), payments=paid),
        "short": shop.place(line("TEA", 2) if shop.put("TEA") else line()),
        "unknown": shop.place(line("NOPE")),
    }
    holds.place(order_ids=[orders["held"].pk], reason="Call first", actor=STAFF, at=clock.now())
    return orders


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"view": "held"}, {"held", "unknown"}),
        ({"view": "short"}, {"short"}),
        ({"hold": "manual"}, {"held"}),
        ({"hold": "unknown_product"}, {"unknown"}),
        ({"payment": "paid"}, {"plain", "held"}),
        ({"priority": "10"}, {"urgent"}),
        ({"sku": "tea"}, {"short"}),
        ({"status": "cancelled", "view": "all"}, set()),
        ({"fulfilment": "shipped", "view": "all"}, set()),
        ({"since": "2999-01-01"}, set()),
        ({"until": "2999-01-01", "sku": "TEA"}, {"short"}),
        ({"view": "nonsense", "hold": "nonsense", "p": "x", "channel": "x"}, "all"),
        ({"p": "99999999999"}, "all"),
    ],
)
def test_filters_keep_what_they_name(as_role, different, params, shown):
    wanted = different.keys() if shown == "all" else shown
    found = pages.numbers(as_role("sales").get(pages.ORDERS, params))
    assert sorted(found) == sorted(different[name].number for name in wanted)


def test_a_filter_by_channel(as_role, shop, different):
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
    order = other.place(line())
    client = as_role("sales")
    assert pages.numbers(client.get(pages.ORDERS, {"channel": other.channel.pk})) == [order.number]
    assert len(pages.numbers(client.get(pages.ORDERS))) == len(different) + 1


def test_somebody_limited_to_a_channel_sees_only_its_orders(as_role, shop, different):  # noqa: ARG001
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
    order = other.place(line())
    client = as_role("sales", channels=[other.channel])
    assert pages.numbers(client.get(pages.ORDERS)) == [order.number]
    assert shop.channel.name not in pages.text(client.get(pages.ORDERS))


def test_what_customers_write_is_shown_as_text(as_role, shop):
    evil = "<img src=x onerror=alert(1)>{{ 7 }}%(x)s{0}"
    address = {"name": evil, "line1": "1", "city": "L", "postal_code": "SW1A 1AA", "country": "GB"}
    shop.put("MUG", 1)
    shop.place(line(), reference=f"R-{evil}", shipping_address=address, customer={"name": evil})
    answer = as_role("sales").get(pages.ORDERS)
    assert b"<img src=x" not in answer.content
    assert evil in pages.text(answer)


def test_an_empty_list_says_what_will_stand_there(as_role, shop):  # noqa: ARG001
    assert "No orders here" in pages.text(as_role("sales").get(pages.ORDERS))


def test_who_may_not_read_orders_is_refused(as_role):
    client = as_role("sales")
    client.user.groups.clear()
    assert client.get(pages.ORDERS).status_code == 403


def test_nobody_signed_in_is_sent_to_the_door(client, db):  # noqa: ARG001
    answer = client.get(pages.ORDERS)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


def test_filters_that_are_on_can_be_taken_off_one_by_one(as_role, different):  # noqa: ARG001
    asked = {"hold": "manual", "payment": "paid", "since": "2026-01-05"}
    body = as_role("sales").get(pages.ORDERS, asked).content.decode()
    chips = dict(re.findall(r'class="k-chip" href="([^"]+)">([^<]+)<', body))
    assert sorted(chips.values()) == ["Manual", "Paid", "from 5 Jan"]
    without = {text: address for address, text in chips.items()}["Manual"]
    assert "hold=" not in without
    assert "payment=paid" in without


def test_a_test_order_is_marked_and_only_among_all(as_role, shop):
    shop.put("MUG", 5)
    live = shop.place(line())
    shop.change(is_test=True)
    test = shop.place(line())
    client = as_role("sales")
    assert pages.numbers(client.get(pages.ORDERS)) == [live.number]
    everything = client.get(pages.ORDERS, {"view": "all"})
    assert sorted(pages.numbers(everything)) == sorted([live.number, test.number])
    assert pages.text(everything).count("TEST") == 1
    assert "TEST" in pages.text(client.get(pages.page_of(test)))
