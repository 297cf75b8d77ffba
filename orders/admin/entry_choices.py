"""What is suggested to somebody who enters an order, and what a choice brings along."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import words
from customers import addresses
from customers.models import Address
from orders import answers
from orders.models import Order
from orders.queries import entry as lookups
from orders.queries.entry import Again, Card, Offer, Person

Told = dict[str, Any]


def person(found: Person) -> Told:
    """Return a customer as a suggestion."""
    customer, address = found.customer, found.address
    place = f"{address.postal_code} {address.city}".strip() if address else ""
    about = [customer.name if customer.company else "", customer.email, customer.phone, place]
    return {
        "id": str(customer.pk),
        "title": str(customer),
        "text": " · ".join(part for part in about if part),
        "mark": _("blocked") if customer.is_blocked else "",
    }


def card(found: Card) -> Told:
    """Return a chosen customer: what the form takes over, and what to know."""
    customer = found.customer
    return {
        "id": str(customer.pk),
        "url": reverse("admin:customers_customer_change", args=[customer.pk]),
        "title": str(customer),
        "contact": lookups.contact(customer),
        "terms": customer.payment_terms_days,
        "currency": found.orders[0].currency if found.orders else "",
        "addresses": [_address(one) for one in found.addresses],
        "notes": list(_about(found)),
        "orders": [_earlier(order) for order in found.orders],
    }


def _about(found: Card) -> Iterator[Told]:
    customer = found.customer
    if customer.is_blocked:
        text = _("The customer is blocked: %(reason)s") % {"reason": customer.blocked_reason}
        yield {"tone": "bad", "text": text}
    if customer.payment_terms_days is not None:
        days = customer.payment_terms_days
        text = ngettext("Pays within %(days)s day", "Pays within %(days)s days", days)
        yield {"tone": "quiet", "text": text % {"days": days}}
    if found.owed is not None and customer.credit_limit is not None:
        told = {
            "owed": words.amount(found.owed, customer.credit_currency),
            "limit": words.amount(customer.credit_limit, customer.credit_currency),
        }
        tone = "bad" if found.owed > customer.credit_limit else "quiet"
        yield {"tone": tone, "text": _("Owes %(owed)s of at most %(limit)s") % told}


def _address(address: Address) -> Told:
    parts = {name: getattr(address, name) for name in addresses.FIELDS}
    return {"text": ", ".join(addresses.lines(parts)), "parts": parts}


def _earlier(order: Order) -> Told:
    return {
        "number": order.number,
        "text": f"{words.day(order.placed_at.date())} · "
        f"{words.amount(order.total_amount, order.currency)}",
        "copy": f"{reverse('admin:orders_order_new')}?copy={order.pk}",
    }


def offer(found: Offer, currency: str) -> Told:
    """Return a product as a suggestion."""
    left = " · ".join(f"{code} {words.count(units)}" for code, units in found.available)
    listed = words.unit_price(found.list_price, currency) if found.list_price is not None else ""
    return {
        "title": found.sku,
        "text": found.name,
        "price": listed,
        "available": left if found.is_stocked else _("non-stock item"),
        "is_gone": found.is_stocked and not any(units > 0 for _code, units in found.available),
        "sku": found.sku,
        "units": found.units,
        "is_scanned": found.is_scanned,
        "is_exact": found.is_exact,
        "unit_price": price(found.list_price, currency),
    }


def again(line: Again, currency: str) -> Told:
    """Return a line of an earlier order to start from: today's list price, marked if it moved."""
    then, now = line.line.unit_price, line.list_price
    changed = now is not None and now != then
    return {
        "sku": line.line.sku,
        "name": line.line.description,
        "quantity": str(line.quantity),
        "unit_price": price(now if now is not None else then, currency),
        "tax_rate": typed(rate(line.line.tax_rate)),
        "was": price(then, currency) if changed else "",
        "was_told": _("Was %(price)s") % {"price": words.unit_price(then, currency)}
        if changed
        else "",
    }


def rate(value: Decimal) -> str:
    """Return a tax rate without needless zeros."""
    return format(value.normalize(), "f")


def price(value: Decimal | None, currency: str) -> str:
    """Return a price as the reader would type it; nothing for none."""
    return "" if value is None else typed(answers.price(value, currency))


def typed(number: str) -> str:
    """Return a number as the reader would type it."""
    return number.replace(".", formats.get_format("DECIMAL_SEPARATOR"))
