"""One search for whatever people have in hand."""

import pytest

from orders.models import Order
from orders.queries import search
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import ADDRESS, Shop, line

KINDS = [
    ("SO-100042", {"number", "reference", "theirs", "payment", "sku", "phone", "postcode"}),
    ("100042", {"number", "reference", "theirs", "payment", "sku", "phone", "postcode"}),
    ("ann@example.test", {"email"}),
    ("020 7946 0018", {"reference", "theirs", "payment", "sku", "phone"}),
    ("+44 20 7946 0018", {"reference", "theirs", "payment", "sku", "phone"}),
    ("SW1A 1AA", {"reference", "theirs", "payment", "sku", "postcode"}),
    ("85123A", {"reference", "theirs", "payment", "sku", "postcode"}),
    ("Ann Example", {"reference", "theirs", "payment", "sku", "name", "company"}),
    ("SO 100 042", {"number", "reference", "theirs", "payment", "sku", "postcode"}),
    ("WEB-10001", {"reference", "theirs", "payment", "sku", "postcode"}),
]


@pytest.mark.parametrize(("term", "kinds"), KINDS)
def test_a_term_is_looked_up_as_all_it_can_mean(term, kinds):
    found = {arm.kind for arm in search.classify(term)}
    assert found == kinds - ({"phone"} if term.startswith("SO") else set())


def test_nothing_is_looked_up_for_nothing():
    assert search.classify("  ") == []


@pytest.fixture
def order(shop: Shop) -> Order:
    shop.put("MUG", 10)
    shop.place(line("TEA", 1), reference="OTHER-1", customer=None, shipping_address=None)
    return shop.place(
        line("MUG", 2),
        reference="WEB-10001",
        customer={
            "reference": "17850",
            "name": "Ann Example",
            "company": "Example & Sons",
            "email": "Ann@Example.test",
            "phone": "020 7946 0018",
        },
        shipping_address=ADDRESS,
        payments=[{"method": "card", "status": "paid", "amount": "20.00", "reference": "ch_77"}],
        customer_order_number="PO-1001/7",
    )


@pytest.mark.parametrize(
    "term",
    [
        "SO-{number}", "{number}", "so {number}", "WEB-10001", "ann@example.TEST", "mug",
        "020 7946 0018", "+442079460018", "sw1a1aa", "SW1A 1AA", "ann ex", "ANN", "example &",
        "ch_77", "PO-1001/7", "po-1001/7", " SO - {number}\n", "SO {number}", "WEB- 10001",
        "web-10001",
        "Example", "exam", "sons", "sons exa", "example ann", "Ann  Exampl",
    ],
)  # fmt: skip
def test_it_is_found_by(term, order):
    asked = term.format(number=order.number.removeprefix("SO-"))
    assert search.find(term=asked, orders=Order.objects.all()) == [order.pk]


@pytest.mark.parametrize(
    "term",
    [
        "WEB-1000",
        "ann@",
        "nobody",
        "%",
        "_nn",
        "'; --",
        "\\",
        "xample",
        "ann nobody",
        "':*",
        "& |",
        "PO-1001",
        "...",
        "!!! ???",
    ],
)
def test_what_nobody_has_finds_nothing(term, order):  # noqa: ARG001
    assert search.find(term=term, orders=Order.objects.all()) == []


def test_finding_takes_one_statement(order, django_assert_num_queries):  # noqa: ARG001
    with django_assert_num_queries(1):
        search.find(term="Ann Example", orders=Order.objects.all())


def test_exactly_one_hit_opens_the_order(as_role, order):
    answer = as_role("sales").get(pages.ORDERS, {"q": "WEB-10001"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == pages.page_of(order)


def test_several_hits_are_listed(as_role, shop, order):
    other = shop.place(line("MUG", 1), reference="WEB-10002")
    answer = as_role("sales").get(pages.ORDERS, {"q": "mug"})
    assert pages.numbers(answer) == [other.number, order.number]


def test_no_hit_says_so_and_shows_the_term_as_text(as_role, order):  # noqa: ARG001
    answer = as_role("sales").get(pages.ORDERS, {"q": "<script>alert(1)</script>"})
    assert "Nothing found for “<script>alert(1)</script>”" in pages.text(answer)
    assert b"<script>alert(1)" not in answer.content


def test_another_channels_order_is_not_found(as_role, order):
    answer = as_role("sales", channels=[ChannelFactory()]).get(pages.ORDERS, {"q": "WEB-10001"})
    assert pages.numbers(answer) == []
    assert "Nothing found" in pages.text(answer)
    assert order.number not in answer.content.decode()


def test_the_palette_finds_orders_products_and_customers(as_role, order):
    client = as_role("sales")
    for term, found in [
        ("WEB-10001", order.number),
        ("mug", "MUG"),
        ("example &", "Example & Sons"),
    ]:
        answer = client.get("/admin/search/", {"s": term, "extended": "1"})
        assert found in pages.text(answer)
