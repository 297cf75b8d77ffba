"""What somebody who enters an order looks up: customers, their addresses, products with stock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from customers import addresses
from customers.models import Address, Customer
from customers.models.customers import CustomerQuerySet
from customers.queries import search as customers
from inventory.models import Price, Product
from inventory.queries import barcodes, levels
from inventory.queries import console as stock
from orders.models import Order, OrderLine
from orders.queries import credit

MOST = 8
NUMBER = re.compile(r"(?:SO[- ]?)?(\d{4,12})", re.IGNORECASE)
POSTCODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 -]{2,9}")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a suggestion, with the address used last."""

    customer: Customer
    address: Address | None


@dataclass(frozen=True, slots=True)
class Card:
    """What matters of a chosen customer: addresses, the latest first, and what is owed."""

    customer: Customer
    addresses: Sequence[Address]
    owed: Decimal | None
    orders: Sequence[Order]


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as a suggestion: `units` are what the code that was typed stands for.

    `available` is by warehouse, in the order they are asked.
    """

    sku: str
    name: str
    units: int
    is_scanned: bool
    is_exact: bool
    is_stocked: bool
    list_price: Decimal | None
    available: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Again:
    """A line of an earlier order, and what its product costs by list now."""

    line: OrderLine
    quantity: int
    list_price: Decimal | None


def people(
    *, term: str, seen: CustomerQuerySet, orders: QuerySet[Order], most: int = MOST
) -> list[Person]:
    """Return the customers a term means: name, e-mail, phone, reference, order number, postcode.

    `seen` and `orders` are what the reader may see. Each way to look is answered by an index.
    """
    found = {one.pk: one for one in customers.find(term=term, customers=seen, most=most)}
    ways = _ways(" ".join(term.split()))
    if ways and len(found) < most:
        recent = orders.filter(ways, customer__isnull=False).order_by("-pk")
        keys = recent.values_list("customer_id", flat=True)[: 5 * most]
        for one in seen.filter(pk__in=list(keys)):
            found.setdefault(one.pk, one)
    chosen = list(found.values())[:most]
    latest = {one.customer_id: one for one in _latest_addresses(chosen)}
    return [Person(one, latest.get(one.pk)) for one in chosen]


def _ways(term: str) -> Q:
    number, ways = NUMBER.fullmatch(term), Q()
    if number:
        ways |= Q(number=f"SO-{number[1]}")
    if POSTCODE.fullmatch(term):
        ways |= Q(postcode_key=addresses.postal_key(term)) & ~Q(postcode_key="")
    return ways


def _latest_addresses(people: Sequence[Customer]) -> QuerySet[Address]:
    book = Address.objects.filter(customer__in=people)
    return book.order_by("customer", "-first_used_at", "-pk").distinct("customer")


def card(*, customer: Customer, orders: QuerySet[Order]) -> Card:
    """Return what matters of a customer; three statements."""
    book = Address.objects.filter(customer=customer).order_by("-first_used_at", "-pk")
    return Card(
        customer=customer,
        addresses=list(book[:20]),
        owed=None
        if customer.credit_limit is None
        else credit.outstanding(customer.pk, customer.credit_currency),
        orders=list(orders.filter(customer=customer).order_by("-placed_at")[:3]),
    )


def offers(*, term: str, currency: str, most: int = MOST) -> list[Offer]:
    """Return the products a SKU, a part of a name or a barcode means, in at most five statements.

    The code of a case stands for what is in it. Only products that are sold.
    """
    scanned = barcodes.look_up(term)
    found = [scanned.product] if scanned is not None else stock.find_products(term, most)
    sold = [product for product in found if product.is_active]
    prices = _list_prices([product.pk for product in sold], currency)
    available = levels.of_products([product.pk for product in sold])
    return [
        Offer(
            sku=product.sku,
            name=product.name,
            units=scanned.unit_quantity if scanned else 1,
            is_scanned=scanned is not None,
            is_exact=len(sold) == 1 and (scanned is not None or _is_same(product, term)),
            is_stocked=product.is_stocked,
            list_price=prices.get(product.pk),
            available=[
                (place.warehouse_code, place.available) for place in available.get(product.pk, ())
            ],
        )
        for product in sold
    ]


def _is_same(product: Product, term: str) -> bool:
    return product.sku.casefold() == term.strip().casefold()


def _list_prices(product_ids: Sequence[UUID], currency: str) -> Mapping[UUID, Decimal]:
    prices = Price.objects.filter(product__in=product_ids, currency=currency)
    return dict(prices.values_list("product_id", "list_price"))


def again(*, order: Order) -> list[Again]:
    """Return what would be ordered again: lines as they were sent, less what was cancelled."""
    lines = OrderLine.objects.filter(order=order, parent_line=None).order_by("position")
    sent = [(line, _units(line)) for line in lines]
    products = [line.product_id for line, _ in sent if line.product_id]
    prices = _list_prices(products, order.currency)
    return [
        Again(line, units, prices.get(line.product_id) if line.product_id else None)
        for line, units in sent
        if units
    ]


def _units(line: OrderLine) -> int:
    return line.set_quantity or line.ordered - line.cancelled


def contact(customer: Customer) -> dict[str, Any]:
    """Return how a customer is reached, as a form holds it."""
    names = ("name", "company", "email", "phone", "vat_number")
    return {name: getattr(customer, name) for name in names}
