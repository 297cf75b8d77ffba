"""A channel's customer by what the channel knows: its own reference, or an e-mail address."""

from typing import Any
from uuid import UUID

from customers.models import Customer, CustomerReference

SHOWN = (
    "name", "company", "email", "phone", "vat_number", "language", "is_blocked", "created_at",
    "updated_at", "version",
)  # fmt: skip
Kind = CustomerReference.Kind


def find(*, channel_id: UUID, kind: str, value: str) -> list[dict[str, Any]]:
    """Return the customer that identifies itself so within the channel, or nobody; two queries.

    What other channels call the customer stays theirs.
    """
    named = CustomerReference.objects.filter(channel=channel_id, kind=kind, value=value)
    customer = Customer.objects.filter(pk__in=named.values("customer_id")).first()
    if customer is None:
        return []
    own = CustomerReference.objects.filter(
        channel=channel_id, kind=Kind.REFERENCE, customer=customer
    )
    references = list(own.order_by("value").values_list("value", flat=True))
    shown = {name: getattr(customer, name) for name in SHOWN}
    return [{"id": customer.pk, "references": references, **shown}]
