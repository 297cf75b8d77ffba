"""The product's stock in the console: five words, who has it, and buttons that book it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.admin.products import ProductAdmin
from inventory.models import Bin, BinStock, StockMovement, Transfer, Warehouse
from orders.models import Order
from tests.console import pages
from tests.factories.inventory import BinFactory, WarehouseFactory
from tests.factories.orders import Shop, buckets, counters, line

PRODUCTS = "/admin/inventory/product/"


@pytest.fixture
def mug(shop: Shop):
    return shop.put("MUG", 10, name="Blue mug").product


def figures(answer) -> list[str]:
    """Return the five words of the first warehouse on a product's page."""
    body = answer.content.decode()
    row = body[body.index("Stock by location") :]
    row = row[row.index("<tbody>") : row.index("</tr>", row.index("<tbody>"))]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row)][:5]


def content(shop: Shop, mug) -> str:
    found = BinStock.objects.get(product=mug, bin__warehouse=shop.warehouse, condition="good")
    return f"{found.pk}:{found.quantity}"


def test_the_five_words_add_up_per_warehouse(as_role, shop, mug):
    shop.place(line("MUG", 3))
    client = as_role("warehouse")
    pages.press(client, mug, "condition", content=content(shop, mug), quantity=2, reason="Chipped")
    assert figures(client.get(pages.page_of(mug))) == ["10", "2", "3", "5", "0"]


def test_it_says_who_has_it_and_who_waits(as_role, shop, mug):
    has = shop.place(line("MUG", 8))
    waits = shop.place(line("MUG", 4))
    told = pages.text(as_role("warehouse").get(pages.page_of(mug)))
    allocated = told[told.index("Allocated to") : told.index("Waiting for it")]
    waiting = told[told.index("Waiting for it") : told.index("Sold in 30 days")]
    assert f"8 × {has.number}" in allocated
    assert f"2 × {waits.number}" in waiting
    assert f"{shop.channel.name} 12" in told


def test_movements_say_what_where_why_and_who(as_role, shop, mug):
    client = as_role("warehouse", first_name="Wes", last_name="Oak")
    pages.press(
        client, mug, "adjust", warehouse=shop.warehouse.pk, quantity=-2, condition="good",
        reason="Broken <i>on</i> the shelf",
    )  # fmt: skip
    told = pages.text(client.get(pages.page_of(mug)))
    assert "Stock adjustment MAIN STOCK −2 Broken <i>on</i> the shelf Wes Oak" in told


def test_goods_in_serves_whoever_waits(as_role, shop, mug):
    BinFactory(warehouse=shop.warehouse, code="B-01")
    client = as_role("warehouse")
    answer = pages.press(
        client, mug, "goods-in", warehouse=shop.warehouse.pk, quantity=5, bin="b-01",
        condition="good", document="DN-7",
    )  # fmt: skip
    assert "5 × MUG booked in." in pages.text(answer)
    assert BinStock.objects.get(bin__code="B-01").quantity == 5
    assert StockMovement.objects.get(document="DN-7").d_on_hand == 5


def test_an_unknown_bin_is_told_and_nothing_booked(as_role, shop, mug):
    answer = pages.press(
        as_role("warehouse"), mug, "goods-in", warehouse=shop.warehouse.pk, quantity=5,
        bin="NOWHERE", condition="good",
    )  # fmt: skip
    assert "There is no bin “NOWHERE” in this warehouse." in pages.text(answer)
    assert counters(shop.put("MUG")) == (10, 0, 0)


def test_a_double_click_books_once(as_role, shop, mug):
    client = as_role("warehouse")
    address = pages.page_of(mug).replace("change/", "goods-in/")
    key = client.get(address).context["form"].initial["command_id"]
    asked = {
        "command_id": key, "warehouse": shop.warehouse.pk, "quantity": 5, "condition": "good"
    }  # fmt: skip
    for _ in range(2):
        assert client.post(address, asked).status_code == 302
    assert counters(shop.put("MUG")) == (15, 0, 0)


def test_adjusting_away_what_is_allocated_is_refused_and_kept(as_role, shop, mug):
    order = shop.place(line("MUG", 8))
    answer = pages.press(
        as_role("warehouse"), mug, "adjust", warehouse=shop.warehouse.pk, quantity=-4,
        condition="good", reason="Water damage",
    )  # fmt: skip
    assert answer.status_code == 409
    assert "There is not enough free stock for this." in pages.text(answer)
    assert 'value="Water damage"' in answer.content.decode()
    assert buckets(order) == [{"reserved": 8}]


def test_adjusting_it_away_lets_the_order_due_last_wait_when_staff_say_so(as_role, shop, mug):
    order = shop.place(line("MUG", 8))
    pages.press(
        as_role("warehouse"), mug, "adjust", warehouse=shop.warehouse.pk, quantity=-4,
        condition="good", reason="Water damage", may_wait="on",
    )  # fmt: skip
    assert counters(shop.put("MUG")) == (6, 0, 6)
    assert buckets(order) == [{"backordered": 2, "reserved": 6}]


def test_count_sets_what_lies_there(as_role, shop, mug):
    answer = pages.press(as_role("warehouse"), mug, "count", content=content(shop, mug), counted=7)
    assert "The count of MUG is booked." in pages.text(answer)
    assert counters(shop.put("MUG")) == (7, 0, 0)


