"""Everything an order's console page shows, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from config.kernel.models import Event
from inventory.models import Reservation
from orders.models import Credit, Hold, Order, OrderLine, Payment
from orders.queries import console
from orders.queries.console import Details

LONGEST_TIMELINE = 200


@dataclass(frozen=True, slots=True)
class Allocated:
    """So many units of a line, promised from one warehouse."""

    warehouse: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Whole:
    """An order with all that belongs to it."""

    order: Order
    details: Details
    lines: Sequence[OrderLine]
    allocated: dict[UUID, list[Allocated]]
    holds: Sequence[Hold]
    payments: Sequence[Payment]
    credits: Sequence[Credit]
    events: Sequence[Event]


def whole(order: Order) -> Whole:
    """Return an order with its lines, allocations, holds, money and timeline."""
    lines = list(
        OrderLine.objects.filter(order=order).select_related("product").order_by("position")
    )
    events = Event.objects.filter(subject_id=order.pk).order_by("-id")
    return Whole(
        order=order,
        details=console.details([order.pk])[order.pk],
        lines=lines,
        allocated=_allocated(lines),
        holds=list(Hold.objects.filter(order=order).order_by("-placed_at")),
        payments=list(Payment.objects.filter(order=order).order_by("recorded_at")),
        credits=list(Credit.objects.filter(order=order).order_by("placed_at")),
        events=list(events[:LONGEST_TIMELINE]),
    )


def _allocated(lines: Sequence[OrderLine]) -> dict[UUID, list[Allocated]]:
    found: dict[UUID, list[Allocated]] = defaultdict(list)
    promises = Reservation.objects.filter(demand_id__in=[line.pk for line in lines])
    for demand_id, code, quantity in promises.values_list(
        "demand_id", "level__warehouse__code", "quantity"
    ).order_by("level__warehouse__priority"):
        found[demand_id].append(Allocated(code, quantity))
    return found
