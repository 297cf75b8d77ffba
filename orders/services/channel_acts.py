"""What a sales channel may do to an order it placed, beside cancelling it: hold it, let it go."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands, errors
from config.kernel.actors import Actor
from orders.errors import HoldNotOpen, HoldNotYours, OrderNotOpen
from orders.models import Hold, Order
from orders.services import holds, progress
from orders.states import HoldStatus, OrderStatus

BY = {"by": "channel"}


@commands.command
def expect(*, order_id: UUID, version: int | None) -> None:
    """Go on only if the order still is of the version that was seen, when one was named.

    Raises `VersionChanged`. Locks the order, so that what follows in this transaction holds.
    """
    progress.lock([order_id])
    if version is None:
        return
    present = Order.objects.filter(pk=order_id).values_list("version", flat=True).get()
    if present != version:
        raise errors.VersionChanged(version=present)


@commands.command
def hold(*, order_id: UUID, kind: str, reason: str, actor: Actor, at: datetime) -> bool:
    """Put an open order on hold; return False when it is held for that kind of cause already.

    The hold says that a channel placed it. Raises `OrderNotOpen`. Locks the order.
    """
    progress.lock([order_id])
    if not Order.objects.filter(pk=order_id, status=OrderStatus.OPEN).exists():
        raise OrderNotOpen
    placed = holds.place(
        order_ids=[order_id], kind=kind, reason=reason, params=BY, actor=actor, at=at
    )
    return placed > 0


@commands.command
def release(*, order_id: UUID, kind: str, reason: str, actor: Actor, at: datetime) -> None:
    """Lift a hold that a channel placed; the order goes on when nothing else holds it.

    Raises `HoldNotOpen`, and `HoldNotYours` for what staff or a rule put on hold. Locks the order,
    then what stock it asks for.
    """
    progress.lock([order_id])
    found = Hold.objects.filter(order=order_id, kind=kind, status=HoldStatus.OPEN).first()
    if found is None:
        raise HoldNotOpen
    if found.params.get("by") != BY["by"]:
        raise HoldNotYours
    holds.release(hold_id=found.pk, reason=reason, actor=actor, at=at)
