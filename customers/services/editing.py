"""What staff change on a customer's page: kept in its normal form, refused when outdated."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from config.kernel import commands, errors, sql, tags
from customers.errors import MergedAway
from customers.models import Customer, CustomerReference
from customers.services import identity

EDITABLE = frozenset(
    {
        "name",
        "company",
        "email",
        "phone",
        "vat_number",
        "language",
        "tags",
        "payment_terms_days",
        "credit_limit",
        "credit_currency",
        "invoice_email",
        "notes",
    }
)


@commands.command
def change(
    *, customer: Customer, version: int, values: Mapping[str, Any], country: str, at: datetime
) -> Customer:
    """Store what a member of staff changed on the version they saw, and return the customer.

    Phone and VAT number are kept in their normal form, as written in `country`. A new e-mail
    identifies the customer too, unless it already identifies another; the old one still does.
    Raises `StaleState` when someone saved before, `MergedAway`, ValueError for a field that is not
    staff's to edit.
    """
    foreign = set(values) - EDITABLE
    if foreign:
        raise ValueError(f"not editable: {', '.join(sorted(foreign))}")
    stored = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if stored.merged_into_id:
        raise MergedAway(customer=str(stored.merged_into_id))
    if stored.version != version:
        raise errors.StaleState
    changes = normalised(values, country)
    for name, value in changes.items():
        setattr(stored, name, value)
    stored.version, stored.updated_at = version + 1, at
    stored.save(update_fields=[*changes, "version", "updated_at"])
    if changes.get("email_key"):
        _also_known_as(stored)
    return stored


def normalised(values: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Return columns in the form they are kept in, with those that follow from them."""
    changes = dict(values)
    if "tags" in values:
        changes["tags"] = tags.canonical(names=values["tags"])
    if "email" in values:
        changes["email_key"] = identity.email_key(values["email"])
    if "phone" in values:
        changes["phone"] = identity.kept_phone(values["phone"], country)
    if "vat_number" in values:
        checked = identity.checked_vat(values["vat_number"], country)
        changes["vat_number"], changes["vat_number_valid"] = checked
    return changes


def _also_known_as(customer: Customer) -> None:
    key = (CustomerReference.Kind.EMAIL.value, customer.email_key)
    row = identity.reference_row(key, customer.pk, customer.channel_id)
    also_known_as(rows=[row])


@commands.command
def also_known_as(*, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let references identify customers too, those that identify another already excepted."""
    if rows:
        sql.run(identity.RECOGNISE, [sql.to_json(rows)])
