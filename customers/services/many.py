"""Writes many customers in a few statements, as files of them bring them; one form for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, sql
from customers.addresses import Checked
from customers.models import Customer
from customers.services import addresses as address_book
from customers.services import editing, identity

# What staff keep about a customer, and what a new one begins with.
KEPT: Mapping[str, Any] = {
    "tags": [],
    "payment_terms_days": None,
    "credit_limit": None,
    "credit_currency": "",
    "invoice_email": "",
    "notes": "",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer as a file has it. `customer_id` is None for a new one.

    `columns` are all columns of the record in their normal form (`editing.normalised`);
    `references` are further keys, as (kind, value), by which the channel knows the customer.
    """

    customer_id: UUID | None
    channel_id: UUID
    columns: Mapping[str, Any]
    given: identity.Given | None = None
    references: Sequence[tuple[str, str]] = field(default_factory=tuple)
    address: Checked | None = None


@commands.command
def save(*, listed: Sequence[Listed], at: datetime) -> None:
    """Add customers and change others, with their references and addresses.

    A reference or an e-mail that identifies another customer stays with that one. Who calls has
    locked the customers that change. Runs again when one was added by someone else at that moment.
    """
    keys = _add([one for one in listed if one.customer_id is None], at)
    known = [one for one in listed if one.customer_id is not None]
    sql.revise(Customer, [{"id": one.customer_id, **one.columns} for one in known], at=at)
    editing.also_known_as(
        rows=[
            identity.reference_row(key, one.customer_id, one.channel_id)
            for one in known
            if one.customer_id is not None
            for key in one.references
        ]
    )
    keys |= {id(one): one.customer_id for one in known if one.customer_id is not None}
    book = {
        (keys[id(one)], row["digest"]): row
        for one in listed
        if one.address is not None
        for row in [address_book.address_row(keys[id(one)], one.address, at)]
    }
    address_book.remember(rows=list(book.values()))


def _add(listed: Sequence[Listed], at: datetime) -> dict[int, UUID]:
    """Add new customers by what identifies them, and return their keys."""
    identities = []
    keys: dict[int, UUID] = {}
    for one in listed:
        if one.given is None:
            raise ValueError("a new customer is identified by what was given")
        made = identity.resolve(
            channel_id=one.channel_id, given=one.given, by_reference=None, by_email=None, at=at
        )
        if made.customer_id is None:
            raise ValueError("a new customer has a reference or an e-mail")
        row = next(rows[0] for model, rows in made.new_rows if model is Customer)
        row |= {**KEPT} | {name: one.columns[name] for name in KEPT if name in one.columns}
        identities.append(made)
        keys[id(one)] = made.customer_id
    identity.store(identities=identities, at=at)
    return keys
