"""Orders as rows of plain values, one a line, as files hold them: looked up, or all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from config.kernel.uploads import columns
from customers.models import CustomerReference
from orders import states
from orders.models import Intake, Order, OrderLine, Payment

AT_ONCE = 1000
NOBODY = {"name": "", "company": "", "vat_number": ""}
ADDRESS = {
    "ship_name": "name",
    "ship_company": "company",
    "line1": "line1",
    "line2": "line2",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
    "ship_phone": "phone",
}
UNPAID = dict.fromkeys(
    ("payment_method", "payment_status", "payment_amount", "payment_reference"), ""
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An order: its key, its channel's code, and its lines' rows."""

    id: UUID
    channel: str
    reference: str
    lines: Sequence[dict[str, Any]]


def fingerprints(order_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what the contents of orders are recognised by, as they came in."""
    found = Intake.objects.filter(order__in=order_ids)
    return dict(found.values_list("order_id", "fingerprint"))


def orders(found: QuerySet[Order]) -> Iterator[Listed]:
    """Yield orders in the given order, some at a time, in four statements each time."""
    references = CustomerReference.objects.filter(
        customer=OuterRef("customer"),
        channel=OuterRef("channel"),
        kind=CustomerReference.Kind.REFERENCE,
    )
    first = Subquery(references.order_by("value").values("value")[:1])
    whole = found.select_related("channel", "customer").annotate(customer_reference=first)
    stream = iter(whole.iterator(chunk_size=AT_ONCE))
    while chunk := list(islice(stream, AT_ONCE)):
        keys = [order.pk for order in chunk]
        lines, payments = _lines(keys), _payments(keys)
        for order in chunk:
            head = _head(order) | payments.get(order.pk, UNPAID)
            rows = [{**head, **line} for line in lines[order.pk]]
            yield Listed(order.pk, order.channel.code, order.reference, rows)


def _head(order: Any) -> dict[str, Any]:
    customer, address = order.customer, order.shipping_address or {}
    person = {name: getattr(customer, name) for name in NOBODY} if customer else NOBODY
    return {
        "channel": order.channel.code,
        "reference": order.reference,
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "currency": order.currency,
        "prices_include_tax": order.prices_include_tax,
        "customer_reference": order.customer_reference or "",
        **person,
        "email": order.email,
        "phone": order.phone,
        **{name: address.get(key) or "" for name, key in ADDRESS.items()},
        "customer_order_number": order.customer_order_number,
        "shipping_method": order.shipping_method,
        "priority": states.Priority(order.priority).name.lower(),
        "ship_not_before": order.ship_not_before.isoformat() if order.ship_not_before else "",
        "deliver_by": order.deliver_by.isoformat() if order.deliver_by else "",
        "ship_complete": order.ship_complete,
        "shipping_amount": columns.decimal(order.shipping_amount),
        "shipping_tax_rate": columns.decimal(order.shipping_tax_rate),
        "discount_amount": columns.decimal(order.discount_amount),
        "total_amount": columns.decimal(order.total_amount),
        "gift_message": order.gift_message,
        "note": order.note,
    }


def _lines(order_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the lines as they were sent; a set's discount lies with its components."""
    sent = OrderLine.objects.filter(order__in=order_ids, parent_line=None)
    parts = OrderLine.objects.filter(order__in=order_ids, parent_line__isnull=False)
    discounts: dict[UUID, Decimal] = dict(
        parts.values_list("parent_line").annotate(Sum("discount_amount"))
    )
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for line in sent.order_by("order", "position").iterator(chunk_size=AT_ONCE):
        quantity = line.ordered if line.set_quantity is None else line.set_quantity
        discount = discounts.get(line.pk, line.discount_amount)
        found[line.order_id].append(
            {
                "line_reference": line.reference,
                "sku": line.sku,
                "quantity": quantity,
                "unit_price": columns.decimal(line.unit_price),
                "tax_rate": columns.decimal(line.tax_rate),
                "line_discount": columns.decimal(discount),
                "description": line.description,
                "buyer_item_number": line.buyer_item_number,
            }
        )
    return found


def _payments(order_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return each order's first payment; a row has room for one."""
    first = Payment.objects.filter(order__in=order_ids).order_by("order", "pk").distinct("order")
    names = ("order_id", "method", "status", "amount", "reference")
    return {
        order_id: {
            "payment_method": method,
            "payment_status": status,
            "payment_amount": columns.decimal(amount),
            "payment_reference": reference,
        }
        for order_id, method, status, amount, reference in first.values_list(*names)
    }
