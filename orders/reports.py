"""Tables of orders that leave the house: a row per order, or per line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kernel import exports, money
from orders import states
from orders.queries.exporting import Whole

Cells = list[exports.Cell]
Lines = Mapping[Any, Sequence[Mapping[str, Any]]]


def header(*, by_line: bool) -> list[str]:
    """Return the names of the columns, in the reader's language."""
    of_order = [
        _("Order"), _("Sales channel"), _("Reference"), _("Customer's order number"),
        _("Customer"), _("Company"), _("E-mail"), _("Phone"), _("Postcode"), _("City"),
        _("Country"), _("Placed"), _("Ship by"), _("Status"), _("On hold for"), _("Payment"),
        _("Fulfilment"), _("Priority"), _("Tags"), _("Lines"), _("Units"), _("Currency"),
        _("Total"), _("Paid"),
    ]  # fmt: skip
    of_line = [
        _("Line"), _("SKU"), _("Description"), _("Ordered"), _("Cancelled"), _("Backordered"),
        _("Allocated"), _("In warehouse"), _("Shipped"), _("Returned"), _("Unit price"),
        _("Discount"), _("Amount"), _("Tax rate"),
    ]  # fmt: skip
    return [*of_order, *of_line] if by_line else of_order


def rows(found: Sequence[Whole], lines: Lines | None = None) -> Iterator[Cells]:
    """Return a row per order; with `lines`, one per line that begins with its order's."""
    for whole in found:
        of_order = _order(whole)
        if lines is None:
            yield of_order
        else:
            for line in lines[whole.order["id"]]:
                yield [*of_order, *_line(line, whole.order["currency"])]


def _order(whole: Whole) -> Cells:
    order, address = whole.order, whole.order["shipping_address"] or {}
    return [
        order["number"],
        order["channel__name"],
        order["reference"],
        order["customer_order_number"],
        order["customer__name"] or order["ship_name"],
        order["customer__company"] or "",
        order["email"],
        order["phone"],
        address.get("postal_code", ""),
        address.get("city", ""),
        address.get("country", ""),
        _moment(order["placed_at"]),
        _moment(order["ship_by"]),
        states.OrderStatus(order["status"]).label,
        ", ".join(str(states.HoldKind(kind).label) for kind in whole.holds),
        states.PaymentStatus(order["payment_status"]).label,
        states.FulfillmentStatus(order["fulfillment_status"]).label,
        states.Priority(order["priority"]).label,
        ", ".join(order["tags"]),
        whole.lines,
        whole.units,
        order["currency"],
        money.quantize(order["total_amount"], order["currency"]),
        money.quantize(order["paid_amount"], order["currency"]),
    ]


def _line(line: Mapping[str, Any], currency: str) -> Cells:
    ordered = line["set_quantity"] if line["set_quantity"] is not None else line["ordered"]
    return [
        line["position"],
        line["sku"],
        line["description"],
        ordered,
        line["cancelled"],
        line["backordered"],
        line["reserved"],
        line["assigned"],
        line["shipped"],
        line["returned"],
        _plain(line["unit_price"]),
        money.quantize(line["discount_amount"], currency),
        money.quantize(line["amount"], currency),
        _plain(line["tax_rate"]),
    ]


def _plain(value: Decimal) -> Decimal:
    """The number with the decimals it has."""
    return Decimal(format(value.normalize(), "f"))


def _moment(value: datetime | None) -> str:
    """As spreadsheets read it, in the time zone that is active."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""