def test_a_count_is_not_booked_over_goods_that_moved_meanwhile(as_role, shop, mug):
    seen = content(shop, mug)
    client = as_role("warehouse")
    address = pages.page_of(mug).replace("change/", "count/")
    key = client.get(address).context["form"].initial["command_id"]
    shop.put("MUG", 5)
    answer = client.post(address, {"command_id": key, "content": seen, "counted": 9})
    assert answer.status_code == 422
    assert counters(shop.put("MUG")) == (15, 0, 0)


def test_move_and_transfer(as_role, shop, mug):
    BinFactory(warehouse=shop.warehouse, code="Q-01", kind=Bin.Kind.QUARANTINE)
    north = WarehouseFactory(code="NORTH")
    client = as_role("warehouse")
    pages.press(client, mug, "move", content=content(shop, mug), quantity=4, to_bin="Q-01")
    assert counters(shop.put("MUG")) == (10, 4, 0)
    answer = pages.press(
        client, mug, "transfer", warehouse=shop.warehouse.pk, destination=north.pk, quantity=3
    )
    transfer = Transfer.objects.get()
    assert f"Transfer {transfer.number} is on its way." in pages.text(answer)
    assert "North" in transfer.destination.name or transfer.destination == north
    pages.press(client, transfer, "receive", **{f"product-{mug.pk}": 2})
    pages.press(client, transfer, "write-off", **{f"product-{mug.pk}": 1, "reason": "Lost"})
    told = pages.text(client.get(pages.page_of(transfer)))
    assert "MUG Blue mug 3 2 1 0" in told
    assert "Received" in told


@pytest.mark.parametrize("button", ["goods-in", "adjust", "move", "count", "condition", "transfer"])
def test_sales_cannot_touch_stock(as_role, shop, mug, button):
    client = as_role("sales")
    address = pages.page_of(mug).replace("change/", f"{button}/")
    asked = {"warehouse": shop.warehouse.pk, "quantity": 1, "reason": "x", "condition": "good"}
    assert client.get(address).status_code == 403
    assert client.post(address, asked).status_code == 403
    assert counters(shop.put("MUG")) == (10, 0, 0)
    assert f"{mug.pk}/{button}/" not in client.get(pages.page_of(mug)).content.decode()


def test_somebody_of_the_north_sees_and_books_the_north_only(as_role, shop, mug):
    north = WarehouseFactory(code="NORTH", name="North depot")
    shop.put("MUG", 4, warehouse=north)
    client = as_role("warehouse", warehouses=[north])
    told = pages.text(client.get(pages.page_of(mug)))
    assert "North depot" in told
    assert shop.warehouse.name not in told
    answer = pages.press(
        client, mug, "adjust", warehouse=shop.warehouse.pk, quantity=-1, condition="good",
        reason="x",
    )  # fmt: skip
    assert answer.status_code == 422
    assert client.get(pages.page_of(shop.warehouse)).status_code == 404
    assert pages.text(client.get(PRODUCTS)).count(" 4 ") >= 1
    assert counters(shop.put("MUG")) == (10, 0, 0)


def test_lists_and_pages_take_a_fixed_number_of_statements(as_role, shop, mug):
    client = as_role("warehouse")

    def taken(address) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    shop.place(line("MUG", 1))
    first = {address: taken(address) for address in (PRODUCTS, pages.page_of(mug))}
    for number in range(6):
        shop.put(f"SKU{number}", 3)
        shop.place(line("MUG", 1), line(f"SKU{number}", 2))
    assert {address: taken(address) for address in first} == first
    assert first[PRODUCTS] <= 10
    assert first[pages.page_of(mug)] <= 24


@pytest.mark.parametrize(("term", "found"), [("mug", True), ("BLUE", True), ("tea", False)])
def test_products_are_found_by_sku_and_name(as_role, mug, term, found):
    answer = as_role("sales").get(PRODUCTS, {"q": term})
    assert (f"{mug.pk}/change/" in answer.content.decode()) is found


def test_facts_cannot_be_edited(as_role, shop, mug):  # noqa: ARG001
    client = as_role("superuser")
    movement = StockMovement.objects.get()
    assert client.get(pages.page_of(movement)).status_code == 200
    assert client.post(pages.page_of(movement), {"reason": "x"}).status_code == 403
    assert client.get("/admin/inventory/stockmovement/add/").status_code == 403
    assert client.get("/admin/inventory/stockmovement/").status_code == 200
    assert Order.objects.count() == 0


def test_a_new_warehouse_has_its_bins(as_role):
    answer = as_role("superuser").post(
        "/admin/inventory/warehouse/add/",
        {
            "code": "EAST", "name": "East", "time_zone": "Europe/London", "cut_off": "16:00",
            "working_days": ["0", "1"], "priority": "5", "is_active": "on",
            "address_city": "Norwich", "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    assert answer.status_code == 302, pages.text(answer)
    east = Warehouse.objects.get(code="EAST")
    assert sorted(east.bins.values_list("code", flat=True)) == ["RECEIVING", "STAGING", "STOCK"]
    assert east.address["city"] == "Norwich"
    assert east.working_days == [0, 1]


def test_a_long_list_is_paged_without_being_counted(as_role, shop, monkeypatch):
    monkeypatch.setattr(ProductAdmin, "list_per_page", 2)
    for number in range(3):
        shop.put(f"SKU{number}")
    client = as_role("sales")
    with CaptureQueriesContext(connection) as captured:
        first = client.get(PRODUCTS).content.decode()
    assert not any("COUNT(" in query["sql"] for query in captured)
    second = client.get(PRODUCTS, {"p": "2"}).content.decode()
    assert [first.count("SKU"), second.count(">SKU2<")] >= [2, 1]
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second
