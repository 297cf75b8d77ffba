"""Notes on orders: written, pinned and removed by staff or a channel; the timeline tells."""

from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, errors, ids
from config.kernel.actors import Actor
from orders.errors import NoteNotFound, OrderNotFound
from orders.models import Order, OrderNote
from orders.models.notes import LONGEST
from orders.services import progress
from orders.services.progress import Happened


@commands.command
def write(
    *,
    order_id: UUID,
    text: str,
    is_pinned: bool = False,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> OrderNote:
    """Write a note and return it; the same `command_id` returns the note it wrote before.

    A pinned one takes the pin from the note that had it. Raises `OrderNotFound`, and `Invalid` for
    an empty or too long text. Locks the order.
    """
    said = _checked(text)
    progress.lock([order_id])
    known = OrderNote.objects.filter(pk=command_id).first()
    if known is not None:
        return known
    if not Order.objects.filter(pk=order_id).exists():
        raise OrderNotFound
    if is_pinned:
        _unpin(order_id)
    note = OrderNote.objects.create(
        id=command_id, order_id=order_id, text=said, is_pinned=is_pinned, written_at=at,
        **actor.columns(),
    )  # fmt: skip
    _tell("order.noted", note, actor, at, pinned=is_pinned)
    return note


@commands.command
def pin(*, note_id: UUID, actor: Actor, at: datetime) -> None:
    """Pin a note; the one pinned before is not any more. Locks the order."""
    note = _locked(note_id)
    if note.is_pinned:
        return
    _unpin(note.order_id)
    OrderNote.objects.filter(pk=note.pk).update(is_pinned=True)
    _tell("order.note_pinned", note, actor, at)


@commands.command
def unpin(*, note_id: UUID, actor: Actor, at: datetime) -> None:
    """Take the pin from a note. Locks the order."""
    note = _locked(note_id)
    if note.is_pinned:
        _unpin(note.order_id)
        _tell("order.note_unpinned", note, actor, at)


@commands.command
def remove(*, note_id: UUID, actor: Actor, at: datetime) -> None:
    """Remove a note for good; that there was one stays in the timeline. Locks the order."""
    note = _locked(note_id)
    OrderNote.objects.filter(pk=note.pk).delete()
    _tell("order.note_removed", note, actor, at)


def _checked(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST or "\0" in said:
        told = f"A note has 1 to {LONGEST} characters."
        raise errors.Invalid([errors.Fault("$.text", "length", told)])
    return said


def _locked(note_id: UUID) -> OrderNote:
    note = OrderNote.objects.filter(pk=note_id).first()
    if note is None:
        raise NoteNotFound
    progress.lock([note.order_id])
    note.refresh_from_db()
    return note


def _unpin(order_id: UUID) -> None:
    OrderNote.objects.filter(order=order_id, is_pinned=True).update(is_pinned=False)


def _tell(type_: str, note: OrderNote, actor: Actor, at: datetime, **facts: Any) -> None:
    happened = Happened(note.order_id, type_, {"note": str(note.pk), **facts})
    progress.record(happened=[happened], actor=actor, command_id=ids.new(), at=at)
