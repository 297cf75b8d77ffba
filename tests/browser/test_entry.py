"""New order in the browser: placed by keyboard alone, copied, corrected, on a phone."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.kernel.models import Channel
from customers.models import Customer
from customers.services import identity
from inventory.models import Barcode, Product, StockLevel
from orders.models import Hold, Order
from orders.services import cancellation
from tests.browser import pages
from tests.console.pages import page_of
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import AT, STAFF, Shop, buckets, line

NEW = "/admin/orders/order/new/"
CASE = "15012345678907"  # a GTIN-14 of a case of twelve
GOODS = {"MUG": "10.00", "TEA": "4.50", "TRAY": "25.00", "POT": "39.90", "CAN": "0.49"}

# Twice at once and once more; the form gets its answer, and leaves the page, after all of them.
SEND_THRICE = """() => {
    const real = window.fetch;
    window.fetch = async (url, options) => {
        if (!String(url).includes('/place/')) return real(url, options);
        const once = () => real(url, options);
        const answers = [...await Promise.all([once(), once()]), await once()];
        const told = await Promise.all(answers.map(async one => (await one.clone().json()).url));
        sessionStorage.setItem('told', JSON.stringify(told));
        return answers[0];
    };
}"""


@pytest.fixture
def desk(shop: Shop) -> Shop:
    """Return a shop whose channel is for staff, with five products in two warehouses."""
    shop.change(
        kind=Channel.Kind.STAFF, code="DESK", default_tax_rate=20, price_tolerance_percent=50
    )
    north = WarehouseFactory(code="NORTH", priority=20)
    for sku, price in GOODS.items():
        shop.put(sku, 20, name=f"{sku.title()} of stoneware")
        shop.put(sku, 3, warehouse=north)
        shop.price(sku, price, floor=str(Decimal(price) / 2))
    tea = Product.objects.get(sku="TEA")
    Barcode.objects.create(product=tea, code=CASE, unit_quantity=12)
    return shop


@pytest.fixture
def ann(desk: Shop) -> Customer:
    """Return a customer another channel brought, with an address and a small credit limit."""
    web = Shop(ChannelFactory(code="WEB"), desk.warehouse)
    web.put("MUG")
    web.place(line("MUG", 1), reference="W-1")
    customer = Customer.objects.get()
    Customer.objects.update(credit_limit=150, credit_currency="GBP", payment_terms_days=14)
    customer.refresh_from_db()
    return customer


def keys(page: Page, *strokes: str) -> None:
    for stroke in strokes:
        page.keyboard.press(stroke)


def enter_line(page: Page, term: str, quantity: str) -> None:
    page.keyboard.type(term)
    keys(page, "Enter")
    expect(page.locator("[data-part=quantity]:focus")).to_have_count(1)
    page.keyboard.type(quantity)
    keys(page, "Enter")


def told(order: Order) -> dict[str, Any]:
    """What must not depend on the door an order came through."""
    columns = (
        "subtotal_amount", "discount_amount", "tax_amount", "total_amount", "paid_amount",
        "is_held", "is_short", "ship_by", "customer_order_number", "shipping_method",
        "payment_terms_days", "shipping_address", "customer_id",
    )  # fmt: skip
    facts: dict[str, Any] = {name: getattr(order, name) for name in columns}
    facts["holds"] = list(
        Hold.objects.filter(order=order).order_by("kind").values_list("kind", "params")
    )
    facts["buckets"] = buckets(order)
    lines = order.lines.order_by("position")
    facts["lines"] = list(lines.values_list("sku", "ordered", "unit_price", "tax_rate", "amount"))
    return facts


def reserved() -> dict[tuple[str, str], int]:
    levels = StockLevel.objects.values_list("product__sku", "warehouse__code", "reserved")
    return {(sku, code): units for sku, code, units in levels if units}


def placed(page: Page) -> Order:
    expect(page.get_by_text(" is placed.")).to_be_visible()
    return Order.objects.get(pk=page.url.split("/")[-3])


def by_api(desk: Shop, customer: Customer, *lines: dict[str, Any], **more: Any) -> Any:
    """Post an order, note what it came to, and take it back as if it had never been."""
    identity.recognise(
        channel_id=desk.channel.pk, reference=str(customer.pk), customer_id=customer.pk
    )
    who = {"reference": str(customer.pk), "name": customer.name, "email": customer.email}
    order = desk.place(*lines, customer=who, **more)
    noted = told(order), reserved()
    cancellation.cancel(order_id=order.pk, reason="only to compare", actor=STAFF, at=AT)
    assert reserved() == {("MUG", "MAIN"): 1}
    return noted


def enter_five_lines(page: Page) -> None:
    enter_line(page, "mug", "2")
    enter_line(page, "stoneware tra", "1")  # by parts of the name
    enter_line(page, "POT", "1")
    page.keyboard.type(CASE)  # scanned: counts twelve and goes on to the next line
    keys(page, "Enter")
    expect(page.locator("[data-part=quantity]").nth(3)).to_have_value("12")
    page.keyboard.type("CAN")
    keys(page, "Enter")
    expect(page.locator("[data-part=quantity]:focus")).to_have_count(1)
    page.keyboard.type("30")
    keys(page, "Tab")
    page.keyboard.type("0.10")  # below the floor
    keys(page, "Enter", "Enter")


def test_five_lines_by_keyboard_alone_equal_the_same_order_of_the_api(desktop, desk, ann):
    expected = by_api(
        desk, ann,
        line("MUG", 2), line("TRAY", 1, "25.00"), line("POT", 1, "39.90"), line("TEA", 12, "4.50"),
        line("CAN", 30, "0.10"),
        shipping_method="express", customer_order_number="PO-77", payment_terms_days=14,
    )  # fmt: skip
    page = desktop("sales")
    page.goto(NEW)
    page.keyboard.type("ann ex")
    expect(page.locator("#e-found li")).to_have_count(1)
    keys(page, "Enter")
    expect(page.get_by_text("Owes £10.00 of at most £150.00")).to_be_visible()
    expect(page.locator("[data-part=sku]:focus")).to_have_count(1)
    enter_five_lines(page)
    page.keyboard.type("express")
    keys(page, "Tab", "Tab")
    assert pages.focused(page) == "e-payment"
    keys(page, "Tab", "Tab")
    page.keyboard.type("PO-77")
    expect(page.locator("#e-totals dd.k-sum")).to_have_text("£141.90")
    expect(page.get_by_text("Far from the list price of £0.49")).to_be_visible()
    expect(page.get_by_text("7 of 30 will be backordered")).to_be_visible()
    keys(page, "Control+Enter")
    order = placed(page)
    assert (told(order), reserved()) == expected
    assert [kind for kind, _ in told(order)["holds"]] == ["credit", "price"]
    assert (order.origin, order.customer_id) == ("staff", ann.pk)


def fill_line(page: Page, place: int, **parts: str) -> None:
    for name, text in parts.items():
        page.locator(f"[data-part={name}]").nth(place).fill(text)


@pytest.fixture
def wrong(desktop: Callable[..., Page], desk: Shop) -> Page:
    """Return a page with a form that was refused for everything that can be wrong at first."""
    desk.change(shortage_policy=Channel.Shortage.REFUSE)
    page = desktop("sales")
    page.goto(NEW)
    page.get_by_label("E-mail").fill("not an e-mail")
    fill_line(page, 0, sku="MUG", quantity="two", unit_price="ten")
    page.get_by_role("button", name="Add a line").click()
    fill_line(page, 1, sku="TEA", quantity="2", unit_price="4.50", discount_amount="99")
    page.get_by_label("Shipping charge").fill("4.999")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert")).to_contain_text("Not placed yet.")
    return page


def test_wrong_input_is_told_beside_each_field_at_once(wrong):
    expect(wrong.locator("[aria-invalid=true]")).to_have_count(4)
    assert pages.focused(wrong) == "e-name"
    expect(wrong.locator("#e-name ~ .k-fault")).to_have_text("Please fill this in.")
    expect(wrong.locator("#e-email ~ .k-fault")).to_have_text("This does not look right.")
    expect(wrong.locator(".k-entry-line").first.locator(".k-fault")).to_have_text(
        ["A whole number, please.", "A number such as 2.55, please."]
    )
    expect(wrong.get_by_label("E-mail")).to_have_value("not an e-mail")


def test_what_is_corrected_step_by_step_is_placed_in_the_end(wrong):
    wrong.get_by_label("Name", exact=True).first.fill("Bo Bird")
    wrong.get_by_label("E-mail").fill("bo@example.test")
    fill_line(wrong, 0, quantity="50", unit_price="9.50")
    keys(wrong, "Control+Enter")
    faults = wrong.locator(".k-fault:not(:empty)")
    expect(faults).to_have_text(
        ["The discount is more than the line.", "These are too many decimals."]
    )
    fill_line(wrong, 1, discount_amount="1")
    wrong.get_by_label("Shipping charge").fill("4.99")
    keys(wrong, "Control+Enter")
    expect(faults).to_have_text(["27 of these are not there."])
    assert not Order.objects.exists()
    fill_line(wrong, 0, quantity="5")
    keys(wrong, "Control+Enter")
    order = placed(wrong)
    assert (order.email, order.total_amount) == ("bo@example.test", Decimal("60.49"))
    assert Customer.objects.get().name == "Bo Bird"


@pytest.mark.usefixtures("desk")
def test_a_form_sent_twice_places_one_order(desktop):
    page = desktop("sales")
    page.goto(NEW)
    page.get_by_label("Name", exact=True).first.fill("Bo Bird")
    page.locator("[data-part=sku]").fill("MUG")
    keys(page, "Enter")
    expect(page.locator("[data-part=unit_price]")).to_have_value("10.00")
    expect(page.locator("#e-totals")).to_contain_text("£10.00")
    page.evaluate(SEND_THRICE)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_text(" is placed.").first).to_be_visible()  # each answer says it
    order = Order.objects.get()
    told = page.evaluate("JSON.parse(sessionStorage.getItem('told'))")
    assert told == [page_of(order)] * 3


def test_a_copy_takes_todays_prices_and_marks_what_changed(desktop, desk):
    order = desk.place(
        line("MUG", 2, "8.00"), line("TEA", 3, "4.50"), line("GONE", 1, "7.00"),
        shipping_method="express", note="old", customer_order_number="PO-1",
    )  # fmt: skip
    page = desktop("sales")
    page.goto(page_of(order))
    page.get_by_role("link", name="Copy").click()
    expect(page.get_by_role("heading", name="New order")).to_be_visible()
    expect(page.locator("[data-part=sku]").nth(2)).to_have_value("GONE")
    prices = page.locator("[data-part=unit_price]")
    for place, price in enumerate(["10.00", "4.50", "7.00", ""]):
        expect(prices.nth(place)).to_have_value(price)
    expect(page.locator(".k-was:visible")).to_have_text(["Was £8.00"])
    expect(page.get_by_text("No product is called so; the order waits on hold.")).to_be_visible()
    expect(page.get_by_label("Customer's order number")).to_have_value("")
    page.locator(".k-was:visible").click()
    expect(prices.first).to_have_value("8.00")
    expect(page.locator("#e-totals dd.k-sum")).to_have_text("£36.50")
    keys(page, "Control+Enter")
    copy = placed(page)
    assert copy.pk != order.pk
    assert copy.customer_id == order.customer_id
    assert (copy.shipping_address, copy.shipping_method) == (order.shipping_address, "express")
    assert list(copy.lines.values_list("sku", "ordered", "unit_price").order_by("position")) == [
        ("MUG", 2, Decimal("8.000000")),
        ("TEA", 3, Decimal("4.500000")),
        ("GONE", 1, Decimal("7.000000")),
    ]


def test_it_fits_a_phone_and_places(phone, ann):
    page = phone("sales")
    page.goto(NEW)
    pages.assert_fits(page)
    page.get_by_label("Find a customer").fill("SW1A1AA")
    page.locator("#e-found li").first.tap()
    page.locator("[data-part=sku]").fill("pot")
    page.locator(".k-options:visible li").first.tap()
    expect(page.locator("#e-total")).to_have_text("£39.90")
    pages.assert_fits(page)
    page.get_by_role("button", name="Place order").tap()
    assert placed(page).customer_id == ann.pk
