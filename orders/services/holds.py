"""Puts orders on hold and lets them go: by staff with a reason, or the cause going away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from config.kernel import commands, ids, states
from config.kernel.actors import Actor
from orders import holding
from orders.errors import HoldNotOpen
from orders.models import Hold, Order
from orders.services import allotment, progress
from orders.services.progress import Happened
from orders.states import Action, HoldKind, HoldStatus, OrderStatus


@commands.command
def place(
    *,
    order_ids: Sequence[UUID],
    kind: str = HoldKind.MANUAL,
    reason: str = "",
    params: Mapping[str, Any] | None = None,
    remind_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> int:
    """Put open orders on hold for a cause; return how many were not held for it already.

    On `remind_on` the queue of holds shows them first. An order released before is taken back from
    the warehouse's list. Locks the orders by id.
    """
    progress.lock(order_ids)
    held = Hold.objects.filter(order__in=order_ids, kind=kind, status=HoldStatus.OPEN)
    already = set(held.values_list("order_id", flat=True))
    is_open = Order.objects.filter(pk__in=order_ids, status=OrderStatus.OPEN)
    fresh = [pk for pk in is_open.values_list("pk", flat=True) if pk not in already]
    Hold.objects.bulk_create(
        Hold(
            order_id=pk,
            kind=kind,
            params={**(params or {}), **({"reason": reason} if reason else {})},
            placed_at=at,
            placed_by=actor.label,
            remind_on=remind_on,
        )
        for pk in fresh
    )
    progress.record(
        happened=[Happened(pk, "order.held", {"hold": kind}) for pk in fresh],
        actor=actor,
        command_id=ids.new(),
        at=at,
    )
    return len(fresh)


@commands.command
def extend(
    *,
    order_id: UUID,
    kind: str,
    name: str,
    facts: Sequence[Mapping[str, Any]],
    actor: Actor,
    at: datetime,
) -> None:
    """Hold an order for more facts of a kind: beside those known under `name`, or anew."""
    progress.lock([order_id])
    held = Hold.objects.filter(order=order_id, kind=kind, status=HoldStatus.OPEN).first()
    if held is None:
        params = {name: list(facts)}
        place(order_ids=[order_id], kind=kind, params=params, actor=actor, at=at)
        return
    told = held.params.get(name, [])
    more = [*told, *(fact for fact in facts if fact not in told)]
    Hold.objects.filter(pk=held.pk).update(params={**held.params, name: more})


@commands.command
def remind(*, hold_id: UUID, on: date | None, actor: Actor, at: datetime) -> None:
    """Have the queue show an open hold first from a day on; None forgets the day.

    Raises `HoldNotOpen` when it was lifted before. Locks the order.
    """
    hold = _locked(hold_id)
    if hold.remind_on == on:
        return
    Hold.objects.filter(pk=hold.pk).update(remind_on=on)
    told = {"hold": hold.kind, "on": on and on.isoformat()}
    progress.record(
        happened=[Happened(hold.order_id, "order.hold_reminder", told)],
        actor=actor,
        command_id=ids.new(),
        at=at,
    )


@commands.command
def release(*, hold_id: UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Lift one hold by hand, with the reason; the order goes on when nothing else holds it.

    Raises `HoldNotOpen` when it was lifted before. Locks the order, then what stock it asks for.
    """
    hold = _locked(hold_id)
    states.transition(
        hold, HoldStatus.RELEASED, released_at=at, released_by=actor.label, reason=reason
    )
    _go_on([hold], actor, at)


@commands.command
def accept_price(
    *, order_id: UUID, sku: str, price: str, reason: str, actor: Actor, at: datetime
) -> bool:
    """Take a SKU's price as it is; the order goes on when no other price is in question.

    Return whether the order waited for it. Locks the order.
    """
    progress.lock([order_id])
    hold = _open(HoldKind.PRICE, [order_id]).first()
    lines = hold.params.get("lines", []) if hold else []
    left = [line for line in lines if (line["sku"], line["price"]) != (sku, price)]
    if hold is None or len(left) == len(lines):
        return False
    if left:
        Hold.objects.filter(pk=hold.pk).update(params={**hold.params, "lines": left})
        return True
    lift(kind=HoldKind.PRICE, order_ids=[order_id], reason=reason, actor=actor, at=at)
    return True


@commands.command
def lift(*, kind: str, order_ids: Sequence[UUID], reason: str, actor: Actor, at: datetime) -> int:
    """Lift the holds of one kind whose cause went away; return how many there were."""
    progress.lock(order_ids)
    gone = list(_open(kind, order_ids))
    states.transition_many(
        _open(kind, order_ids),
        origin=HoldStatus.OPEN,
        to=HoldStatus.RELEASED,
        released_at=at,
        released_by=actor.label,
        reason=reason,
    )
    _go_on(gone, actor, at)
    return len(gone)


def _locked(hold_id: UUID) -> Hold:
    """Return an open hold with its order locked; raise `HoldNotOpen` when it is none any more."""
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise HoldNotOpen
    progress.lock([hold.order_id])
    hold.refresh_from_db()
    if hold.status != HoldStatus.OPEN:
        raise HoldNotOpen
    return hold


def _open(kind: str, order_ids: Sequence[UUID]) -> QuerySet[Hold]:
    return Hold.objects.filter(kind=kind, order__in=order_ids, status=HoldStatus.OPEN)


def _go_on(lifted: Iterable[Hold], actor: Actor, at: datetime) -> None:
    """Tell what was lifted, and ask for the stock that a hold forbade to ask for."""
    lifted = list(lifted)
    progress.record(
        happened=[
            Happened(one.order_id, "order.hold_released", {"hold": one.kind}) for one in lifted
        ],
        actor=actor,
        command_id=ids.new(),
        at=at,
    )
    asking = [one.order_id for one in lifted if holding.blocks([one.kind], Action.ALLOCATE)]
    if asking:
        allotment.allot(order_ids=asking, actor=actor, at=at, queue_behind=True)
