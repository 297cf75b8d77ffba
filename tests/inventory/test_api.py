"""`GET /api/v1/products/` and `/api/v1/availability/`: pages, scopes, spellings, refusals."""

import pytest

from config.kernel import callers, ids, keys
from inventory.models import Barcode, Price
from inventory.services import transfers
from tests.factories.inventory import ProductFactory, StockLevelFactory, WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    def get(path, scopes=keys.SCOPES, **params):
        callers.forget()
        _, key = keys.create(channel=ChannelFactory(), name="test", scopes=scopes)
        return client.get(f"/api/v1/{path}/", params, headers={"Authorization": f"Bearer {key}"})

    return get


def test_a_product_shows_what_a_channel_needs(ask):
    product = ProductFactory(sku="85123A", name="Heart", weight_grams=120, hs_code="392640")
    Barcode.objects.create(product=product, code="14006381333938", unit_quantity=12)
    Barcode.objects.create(product=product, code="04006381333931")
    Price.objects.create(product=product, currency="GBP", list_price="2.55")
    Price.objects.create(product=product, currency="JPY", list_price="410")
    Price.objects.create(product=product, currency="EUR", list_price="2.123400")
    level = StockLevelFactory(product=product)
    books.fill(level, 9, reserved=2)
    answer = ask("products")
    assert answer.status_code == 200
    (shown,) = answer.json()["results"]
    assert shown.pop("updated_at").endswith("Z")
    assert shown == {
        "sku": "85123A",
        "name": "Heart",
        "is_stocked": True,
        "is_active": True,
        "tax_category": "standard",
        "weight_grams": 120,
        "length_mm": None,
        "width_mm": None,
        "height_mm": None,
        "hs_code": "392640",
        "origin_country": "",
        "version": 1,
        "barcodes": [
            {"code": "04006381333931", "unit_quantity": 1},
            {"code": "14006381333938", "unit_quantity": 12},
        ],
        "prices": [
            {"currency": "EUR", "list_price": "2.1234"},
            {"currency": "GBP", "list_price": "2.55"},
            {"currency": "JPY", "list_price": "410"},
        ],
        "available": 7,
    }


def test_what_is_never_stocked_has_no_available_figure(ask):
    ProductFactory(sku="POST", is_stocked=False)
    assert ask("products").json()["results"][0]["available"] is None
    (shown,) = ask("availability", sku="post").json()["results"]
    assert shown == {"sku": "POST", "is_stocked": False, "available": None, "warehouses": []}


def test_pages_show_each_product_once_in_order(client):
    for number in range(7):
        ProductFactory(sku=f"A{number}")
    _, key = keys.create(channel=ChannelFactory(), name="test")
    callers.forget()
    seen, params = [], {"limit": "3"}
    while params is not None:
        answer = client.get(
            "/api/v1/products/", params, headers={"Authorization": f"Bearer {key}"}
        ).json()
        seen.append([product["sku"] for product in answer["results"]])
        params = {"limit": "3", "cursor": answer["next"]} if answer["next"] else None
    assert seen == [["A0", "A1", "A2"], ["A3", "A4", "A5"], ["A6"]]


def test_products_are_narrowed_by_sku_barcode_and_activity(ask):
    mug, cup = ProductFactory(sku="MUG"), ProductFactory(sku="CUP", is_active=False)
    Barcode.objects.create(product=cup, code="04006381333931")

    def skus(**params):
        return [product["sku"] for product in ask("products", **params).json()["results"]]

    assert skus() == ["CUP", "MUG"]
    assert skus(sku="mug ") == [mug.sku]
    assert skus(barcode="4006381333931") == ["CUP"]
    assert skus(is_active="true") == ["MUG"]
    assert skus(is_active="false") == ["CUP"]
    assert skus(sku="NONE") == []


def test_availability_is_told_in_all_and_per_warehouse(ask):
    first = StockLevelFactory(product__sku="MUG", warehouse__code="MAIN", warehouse__priority=1)
    north = StockLevelFactory(product=first.product, warehouse__code="NORTH")
    StockLevelFactory(product=first.product, warehouse__is_active=False)
    books.fill(first, 5, reserved=1)
    books.fill(north, 6)
    transfers.send(
        source_id=north.warehouse_id,
        destination_id=first.warehouse_id,
        parcels=[transfers.Parcel(first.product_id, 2)],
        command_id=ids.new(),
        actor=books.ACTOR,
        at=books.AT,
    )
    ProductFactory(sku="CUP")
    answer = ask("availability", sku="nothing,mug,CUP, MUG,").json()
    assert answer == {
        "results": [
            {
                "sku": "MUG",
                "is_stocked": True,
                "available": 8,
                "warehouses": [
                    {"warehouse": "MAIN", "available": 4, "incoming": 2},
                    {"warehouse": "NORTH", "available": 4, "incoming": 0},
                ],
            },
            {"sku": "CUP", "is_stocked": True, "available": 0, "warehouses": []},
        ],
        "unknown": ["nothing"],
        "next": None,
    }


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("products", {"limit": "1e9"}),
        ("products", {"limit": "0"}),
        ("products", {"offset": "-1"}),
        ("products", {"ordering": "cost"}),
        ("products", {"cursor": "forged"}),
        ("products", {"is_active": "yes"}),
        ("products", {"sku": "A\x00"}),
        ("products", {"barcode": "1" * 201}),
        ("availability", {}),
        ("availability", {"sku": " , "}),
        ("availability", {"sku": ",".join(["A"] * 201)}),
        ("availability", {"sku": "A\x00"}),
        ("availability", {"sku": "A", "warehouse": "MAIN"}),
    ],
)
def test_nonsense_is_refused_with_400(ask, path, params):
    answer = ask(path, **params)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_large_limit_is_capped(ask):
    for number in range(3):
        ProductFactory(sku=f"A{number}")
    assert len(ask("products", limit="100000").json()["results"]) == 3


def test_a_cursor_belongs_to_its_filters(ask):
    for number in range(3):
        ProductFactory(sku=f"A{number}")
    cursor = ask("products", limit="1").json()["next"]
    assert ask("products", limit="1", cursor=cursor).json()["results"][0]["sku"] == "A1"
    assert ask("products", cursor=cursor, is_active="true").status_code == 400


@pytest.mark.parametrize(
    ("path", "scope"), [("products", "products:read"), ("availability", "stock:read")]
)
def test_each_door_asks_for_its_scope(ask, client, path, scope):
    others = [one for one in keys.SCOPES if one != scope]
    assert ask(path, scopes=others, sku="A").status_code == 403
    assert ask(path, scopes=[scope], sku="A").status_code == 200
    assert client.get(f"/api/v1/{path}/").status_code == 401


@pytest.mark.parametrize(
    ("path", "statements"), [("products/", 4), ("availability/?sku=A1,A2,A3,A4,A5", 3)]
)
def test_the_statements_do_not_grow_with_the_products(
    client, django_assert_num_queries, path, statements
):
    warehouse = WarehouseFactory()
    for number in range(20):
        product = ProductFactory(sku=f"A{number}")
        books.fill(StockLevelFactory(product=product, warehouse=warehouse), 1)
    _, key = keys.create(channel=ChannelFactory(), name="test")
    headers = {"Authorization": f"Bearer {key}"}
    client.get("/api/v1/products/", headers=headers)
    with django_assert_num_queries(statements):
        answer = client.get(f"/api/v1/{path}", headers=headers)
    assert len(answer.json()["results"]) >= 5
