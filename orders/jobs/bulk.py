"""What staff do with many orders at once, as jobs: a service, and what became of each order."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import errors, jobs
from config.kernel.models import User
from orders.models import FailedOrder, Order
from orders.services import bulk, cancellation, holds, intake, tagging
from orders.states import HoldKind

NOT_HELD, CANCELLED_ALREADY, REQUESTED = "not_held", "cancelled_already", "cancellation_requested"
HAS_TAG, LACKS_TAG = "has_tag", "lacks_tag"

# Sentences are made when they are read, in the reader's language.
SENTENCES: Mapping[str, Callable[[], str]] = {
    bulk.NOT_OPEN: lambda: _("The order is not open any more."),
    bulk.HELD_ALREADY: lambda: _("It was on hold already."),
    NOT_HELD: lambda: _("It was not on hold for this."),
    CANCELLED_ALREADY: lambda: _("It was cancelled already."),
    REQUESTED: lambda: _("The warehouse is asked to stop what it has begun."),
    HAS_TAG: lambda: _("It had this tag already."),
    LACKS_TAG: lambda: _("It did not have this tag."),
}


def _seen(user: User) -> QuerySet[Order]:
    return Order.objects.visible_to(user)


def _tell(code: str, _params: Mapping[str, Any]) -> str:
    return SENTENCES[code]() if code in SENTENCES else ""


def _because(params: Mapping[str, Any]) -> str:
    return _("Reason: %(reason)s") % {"reason": params["reason"]}


def _released(params: Mapping[str, Any]) -> str:
    kind = params.get("kind")
    if kind not in HoldKind.values:
        return _because(params)
    told = {"cause": HoldKind(kind).label, "reason": params["reason"]}
    return _("On hold for: %(cause)s. Reason: %(reason)s") % told


def _named(params: Mapping[str, Any]) -> str:
    return _("Tag: %(tag)s") % {"tag": params["tag"]}


SHOWN: dict[str, Any] = {
    "subjects": _seen,
    "tell": _tell,
    "page": "admin:orders_order_change",
}


@jobs.batches(
    "orders.hold",
    label=gettext_lazy("Put orders on hold"),
    permission="orders.hold_order",
    describe=_because,
    **SHOWN,
)
def hold(batch: jobs.Batch) -> Mapping[UUID, jobs.Outcome]:
    """Put orders on hold by hand."""
    idle = bulk.hold(
        order_ids=batch.subject_ids, reason=batch.params["reason"], actor=batch.actor, at=batch.at
    )
    by_code = {
        bulk.HELD_ALREADY: jobs.unchanged(bulk.HELD_ALREADY),
        bulk.NOT_OPEN: jobs.refused(bulk.NOT_OPEN),
    }
    return {pk: by_code.get(idle.get(pk, ""), jobs.DONE) for pk in batch.subject_ids}


@jobs.each(
    "orders.release",
    label=gettext_lazy("Release holds"),
    permission="orders.release_hold",
    describe=_released,
    **SHOWN,
)
def release(turn: jobs.Turn) -> jobs.Outcome:
    """Lift an order's holds."""
    lifted = bulk.release(
        order_id=turn.subject_id,
        kind=turn.params["kind"],
        reason=turn.params["reason"],
        actor=turn.actor,
        at=turn.at,
    )
    return jobs.DONE if lifted else jobs.unchanged(NOT_HELD)


@jobs.each(
    "orders.cancel",
    label=gettext_lazy("Cancel orders"),
    permission="orders.cancel_order",
    describe=_because,
    **SHOWN,
)
def cancel(turn: jobs.Turn) -> jobs.Outcome:
    """Cancel what has not left."""
    outcome = cancellation.cancel(
        order_id=turn.subject_id, reason=turn.params["reason"], actor=turn.actor, at=turn.at
    )
    if outcome.requested:
        return jobs.Outcome(jobs.DONE.outcome, REQUESTED)
    return jobs.DONE if outcome.cancelled else jobs.unchanged(CANCELLED_ALREADY)


@jobs.batches(
    "orders.tag",
    label=gettext_lazy("Tag orders"),
    permission="orders.note_order",
    describe=_named,
    **SHOWN,
)
def tag(batch: jobs.Batch) -> Mapping[UUID, jobs.Outcome]:
    """Put a tag on orders."""
    changed = tagging.tag(
        order_ids=batch.subject_ids, name=batch.params["tag"], actor=batch.actor, at=batch.at
    )
    return _changed(batch.subject_ids, changed, HAS_TAG)


@jobs.batches(
    "orders.untag",
    label=gettext_lazy("Take a tag off orders"),
    permission="orders.note_order",
    describe=_named,
    **SHOWN,
)
def untag(batch: jobs.Batch) -> Mapping[UUID, jobs.Outcome]:
    """Take a tag off orders."""
    changed = tagging.untag(
        order_ids=batch.subject_ids, name=batch.params["tag"], actor=batch.actor, at=batch.at
    )
    return _changed(batch.subject_ids, changed, LACKS_TAG)


def _changed(
    subject_ids: Sequence[UUID], changed: Sequence[UUID], idle: str
) -> Mapping[UUID, jobs.Outcome]:
    done = set(changed)
    return {pk: jobs.DONE if pk in done else jobs.unchanged(idle) for pk in subject_ids}


def _failed(user: User) -> QuerySet[FailedOrder]:
    return FailedOrder.objects.visible_to(user)


@jobs.each(
    "orders.retry_failed",
    label=gettext_lazy("Try failed orders again"),
    permission="orders.retry_failedorder",
    subjects=_failed,
    page="admin:orders_failedorder_change",
)
def retry_failed(turn: jobs.Turn) -> jobs.Outcome:
    """Try a failed order again; what fails anew is kept with its new reason."""
    try:
        answer = intake.retry(failed_id=turn.subject_id, actor=turn.actor, at=turn.at)
    except errors.Busy:
        raise
    except errors.DomainError as refusal:
        return jobs.refused(refusal.code)
    if answer.status >= 400:
        return jobs.refused(json.loads(answer.body)["code"])
    return jobs.DONE


@jobs.each(
    "orders.accept_price",
    label=gettext_lazy("Accept a price"),
    permission="orders.release_hold",
    describe=lambda params: _("%(sku)s at %(price)s") % params,
    **SHOWN,
)
def accept_price(turn: jobs.Turn) -> jobs.Outcome:
    """Accept a price for an order that waits for it."""
    accepted = holds.accept_price(
        order_id=turn.subject_id,
        sku=turn.params["sku"],
        price=turn.params["price"],
        reason=turn.params["reason"],
        actor=turn.actor,
        at=turn.at,
    )
    return jobs.DONE if accepted else jobs.unchanged(NOT_HELD)
