"""`PUT /api/v1/products/{sku}/`: made once, changed where it differs, nothing newer overwritten."""

from typing import Any
from urllib.parse import unquote

import pytest

from config.kernel import dispatch, keys
from config.kernel.models import Event
from inventory.models import Barcode, Price, Product
from orders import tasks
from orders.models import Hold
from tests.factories.inventory import ProductFactory
from tests.factories.orders import Shop, line
from tests.threads import at_once

MUG = {
    "name": "Mug",
    "tax_category": "reduced",
    "weight_grams": 310,
    "hs_code": "691200",
    "origin_country": "gb",
    "barcodes": [
        {"code": "4006381333931"},
        {"code": "14006381333938", "unit_quantity": 12},
    ],
    "prices": [
        {"currency": "GBP", "list_price": "9.95", "floor_price": "7.00"},
        {"currency": "EUR", "list_price": 12},
    ],
}


def put(shop: Shop, sku: str, body: Any, **headers: str) -> Any:
    return shop.client.put(
        f"/api/v1/products/{sku}/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.key}", **headers},
    )


def changes() -> int:
    return Event.objects.filter(type="product.changed").count()


def test_a_new_product_is_made_with_all_that_is_said(shop: Shop) -> None:
    answer = put(shop, "MUG%2FBLUE", MUG)

    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == "/api/v1/products/MUG/BLUE/"
    shown = answer.json()
    assert shown.pop("updated_at")
    assert shown == {
        "sku": "MUG/BLUE", "name": "Mug", "is_stocked": True, "is_active": True,
        "tax_category": "reduced", "weight_grams": 310, "length_mm": None, "width_mm": None,
        "height_mm": None, "hs_code": "691200", "origin_country": "GB", "version": 1,
        "available": 0,
        "barcodes": [
            {"code": "04006381333931", "unit_quantity": 1},
            {"code": "14006381333938", "unit_quantity": 12},
        ],
        "prices": [
            {"currency": "EUR", "list_price": "12.00"}, {"currency": "GBP", "list_price": "9.95"},
        ],
    }  # fmt: skip
    assert Price.objects.get(currency="GBP").floor_price == 7
    assert shop.get("/api/v1/products/mug%2Fblue/").json()["sku"] == "MUG/BLUE"
    assert changes() == 1


@pytest.mark.parametrize(
    ("sent", "kept"), [("T%C3%84SSE", "T%C3%84SSE"), ("MUG%0A", "MUG"), ("5%25%3F", "5%25%3F")]
)
def test_where_a_product_was_made_can_be_asked_for(shop: Shop, sent: str, kept: str) -> None:
    answer = put(shop, sent, MUG)

    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/products/{kept}/")
    assert shop.get(answer["Location"]).json()["sku"] == unquote(kept)


def test_a_line_break_in_a_sku_is_told_as_what_is_wrong(shop: Shop) -> None:
    answer = put(shop, "A%0AB", MUG)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [fault["path"] for fault in answer.json()["errors"]] == ["$.sku"]


def test_the_same_again_writes_nothing(shop: Shop) -> None:
    first = put(shop, "MUG", MUG)
    again = put(shop, "mug", MUG)

    assert (again.status_code, again.json()) == (200, first.json())
    assert changes() == 1


def test_what_is_left_out_stays_as_it_is(shop: Shop) -> None:
    put(shop, "MUG", MUG)
    answer = put(shop, "MUG", {"weight_grams": None, "is_active": False})

    shown = answer.json()
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (shown["weight_grams"], shown["is_active"]) == (None, False)
    assert (shown["name"], shown["hs_code"]) == ("Mug", "691200")
    assert (len(shown["barcodes"]), len(shown["prices"])) == (2, 2)
    assert changes() == 2


def test_lists_are_replaced_whole_and_a_floor_stays(shop: Shop) -> None:
    put(shop, "MUG", MUG)
    body = {
        "barcodes": [{"code": "4006381333931", "unit_quantity": 2}],
        "prices": [{"currency": "GBP", "list_price": "10.50"}],
    }
    shown = put(shop, "MUG", body).json()

    assert shown["barcodes"] == [{"code": "04006381333931", "unit_quantity": 2}]
    assert shown["prices"] == [{"currency": "GBP", "list_price": "10.50"}]
    assert Price.objects.get().floor_price == 7
    emptied = put(shop, "MUG", {"barcodes": [], "prices": []}).json()
    assert (emptied["barcodes"], emptied["prices"], emptied["version"]) == ([], [], 3)


