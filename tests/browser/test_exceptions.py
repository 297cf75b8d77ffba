"""Exceptions answered in the browser: a SKU is mapped, a failed order is corrected and placed."""

import re

import pytest
from playwright.sync_api import expect

from orders import tasks
from orders.models import FailedOrder, Hold, Order, ProductMapping
from tests.browser import pages
from tests.factories.orders import document, line


@pytest.fixture
def waiting(shop):
    """Four orders wait for a pack nobody has mapped; one of them is also sold far too cheap."""
    shop.change(price_tolerance_percent=10)
    shop.put("MUG", 50, name="Enamel mug")
    shop.put("TEA", 50)
    shop.price("MUG", "10.00")
    return [
        shop.place(line("MUG-3PK", unit_price=price, description="Three mugs"))
        for price in ("29.99", "30.00", "30.00", "3.99")
    ]


def test_mapping_a_sku_lets_every_order_go_on_that_waited(desktop, waiting):
    page = desktop("sales")
    page.goto("/admin/orders/hold/")
    page.get_by_role("link", name=re.compile("^Unknown product")).click()
    group = page.get_by_role("row", name=re.compile("Three mugs"))
    expect(group).to_contain_text("4")
    group.get_by_role("link", name="Map").click()
    page.get_by_role("link", name="Take this MUG").click()
    expect(page.get_by_label("Channel's SKU")).to_have_value("MUG-3PK")
    expect(page.locator("#id_products-0-quantity")).to_have_value("3")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("4 orders wait for it and go on in a moment.")).to_be_visible()

    tasks.recognise_products()  # what the worker does
    expect(page.get_by_text("3 orders went on, 1 still waits: Price")).to_be_visible()
    assert [hold.order for hold in Hold.objects.filter(status="open")] == [waiting[3]]

    page.get_by_role("link", name="Show what waits").click()
    page.get_by_role("link", name=re.compile("^Price")).click()
    expect(page.get_by_role("row", name=re.compile("MUG-3PK at £3.99 list price"))).to_be_visible()


def test_a_mapping_is_made_on_a_phone_with_the_keyboard(phone, shop):
    mug = shop.put("MUG", 50, name="Enamel mug").product
    page = phone("sales")
    page.goto(f"/admin/orders/productmapping/add/?channel={shop.channel.pk}&sku=CUP")
    pages.assert_fits(page)
    page.locator(".select2-selection").last.press("Enter")
    page.keyboard.type("mug")
    expect(page.get_by_role("option", name="MUG Enamel mug")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#id_products-0-quantity").fill("2")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The product mapping", exact=False)).to_be_visible()
    assert [
        (part.product, part.quantity) for part in ProductMapping.objects.get().products.all()
    ] == [(mug, 2)]


def test_a_failed_order_is_corrected_and_placed(desktop, shop):
    shop.put("MUG", 50)
    shop.post(document(line(quantity=0), reference="WEB-7"))
    page = desktop("sales")
    page.goto("/admin/")
    page.get_by_role("link", name=re.compile("Failed orders")).last.click()
    page.get_by_role("link", name="WEB-7").click()
    wrong = page.locator(".k-wrong")
    expect(wrong).to_contain_text('"quantity": 0, is too small')

    page.get_by_role("link", name="Correct and try again").click()
    content = page.get_by_role("textbox", name="Content")
    content.fill(content.input_value().replace('"quantity": 0', '"quantity": -1'))
    page.get_by_role("button", name="Try this").click()
    expect(page.get_by_text("It failed again")).to_be_visible()
    expect(page.locator(".k-wrong")).to_contain_text('"quantity": -1, is too small')

    page.get_by_role("link", name="Correct and try again").click()
    content = page.get_by_role("textbox", name="Content")
    content.fill(content.input_value().replace('"quantity": -1', '"quantity": 2'))
    page.get_by_role("button", name="Try this").click()
    order_placed = page.get_by_text("The order is placed")
    expect(order_placed).to_be_visible()
    order = Order.objects.get()
    expect(page).to_have_url(re.compile(str(order.pk)))
    assert (order.reference, order.lines.get().ordered) == ("WEB-7", 2)
    assert FailedOrder.objects.get().status == "resolved"


def test_a_failed_order_is_tried_again_on_a_phone(phone, shop):
    shop.put("MUG", 50)
    shop.change(currencies=["EUR"])
    shop.post(document(reference="WEB-8"))
    shop.change(currencies=["GBP"])
    page = phone("sales")
    page.goto("/admin/orders/failedorder/")
    pages.assert_fits(page)
    page.get_by_role("link", name="WEB-8").click()
    pages.assert_fits(page)
    page.get_by_role("link", name="Try again", exact=True).click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The order is placed")).to_be_visible()
    assert Order.objects.get().reference == "WEB-8"
