"""An order as the API answers it, from plain rows: the first answer and every later look."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from config.kernel import money
from orders import sets
from orders.states import BLOCKS, Priority

Row = Mapping[str, Any]

PRIORITY_NAMES = {int(member): member.name.lower() for member in Priority}
PRIORITIES = {name: number for number, name in PRIORITY_NAMES.items()}

LINE_FIELDS = ("reference", "sku", "description", *sets.COUNTED, "buyer_item_number", "attributes")
LINE_AMOUNTS = ("discount_amount", "amount", "net_amount", "tax_amount")
TOTALS = (
    "subtotal_amount", "discount_amount", "shipping_amount", "tax_amount", "rounding_amount",
    "total_amount", "paid_amount", "authorized_amount", "refunded_amount",
)  # fmt: skip


def headline(order: Row) -> dict[str, Any]:
    """Return the fields of an order that a list shows."""
    return {
        "number": order["number"],
        "reference": order["reference"],
        "status": order["status"],
        "payment_status": order["payment_status"],
        "fulfillment_status": order["fulfillment_status"],
        "on_hold": order["is_held"],
        "backordered": order["is_short"],
        "placed_at": moment(order["placed_at"]),
        "updated_at": moment(order["updated_at"]),
        "ship_by": moment(order["ship_by"]),
        "deliver_by": moment(order["deliver_by"]),
        "priority": PRIORITY_NAMES[order["priority"]],
        "test": order["is_test"],
        "currency": order["currency"],
        "total_amount": amount(order["total_amount"], order["currency"]),
        "customer_order_number": order["customer_order_number"],
        "ship_country": order["ship_country"],
        "version": order["version"],
    }


def order(
    *,
    order: Row,
    lines: Iterable[Row],
    components: Sequence[Row],
    holds: Iterable[Row],
    payments: Iterable[Row],
) -> dict[str, Any]:
    """Return the whole order: its figures, holds, totals, lines, addresses and payments.

    `lines` are as they were sent; `components` are the rows below those that are sets.
    """
    currency = order["currency"]
    parts: dict[Any, list[Row]] = {}
    for row in components:
        parts.setdefault(row["parent_line_id"], []).append(row)
    return {
        **headline(order),
        "holds": [hold(row) for row in holds],
        "totals": {name: amount(order[name], currency) for name in TOTALS} | {"currency": currency},
        "prices_include_tax": order["prices_include_tax"],
        "released_at": moment(order["released_at"]),
        "ship_not_before": order["ship_not_before"] and order["ship_not_before"].isoformat(),
        "ship_complete": order["ship_complete"],
        "shipping_method": order["shipping_method"],
        "shipping_tax_rate": rate(order["shipping_tax_rate"]),
        "fees": order["fees"],
        "payment_terms_days": order["payment_terms_days"],
        "tax_collected_by": order["tax_collected_by"],
        "lines": [line(row, currency, parts.get(row["id"], ())) for row in lines],
        "payments": [payment(row, currency) for row in payments],
        "email": order["email"],
        "phone": order["phone"],
        "shipping_address": order["shipping_address"] or None,
        "billing_address": order["billing_address"],
        "gift_message": order["gift_message"],
        "note": order["note"],
        "metadata": order["metadata"],
    }


def line(row: Row, currency: str, parts: Sequence[Row] = ()) -> dict[str, Any]:
    """Return one line as sent; its units are in exactly one bucket each.

    A set is counted in units sold, as far as its slowest component; its amounts are theirs.
    """
    counted = row if not parts else {**row, **sets.buckets(parts), **_summed(parts)}
    return {
        "position": row["position"],
        "quantity": row["set_quantity"] if parts else row["ordered"],
        **{name: counted[name] for name in LINE_FIELDS},
        "unit_price": price(row["unit_price"], currency),
        "tax_rate": rate(row["tax_rate"]),
        **{name: amount(counted[name], currency) for name in LINE_AMOUNTS},
        "components": [component(part, currency) for part in parts],
    }


def component(row: Row, currency: str) -> dict[str, Any]:
    """Return what a line that is a set consists of: units of one product, and its part of it."""
    return {
        "sku": row["sku"],
        "description": row["description"],
        "quantity_each": row["per_kit"],
        "quantity": row["ordered"],
        **{name: row[name] for name in sets.COUNTED},
        **{name: amount(row[name], currency) for name in LINE_AMOUNTS},
    }


def _summed(parts: Sequence[Row]) -> dict[str, Decimal]:
    names = ("amount", "net_amount", "tax_amount")
    return {name: sum((part[name] for part in parts), Decimal(0)) for name in names}


def hold(row: Row) -> dict[str, Any]:
    """Return an open hold: its cause, what it forbids, and the facts."""
    return {
        "kind": row["kind"],
        "since": moment(row["placed_at"]),
        "blocks": sorted(BLOCKS[row["kind"]]),
        "params": row["params"],
    }


def payment(row: Row, currency: str) -> dict[str, Any]:
    """Return one tender."""
    return {
        "method": row["method"],
        "status": row["status"],
        "amount": amount(row["amount"], currency),
        "reference": row["reference"],
    }


def amount(value: Decimal, currency: str) -> str:
    """Return an amount with the decimals of its currency."""
    return money.text(money.quantize(value, currency))


def price(value: Decimal, currency: str) -> str:
    """Return a unit price as sent, with at least the decimals of its currency."""
    text = format(value.normalize(), "f")
    decimals = len(text.partition(".")[2])
    return text if decimals >= money.minor_digits(currency) else amount(value, currency)


def rate(value: Decimal) -> str:
    """Return a tax rate in percent with two decimals, more where it has them."""
    text = format(value.normalize(), "f")
    return text if len(text.partition(".")[2]) > 2 else f"{value:.2f}"


def moment(value: datetime | None) -> datetime | None:
    """Return a moment in UTC, which JSON writes as RFC 3339 with a Z."""
    return value and value.astimezone(UTC)


def fees(rows: Sequence[Any], currency: str) -> list[dict[str, str]]:
    """Return the fees as the order keeps and answers them."""
    return [
        {"name": fee.name, "amount": amount(fee.amount, currency), "tax_rate": rate(fee.tax_rate)}
        for fee in rows
    ]
