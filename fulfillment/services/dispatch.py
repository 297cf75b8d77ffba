"""Despatch: promised units leave the building, and the order knows it in the same transaction."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from inventory.services import reservations
from orders.errors import Held, NothingToShip
from orders.models import Hold, OrderLine
from orders.services import progress
from orders.states import HoldStatus


@commands.command
def ship_at_once(*, order_id: UUID, command_id: UUID, actor: Actor, at: datetime) -> int:
    """Ship all that is allocated to an order without warehouse steps; return the units shipped.

    For goods handed over the counter. Raises `Held` while anything holds the order, `NothingToShip`
    when nothing is allocated. Locks the order, then stock levels in id order, then bins.
    """
    progress.lock([order_id])
    if Hold.objects.filter(order=order_id, status=HoldStatus.OPEN).exists():
        raise Held
    lines = OrderLine.objects.filter(order=order_id, reserved__gt=0)
    units = dict(lines.values_list("pk", "reserved"))
    if not units:
        raise NothingToShip
    reservations.consume(
        promises=reservations.of_demands(demand_ids=list(units)),
        command_id=command_id,
        subject_id=order_id,
        document="",
        actor=actor,
        at=at,
    )
    progress.record_shipped(units=units, actor=actor, command_id=command_id, at=at)
    return sum(units.values())
