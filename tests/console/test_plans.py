"""No page of the order desk reads a whole big table, however it is narrowed down or searched.

Sequential scans are priced out, so one that is planned all the same has no index to turn to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, prepared
from orders.models import Order
from orders.queries import views
from orders.services import holds, tagging
from tests.console import pages
from tests.factories.orders import ADDRESS, STAFF, Shop, line

BIG = {
    "customers_customer", "customers_customerreference", "inventory_reservation",
    "inventory_stockmovement", "kernel_event", "orders_hold", "orders_intake", "orders_order",
    "orders_orderline", "orders_ordernote", "orders_payment",
}  # fmt: skip
WHOLE = re.compile(r"Seq Scan on (\w+)")

FILTERS = [
    {}, {"hold": "manual"}, {"payment": "pending"}, {"fulfilment": "shipped"}, {"priority": "10"},
    {"status": "cancelled"}, {"since": "2026-11-01", "until": "2026-11-30"}, {"sku": "MUG"},
    {"tag": "VIP"}, {"sort": "oldest"}, {"p": "3"},
    {"sku": "MUG", "since": "2026-11-22", "since_time": "14:05"},
]  # fmt: skip
TERMS = [
    "SO-100042", "100 042", "WEB-10001", "PO-7", "ann@example.test", "020 7946 0018", "SW1A 1AA",
    "Example", "ann exam", "MUG", "ch_77",
]  # fmt: skip


@pytest.fixture
def order(shop: Shop) -> Order:
    cache.clear()
    shop.put("MUG", 50)
    customer = {"reference": "1", "name": "Ann Example", "email": "ann@example.test"}
    placed = [
        shop.place(line(), customer=customer, shipping_address=ADDRESS, customer_order_number="PO")
        for _ in range(8)
    ]
    holds.place(order_ids=[placed[0].pk], reason="x", actor=STAFF, at=clock.now())
    tagging.tag(order_ids=[placed[1].pk], name="VIP", actor=STAFF, at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return placed[2]


@contextmanager
def asked(monkeypatch) -> Iterator[list[tuple[str, object]]]:
    """Every statement that runs within the block, with its values."""
    found: list[tuple[str, object]] = []
    run = prepared.run

    def noted(session, statement, params, **more):
        found.append((statement, params))
        return run(session, statement, params, **more)

    monkeypatch.setattr(prepared, "run", noted)
    with CaptureQueriesContext(connection) as captured:
        yield found
    by_hand = {statement for statement, _params in found}
    by_django = {one["sql"] for one in captured} - by_hand
    found.extend((statement, None) for statement in by_django)


def read_whole(statements) -> dict[str, set[str]]:
    """The statements that read a big table from end to end, with those tables."""
    wrong = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for statement, params in dict(statements).items():
            if not statement.lstrip().upper().startswith(("SELECT", "WITH", "(SELECT")):
                continue
            cursor.execute(f"EXPLAIN {statement}", params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            tables = BIG.intersection(WHOLE.findall(plan))
            if tables:
                wrong[statement] = tables
        cursor.execute("SET LOCAL enable_seqscan = on")
    return wrong


@pytest.mark.parametrize("view", views.VIEWS)
def test_a_list_however_narrowed_down(monkeypatch, as_role, order, view):  # noqa: ARG001
    client = as_role("sales")
    with asked(monkeypatch) as statements:
        for params in FILTERS:
            assert client.get(pages.ORDERS, {"view": view, **params}).status_code == 200
    assert read_whole(statements) == {}
    assert not any("COUNT(*)" in text and "orders_order" in text for text, _ in statements)


@pytest.mark.parametrize("limited", [False, True], ids=["everybody", "limited"])
def test_a_search(monkeypatch, as_role, shop, order, limited):  # noqa: ARG001
    client = as_role("sales", channels=[shop.channel] if limited else [])
    with asked(monkeypatch) as statements:
        for term in TERMS:
            client.get(pages.ORDERS, {"q": term})
            client.get("/admin/search/", {"s": term, "extended": "1"})
            assert shop.get("/api/v1/orders/", search=term).status_code == 200
    assert read_whole(statements) == {}


def test_the_counts_of_all_views(monkeypatch, as_role, order):  # noqa: ARG001
    client = as_role("sales")
    with asked(monkeypatch) as statements:
        assert client.get(f"{pages.ORDERS}view-counts/").status_code == 200
    assert read_whole(statements) == {}


def test_an_orders_page(monkeypatch, as_role, order):
    client = as_role("sales")
    with asked(monkeypatch) as statements:
        assert client.get(pages.page_of(order)).status_code == 200
    assert read_whole(statements) == {}


def test_a_whole_table_read_is_noticed(order):  # noqa: ARG001
    wrong = read_whole([("SELECT * FROM orders_order WHERE note = 'x'", None)])
    assert list(wrong.values()) == [{"orders_order"}]
