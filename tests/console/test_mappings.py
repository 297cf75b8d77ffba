"""Product mappings in the console: suggestions, validation, and what a saving did."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Barcode, Product
from orders import tasks
from orders.models import Hold, ProductMapping
from orders.queries import suggestions
from orders.services import mappings
from orders.services.mappings import Part
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import Shop, line

LIST = "/admin/orders/productmapping/"
ADD = f"{LIST}add/"
HOLDS = "/admin/orders/hold/"


def form(shop: Shop, sku: str, *parts: tuple, **more) -> dict:
    """Return what the form sends; a part is (product, units, share)."""
    rows: dict = {}
    for place, (product, units, share) in enumerate(parts):
        told = {"product": product.pk, "quantity": units, "share": share}
        rows |= {f"products-{place}-{name}": value for name, value in told.items()}
    return {
        "channel": shop.channel.pk, "sku": sku, "checks_price": "on",
        "products-TOTAL_FORMS": len(parts), "products-INITIAL_FORMS": 0, **rows, **more,
    }  # fmt: skip


def product(shop: Shop, sku: str, **more) -> Product:
    return shop.put(sku, 50, **more).product


def test_from_the_queue_to_orders_that_went_on(as_role, shop):
    shop.change(price_tolerance_percent=10)
    mug = product(shop, "MUG")
    shop.price("MUG", "10.00")
    for price in ("29.99", "30.00", "30.00", "99.00"):
        shop.place(line("MUG-3PK", unit_price=price, description="Three mugs"))
    client = as_role("sales")
    queue = client.get(HOLDS, {"cause": "unknown_product"}).content.decode()
    told = pages.text(client.get(HOLDS, {"cause": "unknown_product"}))
    assert f"MUG-3PK {shop.channel.name} · Three mugs 4" in told
    assert "Unknown product MUG-3PK: map it – E-commerce" in told
    asked = f"{ADD}?channel={shop.channel.pk}&amp;sku=MUG-3PK"
    assert asked in queue

    offered = client.get(asked.replace("&amp;", "&"))
    assert "3 × MUG" in pages.text(offered)
    assert f"product={mug.pk}&amp;units=3" in offered.content.decode()
    answer = client.post(ADD, form(shop, "MUG-3PK", (mug, 3, "")))
    mapping = ProductMapping.objects.get()
    assert answer["Location"] == pages.page_of(mapping)
    assert "4 orders wait for it and go on in a moment." in pages.text(
        client.get(answer["Location"])
    )

    tasks.recognise_products()
    told = pages.text(client.get(answer["Location"]))
    assert "3 orders went on, 1 still waits: Price" in told
    assert [hold.kind for hold in Hold.objects.filter(status="open")] == ["price"]


def test_a_suggestion_fills_in_the_form(as_role, shop):
    mug = product(shop, "MUG")
    address = f"{ADD}?channel={shop.channel.pk}&sku=MUG-3PK&product={mug.pk}&units=3"
    body = as_role("sales").get(address).content.decode()
    assert 'value="MUG-3PK"' in body
    assert f'<option value="{mug.pk}" selected' in body
    assert 'name="products-0-quantity" value="3"' in body
    assert "filled in below" in body


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([], "Name at least one product."),
        ([("MUG", 1, "60"), ("TEA", 1, "30")], "The shares must add up to 100 %."),
        ([("MUG", 1, "100"), ("TEA", 1, "")], "The shares must add up to 100 %."),
        ([("MUG", 1, ""), ("MUG", 2, "")], "duplicate"),
        ([("MUG", 0, "")], "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(as_role, shop, parts, told):
    known = {sku: product(shop, sku) for sku in ("MUG", "TEA")}
    sent = form(shop, "X", *((known[sku], units, share) for sku, units, share in parts))
    answer = as_role("sales").post(ADD, sent)
    assert told in pages.text(answer)
    assert ProductMapping.objects.count() == 0


def test_two_spellings_are_one_sku(as_role, shop):
    mug = product(shop, "MUG")
    mappings.add(channel_id=shop.channel.pk, sku="Tasse", parts=[Part(mug.pk)])
    answer = as_role("sales").post(ADD, form(shop, " TASSE ", (mug, 1, "")))
    assert "This sales channel maps this SKU already." in pages.text(answer)


def test_the_list_says_what_each_means_and_who_waits(as_role, shop):
    mug, tea = product(shop, "MUG"), product(shop, "TEA")
    shop.place(line("GIFT"))
    mappings.add(channel_id=shop.channel.pk, sku="GIFT", parts=[Part(mug.pk, 1), Part(tea.pk, 2)])
    client = as_role("sales")
    assert "1 × MUG, 2 × TEA 1 0 min" in pages.text(client.get(LIST))
    assert "GIFT" in pages.text(client.get(LIST, {"q": "tea"}))

    def taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    first = taken()
    for number in range(5):
        mappings.add(channel_id=shop.channel.pk, sku=f"X{number}", parts=[Part(mug.pk)])
    assert taken() == first <= 12


def test_another_channels_mapping_is_not_there(as_role, shop):
    mug = product(shop, "MUG")
    mapping = mappings.add(channel_id=shop.channel.pk, sku="Tasse", parts=[Part(mug.pk)])
    other = ChannelFactory()
    client = as_role("sales", channels=[other])
    assert "Tasse" not in pages.text(client.get(LIST))
    assert client.get(pages.page_of(mapping)).status_code == 404
    answer = client.post(ADD, form(shop, "NEW", (mug, 1, "")))
    assert "Select a valid choice" in pages.text(answer)
    assert as_role("warehouse").get(ADD).status_code == 403


def test_removing_it_lets_new_orders_wait_again(as_role, shop):
    mug = product(shop, "MUG")
    mapping = mappings.add(channel_id=shop.channel.pk, sku="Tasse", parts=[Part(mug.pk)])
    shop.place(line("Tasse"))
    assert "The mapping is removed." in pages.text(pages.press(as_role("sales"), mapping, "remove"))
    order = shop.place(line("Tasse"))
    assert [hold.kind for hold in order.holds.all()] == ["unknown_product"]


def test_the_order_offers_the_mapping(as_role, shop):
    order = shop.place(line("NEW"))
    body = as_role("sales").get(pages.page_of(order)).content.decode()
    assert (
        f"{reverse('admin:orders_productmapping_add')}?channel={shop.channel.pk}&amp;sku=NEW"
        in body
    )
    assert ADD not in as_role("warehouse").get(pages.page_of(order)).content.decode()


class TestSuggestions:
    def skus(self, sku: str, description: str = "") -> list[tuple[str, int]]:
        found = suggestions.of(sku=sku, description=description)
        return [(one.product.sku, one.quantity) for one in found]

    def test_a_pack_of_a_known_sku(self, shop: Shop) -> None:
        product(shop, "85123A")
        product(shop, "71053")
        for sku in ("85123A-3PK", "85123a_x3", "85123A.3er", "3x85123A", "85123A pack 3"):
            assert self.skus(sku)[0] == ("85123A", 3)

    def test_a_barcode_is_the_product_and_its_units(self, shop: Shop) -> None:
        mug = product(shop, "MUG")
        Barcode.objects.create(product=mug, code="04006381333931", unit_quantity=6)
        assert self.skus("4006381333931") == [("MUG", 6)]

    def test_the_nearest_spelling_comes_first(self, shop: Shop) -> None:
        for sku in ("MUG-BLUE", "MUG-BLUSH", "MUG-RED", "TEA"):
            product(shop, sku)
        assert self.skus("MUG-BLU")[0][0] == "MUG-BLUE"
        assert "TEA" not in dict(self.skus("MUG-BLU"))

    def test_a_name_helps_where_the_sku_does_not(self, shop: Shop) -> None:
        product(shop, "A1", name="Blue enamel mug")
        product(shop, "B2", name="Green tea")
        assert self.skus("90-77-X", "Enamel mug, blue") == [("A1", 1)]

    def test_what_is_not_sold_any_more_is_not_offered(self, shop: Shop) -> None:
        product(shop, "MUG", is_active=False)
        assert self.skus("MUG-3PK") == []

    def test_nothing_is_near_nonsense(self, shop: Shop) -> None:
        product(shop, "MUG")
        assert self.skus("%_'x", "?!") == []
