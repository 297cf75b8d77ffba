"""The columns of a file of orders, and where each goes in the document of an order."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column, Text
from orders import states

AHEAD = timedelta(hours=24)
AMOUNT = columns.number(3)


def _text(name: str, length: int, told: Text, example: str = "") -> Column:
    return Column(name=name, kind=columns.text(length), help=told, example=example)


def _amount(name: str, told: Text, example: str = "") -> Column:
    return Column(name=name, kind=AMOUNT, help=told, example=example)


ORDER_COLUMNS = (
    Column(
        name="channel",
        kind=columns.code(32),
        help=_("Code of the sales channel."),
        example="WEB",
        required=True,
    ),
    Column(
        name="reference",
        kind=columns.code(120),
        help=_("The channel's own number of the order. Rows with the same one are one order."),
        example="WEB-10001",
        required=True,
    ),
    Column(name="number", kind=columns.code(40), help=_("Our number, for readers."), is_info=True),
    Column(
        name="placed_at",
        kind=columns.moment(AHEAD, clock.now),
        help=_("When it was placed. Empty: now."),
        example="2026-11-22 10:00",
    ),
    Column(
        name="currency",
        kind=columns.currency(),
        help=_("Empty: the first currency of the sales channel."),
        example="GBP",
    ),
    Column(
        name="prices_include_tax",
        kind=columns.yes_no(),
        help=_("Empty: yes."),
        example="yes",
    ),
    Column(
        name="customer_reference",
        kind=columns.code(120),
        help=_("The channel's own reference of the customer."),
        example="17850",
    ),
    _text("name", 200, _("Who orders."), "Ann Example"),
    _text("company", 200, _("Company that orders.")),
    _text("email", 254, _("E-mail of who orders."), "ann@example.com"),
    _text("phone", 40, _("Phone of who orders.")),
    _text("vat_number", 32, _("VAT number of who orders.")),
    _text("ship_name", 200, _("Who receives it. Empty: who orders.")),
    _text("ship_company", 200, _("Company that receives it. Empty: the one that orders.")),
    _text("line1", 200, _("Address."), "1 High Street"),
    _text("line2", 200, _("Second line of the address.")),
    _text("city", 120, _("City."), "London"),
    _text("region", 120, _("Region, where the country has them.")),
    _text("postal_code", 20, _("Postcode."), "SW1A 1AA"),
    Column(name="country", kind=columns.country(), help=_("Country."), example="GB"),
    _text("ship_phone", 40, _("Phone of who receives it.")),
    _text("customer_order_number", 80, _("The customer's own order number."), "PO-1001"),
    _text("shipping_method", 60, _("How it is sent."), "standard"),
    Column(
        name="priority",
        kind=columns.choice([one.name.lower() for one in reversed(states.Priority)]),
        help=_("Empty: normal."),
        example="normal",
    ),
    Column(name="ship_not_before", kind=columns.day(), help=_("Not sent earlier.")),
    _text("deliver_by", 40, _("Day, or moment with its offset, by which it must arrive.")),
    Column(
        name="ship_complete",
        kind=columns.yes_no(),
        help=_("Whether it is sent only when all is there. Empty: no."),
        example="no",
    ),
    _amount("shipping_amount", _("What shipping costs."), "4.95"),
    Column(
        name="shipping_tax_rate",
        kind=columns.number(4, high=100),
        help=_("In percent."),
        example="20",
    ),
    _amount("discount_amount", _("Discount on the whole order.")),
    _amount("total_amount", _("What was charged; a difference to the sum of lines is shown.")),
    _text("payment_method", 80, _("How it is paid; a row has room for one payment."), "card"),
    Column(
        name="payment_status",
        kind=columns.choice([str(value) for value in states.TenderStatus.values]),
        help=_("How far the payment is."),
        example="paid",
    ),
    _amount("payment_amount", _("How much is paid so. Empty: no payment."), "44.35"),
    Column(
        name="payment_reference",
        kind=columns.code(120),
        help=_("The payment's own reference."),
    ),
    Column(name="gift_message", kind=columns.paragraphs(4000), help=_("For the parcel.")),
    Column(name="note", kind=columns.paragraphs(4000), help=_("What the customer wrote.")),
)
LINE_COLUMNS = (
    Column(
        name="line_reference",
        kind=columns.code(80),
        help=_("The channel's own reference of the line."),
    ),
    Column(
        name="sku",
        kind=columns.code(64),
        help=_("What is ordered. An unknown SKU keeps the order on hold, unless refused."),
        example="APR-BLU",
        required=True,
    ),
    Column(
        name="quantity",
        kind=columns.whole(low=1, high=1_000_000),
        help=_("How many."),
        example="1",
        required=True,
    ),
    Column(
        name="unit_price",
        kind=columns.number(6),
        help=_("For one."),
        example="32",
        required=True,
    ),
    Column(name="tax_rate", kind=columns.number(4, high=100), help=_("In percent."), example="20"),
    _amount("line_discount", _("Discount on the line.")),
    _text("description", 300, _("What the channel calls it.")),
    Column(
        name="buyer_item_number",
        kind=columns.code(80),
        help=_("The customer's own number of it."),
    ),
)
LINE_NAMES = [column.name for column in LINE_COLUMNS]

# Where a column goes in the document of an order.
HEAD = (
    "reference", "placed_at", "currency", "prices_include_tax", "customer_order_number",
    "shipping_method", "priority", "ship_not_before", "deliver_by", "ship_complete",
    "shipping_amount", "shipping_tax_rate", "discount_amount", "total_amount", "gift_message",
    "note",
)  # fmt: skip
CUSTOMER = {
    "customer_reference": "reference", "name": "name", "company": "company", "email": "email",
    "phone": "phone", "vat_number": "vat_number",
}  # fmt: skip
PAYMENT = {
    "payment_method": "method", "payment_status": "status", "payment_amount": "amount",
    "payment_reference": "reference",
}  # fmt: skip
LINE = {
    "line_reference": "reference", "sku": "sku", "quantity": "quantity",
    "unit_price": "unit_price", "tax_rate": "tax_rate", "line_discount": "discount_amount",
    "description": "description", "buyer_item_number": "buyer_item_number",
}  # fmt: skip
