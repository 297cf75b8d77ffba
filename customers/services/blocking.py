"""Blocks customers, with a reason that staff read on every order of theirs."""

from datetime import datetime

from config.kernel import commands, events, ids
from config.kernel.actors import Actor
from customers import errors
from customers.models import Customer


@commands.command
def block(*, customer: Customer, reason: str, actor: Actor, at: datetime) -> Customer:
    """Block a customer, or change the reason; `customer.blocked` puts their open orders on hold.

    Blocking again for the same reason changes nothing. Raises `ReasonMissing`, `MergedAway`.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonMissing
    stored = _locked(customer)
    if not stored.is_blocked or stored.blocked_reason != reason:
        _set(stored, reason, actor, at)
    return stored


@commands.command
def unblock(*, customer: Customer, actor: Actor, at: datetime) -> Customer:
    """Let a customer order again; `customer.unblocked` releases what the block held.

    Unblocking a customer who is not blocked changes nothing. Raises `MergedAway`.
    """
    stored = _locked(customer)
    if stored.is_blocked:
        _set(stored, "", actor, at)
    return stored


def _locked(customer: Customer) -> Customer:
    stored = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if stored.merged_into_id:
        raise errors.MergedAway(customer=str(stored.merged_into_id))
    return stored


def _set(customer: Customer, reason: str, actor: Actor, at: datetime) -> None:
    customer.is_blocked, customer.blocked_reason = bool(reason), reason
    customer.version, customer.updated_at = customer.version + 1, at
    customer.save(update_fields=["is_blocked", "blocked_reason", "version", "updated_at"])
    events.publish(
        type="customer.blocked" if reason else "customer.unblocked",
        aggregate="customer",
        aggregate_id=customer.pk,
        version=customer.version,
        at=at,
        actor=actor,
        command_id=ids.new(),
        subject_id=customer.pk,
        payload={"customer": str(customer.pk)},
    )
