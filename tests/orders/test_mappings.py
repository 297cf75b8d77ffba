"""A channel's own SKUs: what is placed by a mapping, and what goes on when one is saved."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.errors import Invalid
from inventory.models import Price, Product
from orders import tasks
from orders.errors import AlreadyMapped, NothingToCancel
from orders.models import Hold, Order, OrderLine, ProductMapping
from orders.queries import demand, views
from orders.services import cancellation, mappings, recognition
from orders.services.cancellation import Part as Cancelled
from orders.services.mappings import Part
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, counters, document, line


def mapped(shop: Shop, sku: str, *parts: tuple[Any, ...], **more: Any) -> ProductMapping:
    """Map a SKU of the shop's channel to (SKU, units, share) each."""
    return mappings.add(
        channel_id=shop.channel.pk,
        sku=sku,
        parts=[
            Part(Product.objects.get(sku_key=known.lower()).pk, *(Decimal(x) for x in rest))
            for known, *rest in parts
        ],
        **more,
    )


def kinds(order: Order) -> list[str]:
    return sorted(Hold.objects.filter(order=order, status="open").values_list("kind", flat=True))


class TestPlacing:
    def test_another_name_is_the_product_itself(self, shop: Shop) -> None:
        level = shop.put("MUG", 5)
        mapped(shop, "Tasse-1", ("MUG",))
        answer = shop.post(document(line("TASSE-1", quantity=2))).json()
        one = OrderLine.objects.get()

        assert (one.sku, one.product.sku, one.set_quantity) == ("TASSE-1", "MUG", None)
        assert (answer["lines"][0]["sku"], answer["lines"][0]["reserved"]) == ("TASSE-1", 2)
        assert answer["lines"][0]["components"] == []
        assert counters(level) == (5, 0, 2)

    def test_a_multipack_is_so_many_units(self, shop: Shop) -> None:
        level = shop.put("MUG", 20)
        mapped(shop, "MUG-6PK", ("MUG", 6))
        answer = shop.post(document(line("MUG-6PK", quantity=2, unit_price="50.00"))).json()
        sent = answer["lines"][0]

        assert counters(level) == (20, 0, 12)
        assert len(answer["lines"]) == 1
        assert (sent["sku"], sent["quantity"], sent["unit_price"]) == ("MUG-6PK", 2, "50.00")
        assert (sent["reserved"], sent["amount"], sent["tax_amount"]) == (2, "100.00", "16.67")
        assert [
            (part["sku"], part["quantity_each"], part["quantity"], part["reserved"])
            for part in sent["components"]
        ] == [("MUG", 6, 12, 12)]

    def test_a_set_shares_its_price(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.put("TEA", 5)
        shop.price("MUG", "10.00")
        shop.price("TEA", "5.00")
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 2))
        answer = shop.post(
            document(
                line("TEA"), line("GIFT", unit_price="16.67", quantity=1), discount_amount="1.00"
            )
        )
        order = Order.objects.get()
        gift = answer.json()["lines"][1]

        assert [part["amount"] for part in gift["components"]] == ["8.34", "8.33"]
        assert [part["quantity"] for part in gift["components"]] == [1, 2]
        assert sum(Decimal(part["net_amount"]) for part in gift["components"]) == Decimal(
            gift["net_amount"]
        )
        assert sum(one.amount for one in order.lines.all()) == order.subtotal_amount
        assert [one.position for one in order.lines.order_by("position")] == [1, 2, 3, 4]
        assert shop.get(answer["Location"]).json() == answer.json()

    def test_fixed_shares_win_over_list_prices(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.put("TEA", 5)
        shop.price("MUG", "10.00")
        shop.price("TEA", "10.00")
        mapped(shop, "GIFT", ("MUG", 1, "90"), ("TEA", 1, "10"))
        answer = shop.post(document(line("GIFT", unit_price="20.00"))).json()

        assert [one["amount"] for one in answer["lines"][0]["components"]] == ["18.00", "2.00"]

    def test_a_mapping_wins_over_a_product_of_that_name(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        other = shop.put("CUP", 5)
        mapped(shop, "MUG", ("CUP",))
        shop.place(line("MUG", quantity=2))

        assert counters(other) == (5, 0, 2)

    def test_it_is_the_channels_own(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        mapped(shop, "CUP", ("MUG",))
        elsewhere = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)

        assert kinds(elsewhere.place(line("CUP"))) == ["unknown_product"]

    def test_a_product_in_a_line_and_in_a_set_is_one_demand(self, shop: Shop) -> None:
        level = shop.put("MUG", 5)
        mapped(shop, "MUG-3PK", ("MUG", 3))
        order = shop.place(line("MUG", quantity=3), line("MUG-3PK"))

        assert counters(level) == (5, 0, 5)
        assert buckets(order) == [{"reserved": 3}, {}, {"reserved": 2, "backordered": 1}]

    def test_a_set_with_a_product_no_longer_sold_is_unknown(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.put("TEA", 5)
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 1))
        Product.objects.filter(sku="TEA").update(is_active=False)

        assert kinds(shop.place(line("GIFT"))) == ["unknown_product"]

    def test_a_price_is_compared_with_what_its_parts_cost(self, shop: Shop) -> None:
        shop.change(price_tolerance_percent=10)
        shop.put("MUG", 50)
        shop.price("MUG", "10.00")
        mapped(shop, "MUG-3PK", ("MUG", 3))
        mapped(shop, "OFFER-3PK", ("MUG", 3), checks_price=False)
        good, wrong = (shop.place(line("MUG-3PK", unit_price=at)) for at in ("29.00", "3.99"))

        assert (kinds(good), kinds(wrong)) == ([], ["price"])
        assert Hold.objects.get().params == {
            "lines": [{"sku": "MUG-3PK", "price": "3.99", "expected": "30.000000"}]
        }
        assert kinds(shop.place(line("OFFER-3PK", unit_price="20.00"))) == []

    def test_partial_cancels_whole_sets(self, shop: Shop) -> None:
        shop.change(shortage_policy="partial")
        mug, tea = shop.put("MUG", 10), shop.put("TEA", 5)
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 2))
        order = shop.place(line("GIFT", quantity=4))

        assert buckets(order) == [
            {},
            {"reserved": 2, "cancelled": 2},
            {"reserved": 4, "cancelled": 4},
        ]
        assert (counters(mug), counters(tea)) == ((10, 0, 2), (5, 0, 4))

    def test_what_looks_like_the_same_order_is_found_by_what_was_sent(self, shop: Shop) -> None:
        shop.change(duplicate_check=True)
        shop.put("MUG", 50)
        mapped(shop, "MUG-3PK", ("MUG", 3))
        shop.place(line("MUG-3PK", quantity=2))

        assert kinds(shop.place(line("MUG-3PK", quantity=2))) == ["duplicate"]
        assert kinds(shop.place(line("MUG", quantity=6))) == []

    def test_a_mapped_order_takes_no_statement_more(self, shop: Shop) -> None:
        shop.put("MUG", 5000)
        shop.put("TEA", 5000)
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 2))
        shop.place()
        for lines in ([line("GIFT")], [line("MUG"), line("GIFT"), line("TEA")] * 50):
            with CaptureQueriesContext(connection) as queries:
                shop.place(*lines)
            statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
            assert len(statements) == 4  # three, and the test's own look at the order


