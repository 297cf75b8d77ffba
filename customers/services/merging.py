"""Joins two records of one customer: the survivor answers for both, and nothing is lost."""

from datetime import datetime
from typing import Any

from django.db.models import F

from config.kernel import commands, events, ids
from config.kernel.actors import Actor
from customers import errors
from customers.models import Address, Customer, CustomerReference
from customers.services import blocking

# What the survivor takes over where it has nothing itself.
TAKEN_OVER = (
    ("name",),
    ("company",),
    ("email", "email_key"),
    ("phone",),
    ("vat_number", "vat_number_valid"),
    ("language",),
    ("invoice_email",),
    ("payment_terms_days",),
    ("credit_limit", "credit_currency"),
)


@commands.command
def merge(
    *, survivor: Customer, duplicate: Customer, actor: Actor, reason: str, at: datetime
) -> Customer:
    """Make the survivor answer for both customers, of whatever channels, and return it.

    References and addresses move, the survivor takes over what it lacks, a block stays a block, and
    whatever was merged into the duplicate before is now merged into the survivor. `customer.merged`
    tells orders to follow. Merging twice changes nothing. Raises `MergedIntoItself`,
    `MergedAway` when one of them already belongs to another, `ReasonMissing`.
    Locks both customers, in the order of their keys.
    """
    if survivor.pk == duplicate.pk:
        raise errors.MergedIntoItself
    if not reason.strip():
        raise errors.ReasonMissing
    survivor, duplicate = _locked(survivor, duplicate)
    if duplicate.merged_into_id == survivor.pk:
        return survivor
    if survivor.merged_into_id or duplicate.merged_into_id:
        raise errors.MergedAway(customer=str(survivor.merged_into_id or duplicate.merged_into_id))
    _move(duplicate, survivor)
    _take_over(duplicate, survivor, at)
    events.publish(
        type="customer.merged",
        aggregate="customer",
        aggregate_id=survivor.pk,
        version=survivor.version,
        at=at,
        actor=actor,
        command_id=ids.new(),
        subject_id=survivor.pk,
        payload={"survivor": str(survivor.pk), "duplicate": str(duplicate.pk)},
    )
    if duplicate.is_blocked and not survivor.is_blocked:
        blocking.block(customer=survivor, reason=duplicate.blocked_reason, actor=actor, at=at)
    return survivor


def _locked(survivor: Customer, duplicate: Customer) -> tuple[Customer, Customer]:
    both = Customer.objects.filter(pk__in=[survivor.pk, duplicate.pk]).order_by("pk")
    rows = {row.pk: row for row in both.select_for_update(no_key=True)}
    return rows[survivor.pk], rows[duplicate.pk]


def _move(duplicate: Customer, survivor: Customer) -> None:
    CustomerReference.objects.filter(customer=duplicate).update(customer=survivor)
    known = Address.objects.filter(customer=survivor).values("digest")
    Address.objects.filter(customer=duplicate).exclude(digest__in=known).update(customer=survivor)
    Address.objects.filter(customer=duplicate).delete()
    merged = Customer.objects.filter(merged_into=duplicate)
    merged.update(merged_into=survivor, version=F("version") + 1)


def _take_over(duplicate: Customer, survivor: Customer, at: datetime) -> None:
    changes: dict[str, Any] = {
        "tags": list(dict.fromkeys([*survivor.tags, *duplicate.tags])),
        "notes": "\n\n".join(filter(None, [survivor.notes, duplicate.notes])),
    }
    for names in TAKEN_OVER:
        if getattr(survivor, names[0]) in {None, ""}:
            changes |= {name: getattr(duplicate, name) for name in names}
    _write(survivor, changes, at)
    _write(duplicate, {"merged_into": survivor}, at)


def _write(customer: Customer, changes: dict[str, Any], at: datetime) -> None:
    changes |= {"version": customer.version + 1, "updated_at": at}
    Customer.objects.filter(pk=customer.pk).update(**changes)
    for name, value in changes.items():
        setattr(customer, name, value)
