"""Losses of stock that is promised: inventory breaks no promise, but knows who can take one back.

The app that promised registers itself; it chooses who waits.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from config.kernel.actors import Actor
from inventory.errors import ShortfallError

R = TypeVar("R")
T = TypeVar("T")
MakeRoom = Callable[..., Any]

_makers: list[MakeRoom] = []


def let_orders_wait(make_room: MakeRoom) -> None:
    """Name what takes promises back: it is called with `shortage`, `book`, `actor` and `at`."""
    _makers[:] = [make_room]


def _at_once(book: Callable[[], R]) -> R:
    return book()


def through(
    *,
    book: Callable[[], R],
    may_wait: bool,
    actor: Actor,
    at: datetime,
    carry_out: Callable[[Callable[[], R]], T] = _at_once,  # type: ignore[assignment]
) -> T:
    """Book a change of stock; if promises stand in its way and orders `may_wait`, make room first.

    `carry_out` runs the booking in the transaction it belongs to; the second try is a transaction
    of its own, because making room locks orders, and orders are locked before levels. Raises
    `ShortfallError` when orders may not wait, or waiting does not help.
    """
    try:
        return carry_out(book)
    except ShortfallError as shortage:
        if not (may_wait and _makers and shortage.cause == "promised"):
            raise
        met = shortage
    (make_room,) = _makers
    return carry_out(lambda: make_room(shortage=met, book=book, actor=actor, at=at))