class TestAfterwards:
    @pytest.fixture
    def gift(self, shop: Shop) -> Order:
        shop.put("MUG", 10)
        shop.put("TEA", 10)
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 2))
        return shop.place(line("GIFT", quantity=3), line("MUG"))

    def cancel(self, shop: Shop, order: Order, **line: int) -> Any:
        body = {"reason": "x", "lines": [line]}
        return shop.post(body, key=f"{line}", path=f"/api/v1/orders/{order.number}/cancel/")

    def test_one_sold_unit_is_cancelled_with_all_its_parts(self, shop: Shop, gift: Order) -> None:
        answer = self.cancel(shop, gift, position=1, quantity=1)

        assert answer.status_code == 200
        sent = answer.json()["lines"][0]
        assert (sent["quantity"], sent["cancelled"], sent["reserved"]) == (3, 1, 2)
        assert buckets(gift) == [
            {}, {"reserved": 1}, {"cancelled": 1, "reserved": 2}, {"cancelled": 2, "reserved": 4},
        ]  # fmt: skip

    def test_no_more_sets_than_were_sold(self, shop: Shop, gift: Order) -> None:
        assert self.cancel(shop, gift, position=1, quantity=4).status_code == 409
        sent = OrderLine.objects.get(order=gift, sku="GIFT")
        with pytest.raises(NothingToCancel):
            cancellation.cancel(
                order_id=gift.pk, parts=[Cancelled(sent.pk, 4)], reason="", actor=STAFF, at=AT
            )
        assert OrderLine.objects.filter(order=gift, cancelled__gt=0).count() == 0

    def test_a_component_is_not_addressed_over_the_api(self, shop: Shop, gift: Order) -> None:
        assert self.cancel(shop, gift, position=3, quantity=1).json()["code"] == "line_not_found"

    def test_all_of_it_is_cancelled(self, shop: Shop, gift: Order) -> None:
        path = f"/api/v1/orders/{gift.number}/cancel/"
        answer = shop.post({"reason": "x"}, key="all", path=path).json()

        assert (answer["status"], answer["lines"][0]["cancelled"]) == ("cancelled", 3)

    def test_it_is_found_by_the_sent_sku_and_by_its_products(self, shop: Shop, gift: Order) -> None:
        for sku in ("gift", "TEA"):
            found = shop.get("/api/v1/orders/", sku=sku).json()["results"]
            assert [one["number"] for one in found] == [gift.number]


