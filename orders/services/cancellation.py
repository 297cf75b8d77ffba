"""Cancels orders or parts of lines; what is in the warehouse already is asked for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel import commands, ids, sql, states
from config.kernel.actors import Actor
from inventory.services import reservations
from orders.errors import AlreadyShipped, NothingToCancel
from orders.models import Hold, OrderLine
from orders.services import progress
from orders.services.progress import Happened
from orders.states import HoldStatus

DONE, REQUESTED = "done", "requested"


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of one line."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cancellation: `done`, or `requested` for units that are in the warehouse."""

    cancellation: str
    cancelled: Mapping[UUID, int]
    requested: Mapping[UUID, int]


@commands.command
def cancel(
    *,
    order_id: UUID,
    parts: Sequence[Part] | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Outcome:
    """Cancel a whole order, or parts of its lines, and give their stock back.

    A part of a set is in units sold: so many of each component. Units not asked for yet go first,
    then backordered, then allocated ones; units in the warehouse are asked for by event. Cancelling
    a cancelled order again finds it done. Raises `AlreadyShipped` when all that is asked for has
    left, `NothingToCancel` when a part is more than is left. Locks the order, then levels.
    """
    progress.lock([order_id])
    lines = {
        line.pk: line for line in OrderLine.objects.filter(order=order_id).order_by("position")
    }
    wanted = _wanted(lines, _of_components(lines, parts))
    cancelled: dict[UUID, int] = {}
    requested: dict[UUID, int] = {}
    given_back: dict[UUID, int] = {}
    for line_id, quantity in wanted.items():
        taken, from_stock = _take(lines[line_id], quantity)
        cancelled |= {line_id: taken} if taken else {}
        requested |= {line_id: quantity - taken} if quantity > taken else {}
        given_back |= {line_id: from_stock} if from_stock else {}
    _write([lines[line_id] for line_id in cancelled])
    if all(line.cancelled == line.ordered for line in lines.values()):
        _end_holds(order_id, actor, at)
    command_id = ids.new()
    if given_back:
        reservations.release(
            quantities=given_back, command_id=command_id, subject_id=order_id, document="",
            actor=actor, at=at,
        )  # fmt: skip
    happened = _happened(order_id, lines, cancelled, requested, reason)
    progress.record(happened=happened, actor=actor, command_id=command_id, at=at)
    return Outcome(REQUESTED if requested else DONE, cancelled, requested)


def _of_components(
    lines: Mapping[UUID, OrderLine], parts: Sequence[Part] | None
) -> Sequence[Part] | None:
    """A set's units are its components'."""
    if parts is None:
        return None
    below: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in lines.values():
        if line.parent_line_id is not None:
            below[line.parent_line_id].append(line)
    return [
        whole
        for part in parts
        for whole in (
            [Part(one.pk, part.quantity * (one.per_kit or 1)) for one in below[part.line_id]]
            if part.line_id in below
            else [part]
        )
    ]


def _wanted(lines: Mapping[UUID, OrderLine], parts: Sequence[Part] | None) -> dict[UUID, int]:
    """Return the units to cancel per line; for a whole order all that has not left."""
    if parts is None:
        left = {pk: line.ordered - line.cancelled - line.shipped for pk, line in lines.items()}
        wanted = {pk: quantity for pk, quantity in left.items() if quantity}
        if not wanted and any(line.shipped for line in lines.values()):
            raise AlreadyShipped
        return wanted
    wanted = {}
    for part in parts:
        wanted[part.line_id] = wanted.get(part.line_id, 0) + part.quantity
    for line_id, quantity in wanted.items():
        line = lines[line_id]
        left_of_line = line.ordered - line.cancelled - line.shipped
        if quantity > left_of_line:
            error = AlreadyShipped if line.shipped and not left_of_line else NothingToCancel
            raise error(position=line.position, left=left_of_line)
    return wanted


def _take(line: OrderLine, quantity: int) -> tuple[int, int]:
    """Move units of a line to `cancelled`; return how many, and how many of them were allocated."""
    missing = quantity
    for bucket in ("pending", "backordered", "reserved"):
        moved = min(missing, getattr(line, bucket))
        setattr(line, bucket, getattr(line, bucket) - moved)
        missing -= moved
        from_stock = moved
    line.cancelled += quantity - missing
    return quantity - missing, from_stock


def _write(lines: Sequence[OrderLine]) -> None:
    buckets = ("pending", "backordered", "reserved", "cancelled")
    rows = [{"id": line.pk, **{name: getattr(line, name) for name in buckets}} for line in lines]
    sql.update(OrderLine, rows)


def _end_holds(order_id: UUID, actor: Actor, at: datetime) -> None:
    """Nothing is left that could wait."""
    states.transition_many(
        Hold.objects.filter(order=order_id),
        origin=HoldStatus.OPEN,
        to=HoldStatus.RELEASED,
        released_at=at,
        released_by=actor.label,
        reason="cancelled",
    )


def _happened(
    order_id: UUID,
    lines: Mapping[UUID, OrderLine],
    cancelled: Mapping[UUID, int],
    requested: Mapping[UUID, int],
    reason: str,
) -> list[Happened]:
    told = []
    if cancelled:
        whole = all(line.cancelled == line.ordered for line in lines.values())
        payload = {"lines": _told(cancelled), "reason": reason}
        told.append(
            Happened(order_id, "order.cancelled" if whole else "order.lines_cancelled", payload)
        )
    if requested:
        payload = {"lines": _told(requested), "reason": reason}
        told.append(Happened(order_id, "order.cancellation_requested", payload))
    return told


def _told(quantities: Mapping[UUID, int]) -> list[dict[str, str | int]]:
    return [{"line": str(line_id), "quantity": number} for line_id, number in quantities.items()]