class TestVersions:
    def test_an_outdated_version_changes_nothing(self, shop: Shop) -> None:
        seen = put(shop, "MUG", MUG)["ETag"]
        assert put(shop, "MUG", {"name": "Cup"}, **{"If-Match": seen}).status_code == 200
        late = put(shop, "MUG", {"name": "Jug"}, **{"If-Match": seen})

        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
        assert late.json()["version"] == 2
        assert Product.objects.get().name == "Cup"

    def test_a_version_of_nothing_is_refused(self, shop: Shop) -> None:
        answer = put(shop, "MUG", MUG, **{"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["version"]) == (412, None)
        assert not Product.objects.exists()

    def test_what_must_be_new_is_not_changed(self, shop: Shop) -> None:
        only_new = {"If-None-Match": "*"}
        assert put(shop, "MUG", MUG, **only_new).status_code == 201
        assert put(shop, "MUG", {"name": "Cup"}, **only_new).status_code == 412
        assert Product.objects.get().name == "Mug"

    @pytest.mark.parametrize(
        "headers",
        [
            {"If-Match": "3"}, {"If-Match": 'W/"3"'}, {"If-Match": "*"}, {"If-Match": '"x"'},
            {"If-None-Match": '"1"'}, {"If-Match": '"1"', "If-None-Match": "*"},
        ],
    )  # fmt: skip
    def test_what_is_no_etag_of_ours_is_400(self, shop: Shop, headers: dict[str, str]) -> None:
        assert put(shop, "MUG", MUG, **headers).json()["code"] == "malformed"
        assert not Product.objects.exists()


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "paths"),
        [
            ({}, ["$.name"]),
            ({"name": ""}, ["$.name"]),
            ({"name": "Mug", "weight_grams": -1, "color": "red"}, ["$.weight_grams", "$.color"]),
            ({"name": "Mug", "hs_code": None}, ["$.hs_code"]),
            ({"name": "Mug", "barcodes": [{"code": "4006381333932"}]}, ["$.barcodes[0]"]),
            (
                {
                    "name": "Mug",
                    "barcodes": [{"code": "5012345678900"}, {"code": " 5012345678900"}],
                },
                ["$.barcodes[0]", "$.barcodes[1]"],
            ),
            (
                {"name": "Mug", "prices": [{"currency": "GBP", "list_price": "1"}] * 2},
                ["$.prices[1].currency"],
            ),
            (
                {"name": "Mug", "prices": [{"currency": "GBP", "list_price": "1e13"}]},
                ["$.prices[0].list_price"],
            ),
        ],
    )
    def test_every_fault_is_named_and_nothing_is_stored(
        self, shop: Shop, body: dict[str, Any], paths: list[str]
    ) -> None:
        other = ProductFactory()
        Barcode.objects.create(product=other, code="05012345678900")
        answer = put(shop, "MUG", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert [fault["path"] for fault in answer.json()["errors"]] == paths
        assert Product.objects.get() == other

    @pytest.mark.parametrize("sku", ["A" * 65, "A%00B", "A%0AB", "A%E2%80%AEB", "%20"])
    def test_a_sku_that_nobody_can_read_is_refused(self, shop: Shop, sku: str) -> None:
        assert put(shop, sku, MUG).status_code in {404, 422}
        assert shop.get(f"/api/v1/products/{sku}/").status_code == 404
        assert not Product.objects.exists()

    def test_another_products_barcode_cannot_be_taken_by_a_change(self, shop: Shop) -> None:
        put(shop, "MUG", MUG)
        put(shop, "CUP", {"name": "Cup"})
        answer = put(shop, "CUP", {"name": "Beaker", "barcodes": MUG["barcodes"]})

        assert [fault["code"] for fault in answer.json()["errors"]] == ["taken", "taken"]
        assert Product.objects.get(sku="CUP").name == "Cup"

    def test_goods_on_the_shelf_stay_a_stocked_item(self, shop: Shop) -> None:
        shop.put("MUG", 3)
        answer = put(shop, "MUG", {"is_stocked": False})
        assert (answer.status_code, answer.json()["code"]) == (409, "still_stocked")


def test_an_order_that_waited_for_the_sku_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr("config.kernel.wakeup.send", woken.append)
    order = shop.place(line("NEW"))
    put(shop, "NEW", {"name": "New"})
    dispatch.deliver_due()
    assert woken == [tasks.recognise_products.name]

    tasks.recognise_products()
    assert not Hold.objects.filter(order=order, status="open").exists()


def test_reading_needs_less_than_changing(shop: Shop) -> None:
    put(shop, "MUG", MUG)
    _, shop.key = keys.create(channel=shop.channel, name="r", scopes=["products:read"])

    assert shop.get("/api/v1/products/mug/").status_code == 200
    refused = put(shop, "MUG", {"name": "Cup"})
    assert (refused.status_code, refused.json()["scope"]) == (403, "products:write")
    assert Product.objects.get().name == "Mug"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twins_make_one_product() -> None:
    shop = Shop()
    codes = [answer.status_code for answer in at_once(*[lambda: put(shop, "MUG", MUG)] * 12)]

    assert sorted(codes) == [200] * 11 + [201]
    assert (Product.objects.count(), Barcode.objects.count(), Price.objects.count()) == (1, 2, 2)
