"""What staff do with many orders at once; each order's own command does the work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from orders.models import Hold, Order
from orders.services import holds, progress
from orders.states import HoldKind, HoldStatus, OrderStatus

NOT_OPEN, HELD_ALREADY = "order_not_open", "held_already"


@commands.command
def hold(
    *, order_ids: Sequence[UUID], reason: str, actor: Actor, at: datetime
) -> Mapping[UUID, str]:
    """Put orders on hold by hand; return why nothing was done, for those where nothing was.

    Locks the orders by id.
    """
    progress.lock(order_ids)
    open_now = Order.objects.filter(pk__in=order_ids, status=OrderStatus.OPEN)
    is_open = set(open_now.values_list("pk", flat=True))
    held = Hold.objects.filter(
        order__in=order_ids, kind=HoldKind.MANUAL, status=HoldStatus.OPEN
    ).values_list("order_id", flat=True)
    idle = {pk: NOT_OPEN for pk in order_ids if pk not in is_open}
    idle |= dict.fromkeys(is_open.intersection(held), HELD_ALREADY)
    fresh = [pk for pk in order_ids if pk not in idle]
    holds.place(order_ids=fresh, reason=reason, actor=actor, at=at)
    return idle


@commands.command
def release(*, order_id: UUID, kind: str, reason: str, actor: Actor, at: datetime) -> int:
    """Lift an order's open holds, of one cause or of all when `kind` is empty; return how many.

    Locks the order, then what stock it asks for.
    """
    progress.lock([order_id])
    still_open = Hold.objects.filter(order=order_id, status=HoldStatus.OPEN)
    chosen = still_open.filter(kind=kind) if kind else still_open
    found = list(chosen.order_by("placed_at", "pk").values_list("pk", flat=True))
    for hold_id in found:
        holds.release(hold_id=hold_id, reason=reason, actor=actor, at=at)
    return len(found)
