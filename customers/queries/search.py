"""Finds customers by whatever people have in hand; each way to look is answered by an index."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from config.kernel import folding, wordsearch
from customers import phones
from customers.models import Customer, CustomerReference
from customers.models.customers import CustomerQuerySet

PHONE = re.compile(r"[+(]?[\d(][\d\s()/.-]{5,}")
SHORTEST_NAME = 2


def find(
    *, term: str, customers: CustomerQuerySet, most: int = 50, country: str = "GB"
) -> list[Customer]:
    """Return the customers a term means: e-mail, phone, a reference, part of a name.

    `customers` are those the reader may see; `country` reads phone numbers without a prefix.
    """
    term = " ".join(term.split())
    if not term:
        return []
    found: dict[UUID, Customer] = {}
    for condition in _ways(term, country):
        chosen = customers.with_words().filter(condition)
        for customer in chosen.order_by("company", "name")[:most]:
            found.setdefault(customer.pk, customer)
    return list(found.values())[:most]


def named(term: str, customers: CustomerQuerySet) -> CustomerQuerySet:
    """Keep the customers with a word in name or company for the beginning of each word."""
    wanted = wordsearch.beginnings(term)
    if wanted is None:
        return customers.none()
    return customers.with_words().filter(Q(words=wanted))


def _ways(term: str, country: str) -> Iterator[Q]:
    key = folding.key(term)
    if "@" in term:
        yield Q(email_key=key)
    references = CustomerReference.objects.filter(value__in=[term, key])
    yield Q(pk__in=references.values("customer_id"))
    if PHONE.fullmatch(term):
        yield Q(phone=phones.normalise(term, country))
    if len(term) >= SHORTEST_NAME:
        yield Q(company__istartswith=term) & ~Q(company="")
        yield Q(name__istartswith=term) & ~Q(name="")
        wanted = wordsearch.beginnings(term)
        if wanted is not None:
            yield Q(words=wanted)
