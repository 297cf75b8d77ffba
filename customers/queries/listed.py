"""Customers as rows of plain values, as files hold them: looked up, or all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from config.kernel.uploads import columns
from customers.models import Address, Customer, CustomerReference

AT_ONCE = 2000

PLAIN = (
    "name", "company", "email", "phone", "vat_number", "language", "tags", "payment_terms_days",
    "credit_currency", "invoice_email", "notes",
)  # fmt: skip
DERIVED = ("email_key", "vat_number_valid")
ADDRESS = {
    "address_name": "name",
    "address_company": "company",
    "line1": "line1",
    "line2": "line2",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
}
REFERENCE = CustomerReference.Kind.REFERENCE.value

Found = tuple[UUID, dict[str, Any]]


def customers(found: QuerySet[Customer]) -> Iterator[Found]:
    """Yield customers with the reference of their channel and their latest address."""
    references = CustomerReference.objects.filter(
        customer=OuterRef("pk"), channel=OuterRef("channel_id"), kind=REFERENCE
    )
    first = Subquery(references.order_by("value").values("value")[:1])
    names = ("pk", "channel__code", "first", "is_blocked", "credit_limit", *PLAIN, *DERIVED)
    cells = found.annotate(first=first).values_list(*names)
    stream = iter(cells.iterator(chunk_size=AT_ONCE))
    while chunk := list(islice(stream, AT_ONCE)):
        addresses = _latest_addresses([row[0] for row in chunk])
        for key, channel, reference, is_blocked, limit, *rest in chunk:
            yield (
                key,
                {
                    "customer": str(key),
                    "channel": channel,
                    "reference": reference or "",
                    "is_blocked": is_blocked,
                    "credit_limit": None if limit is None else columns.decimal(limit),
                    **dict(zip((*PLAIN, *DERIVED), rest, strict=True)),
                    **addresses.get(key, dict.fromkeys(ADDRESS, "")),
                },
            )


def _latest_addresses(customer_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    newest = (
        Address.objects.filter(customer__in=customer_ids)
        .order_by("customer", "-first_used_at", "-pk")
        .distinct("customer")
    )
    return {
        key: dict(zip(ADDRESS, cells, strict=True))
        for key, *cells in newest.values_list("customer_id", *ADDRESS.values())
    }


def digests(customer_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Return what the addresses of customers are recognised by."""
    known: dict[UUID, set[str]] = defaultdict(set)
    rows = Address.objects.filter(customer__in=customer_ids).values_list("customer_id", "digest")
    for customer_id, digest in rows:
        known[customer_id].add(digest)
    return known


def keys(pairs: Iterable[tuple[UUID, str, str]]) -> dict[tuple[UUID, str, str], UUID]:
    """Return the customers that channels know under keys: (channel, kind, value)."""
    wanted = set(pairs)
    found = CustomerReference.objects.filter(
        channel__in={channel_id for channel_id, _, _ in wanted},
        value__in={value for _, _, value in wanted},
    )
    names = ("channel_id", "kind", "value", "customer_id")
    return {
        (channel_id, kind, value): customer_id
        for channel_id, kind, value, customer_id in found.values_list(*names)
        if (channel_id, kind, value) in wanted
    }