class TestSaving:
    def test_a_mapping_lets_every_waiting_order_go_on(self, shop: Shop) -> None:
        """D2: 40 orders wait for a multipack; mapping it leaves no hold and reserves once."""
        level = shop.put("85123A", 200)
        orders = [shop.place(line("85123A-3PK", unit_price="7.65")) for _ in range(40)]
        mapping = mapped(shop, "85123a-3pk", ("85123A", 3))
        assert all(kinds(order) == ["unknown_product"] for order in orders)

        tasks.recognise_products()
        tasks.recognise_products()
        assert Hold.objects.filter(status="open").count() == 0
        assert counters(level) == (200, 0, 120)
        mapping.refresh_from_db()
        assert (mapping.went_on, mapping.waits) == (40, {})
        orders[0].refresh_from_db()
        assert (orders[0].is_held, orders[0].released_at is None) == (False, False)
        shown = shop.get(f"/api/v1/orders/{orders[0].number}/").json()["lines"][0]
        assert (shown["sku"], shown["quantity"], shown["amount"]) == ("85123A-3PK", 1, "7.65")
        assert shown["components"][0]["quantity"] == 3

    def test_what_waits_for_something_else_is_told(self, shop: Shop) -> None:
        shop.change(price_tolerance_percent=10)
        shop.put("MUG", 50)
        shop.price("MUG", "10.00")
        fine = [shop.place(line("CUP", unit_price="9.99")) for _ in range(3)]
        dear = shop.place(line("CUP", unit_price="99.00"))
        other = shop.place(line("CUP", unit_price="9.99"), line("NEVER", unit_price="1.00"))
        mapping = mapped(shop, "CUP", ("MUG",))

        assert recognition.recognise(actor=STAFF, at=AT) == 5
        mapping.refresh_from_db()
        assert (mapping.went_on, mapping.waits) == (3, {"price": 1, "unknown_product": 1})
        assert [kinds(order) for order in fine] == [[], [], []]
        assert kinds(dear) == ["price"]
        assert Hold.objects.get(order=other, status="open").params == {"skus": ["NEVER"]}

    def test_a_half_cancelled_line_keeps_what_is_cancelled(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        order = shop.place(line("MUG-3PK", quantity=5))
        sent = order.lines.get()
        cancellation.cancel(
            order_id=order.pk, parts=[Cancelled(sent.pk, 2)], reason="", actor=STAFF, at=AT
        )
        mapped(shop, "MUG-3PK", ("MUG", 3))
        recognition.recognise(actor=STAFF, at=AT)

        assert buckets(order) == [{}, {"cancelled": 6, "reserved": 9}]
        shown = shop.get(f"/api/v1/orders/{order.number}/").json()["lines"][0]
        assert (shown["quantity"], shown["cancelled"], shown["reserved"]) == (5, 2, 3)

    def test_shares_by_the_orders_currency(self, shop: Shop) -> None:
        shop.change(currencies=["GBP", "JPY"])
        shop.put("MUG", 50)
        shop.put("TEA", 50)
        for sku, price in (("MUG", 300), ("TEA", 100)):
            product = Product.objects.get(sku=sku)
            Price.objects.create(product=product, currency="JPY", list_price=price)
        order = shop.place(line("GIFT", unit_price="501"), currency="JPY")
        mapped(shop, "GIFT", ("MUG", 1), ("TEA", 1))
        recognition.recognise(actor=STAFF, at=AT)

        parts = order.lines.exclude(parent_line=None).order_by("position")
        assert [one.amount for one in parts] == [376, 125]

    def test_an_order_placed_by_it_keeps_what_it_got(self, shop: Shop) -> None:
        shop.put("MUG", 50)
        shop.put("CUP", 50)
        mapping = mapped(shop, "X", ("MUG",))
        order = shop.place(line("X"))
        mappings.remove(mapping_id=mapping.pk)
        mapped(shop, "X", ("CUP",))

        assert order.lines.get().product.sku == "MUG"

    def test_what_makes_no_sense_is_refused_whole(self, shop: Shop) -> None:
        shop.put("MUG", 1)
        shop.put("TEA", 1)
        mapped(shop, "ONCE", ("MUG",))
        with pytest.raises(AlreadyMapped):
            mapped(shop, "once", ("TEA",))
        for parts in ([], [("MUG",), ("MUG", 2)], [("MUG", 0)], [("MUG", 1, 60), ("TEA", 1, 30)]):
            with pytest.raises(Invalid):
                mapped(shop, "NEW", *parts)
        assert ProductMapping.objects.count() == 1


def test_a_product_is_found_by_all_its_names(shop: Shop) -> None:
    level = shop.put("MUG", 50)
    mapped(shop, "CUP", ("MUG",))
    mapped(shop, "MUG-6PK", ("MUG", 6))
    orders = [shop.place(line(sku)) for sku in ("MUG", "CUP", "MUG-6PK")]
    shop.put("TEA", 5)
    shop.place(line("TEA"))

    sold = demand.sold(product_id=level.product_id, channel_ids=[shop.channel.pk], since=AT)
    assert sold == {shop.channel.pk: 8}
    found = views.narrowed(Order.objects.all(), views.Filters(sku="mug"))
    assert set(found) == set(orders)
