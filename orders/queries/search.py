"""Finds orders by whatever people have in hand; the kind of term decides which indexes are asked.

One function for the list, the palette and the API. The arms are united by id; each is one index
look-up and gives at most as many orders as a person would read, the newest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet

from config.kernel import folding, wordsearch
from config.kernel.models import Channel
from customers import addresses, phones
from customers.models import Customer
from customers.queries import search as customers
from orders.models import Order, OrderLine, Payment

MOST = 200

NUMBER = re.compile(r"(?:SO)?([1-9]\d{3,11})", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"[+(]?[\d(][\d\s()/.-]{5,}")
POSTCODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 -]{2,9}")
NAME = re.compile(r"[^\d@]{3,}")
SEPARATORS = re.compile(r"[\s-]")
BLANKS = re.compile(r"\s")

# Not as an index holds it: of a rare name, walking all orders by age would read nearly all of them.
NEWEST = ExpressionWrapper(F("placed_at") + timedelta(0), DateTimeField()).desc()
NAME_WORDS = SearchVector("name_key", config="simple")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to look: the kind of term, and the condition an index answers."""

    kind: str
    condition: Q


def classify(term: str, *, country: str = "GB") -> list[Arm]:
    """Return the ways a term can be meant; phone numbers without a prefix are of `country`."""
    term = " ".join(term.split())
    return list(_arms(term, country)) if term else []


def find(*, term: str, orders: QuerySet[Order], country: str = "GB") -> list[UUID]:
    """Return the ids of the orders a term means, newest first, at most 200; one statement.

    `orders` are those the reader may see. An unknown term finds nothing.
    """
    arms = classify(term, country=country)
    if not arms:
        return []
    newest = orders.alias(name_words=NAME_WORDS).order_by(NEWEST).values("pk")
    first, *rest = (newest.filter(arm.condition)[:MOST] for arm in arms)
    ids = Order.objects.filter(pk__in=first.union(*rest) if rest else first)
    return list(ids.order_by("-placed_at", "-pk").values_list("pk", flat=True)[:MOST])


def _arms(term: str, country: str) -> Iterator[Arm]:
    number = NUMBER.fullmatch(SEPARATORS.sub("", term))
    if number:
        yield Arm("number", Q(number=f"SO-{number[1]}"))
    if EMAIL.fullmatch(term):
        yield Arm("email", Q(email_key=folding.key(term)) & ~Q(email_key=""))
        return
    spelt = _spellings(term)
    yield Arm("reference", Q(channel__in=Channel.objects.values("pk"), reference__in=spelt))
    yield Arm("theirs", Q(customer_order_number__in=spelt) & ~Q(customer_order_number=""))
    paid = Payment.objects.filter(reference__in=spelt).exclude(reference="")
    yield Arm("payment", Q(pk__in=paid.values("order_id")))
    yield Arm("sku", Q(pk__in=_with_sku(term)))
    if PHONE.fullmatch(term):
        yield Arm("phone", Q(phone=phones.normalise(term, country)) & ~Q(phone=""))
    if POSTCODE.fullmatch(term):
        yield Arm("postcode", Q(postcode_key=addresses.postal_key(term)) & ~Q(postcode_key=""))
    if NAME.fullmatch(term):
        yield from _by_name(term)


def _by_name(term: str) -> Iterator[Arm]:
    """By the beginning of any word of a name or of a company's."""
    wanted = wordsearch.beginnings(term)
    if wanted is not None:
        yield Arm("name", Q(name_words=wanted) & ~Q(name_key=""))
        yield Arm("company", Q(customer__in=_named(term)))


def _spellings(term: str) -> list[str]:
    """As it was typed, in capitals, and without the blanks of a paste or a scan."""
    compact = BLANKS.sub("", term)
    return list(dict.fromkeys([term, term.upper(), compact, compact.upper()]))


def _with_sku(term: str) -> QuerySet[OrderLine, Any]:
    """The newest orders with a SKU; a popular one is in more than anyone would read."""
    lines = OrderLine.objects.filter(sku_key=folding.sku(term))
    return lines.order_by("-order_id").values("order_id")[:MOST]


def _named(term: str) -> QuerySet[Customer, Any]:
    return customers.named(term, Customer.objects.all()).values("pk")[:MOST]
