"""What a person leaves behind: each app says what somebody owns, and how another takes it over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from config.kernel.actors import Actor
from config.kernel.models import User


@dataclass(frozen=True, slots=True)
class Belonging:
    """One thing somebody owns, with its page if it has one."""

    label: str
    url: str = ""


class HandOver(Protocol):
    """Gives everything of a kind to somebody else, in the running command."""

    def __call__(self, *, user: User, to: User, actor: Actor, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of belongings. Without `hand_over` they are shown, so that somebody sees to them."""

    title: Any
    of: Callable[[User], Sequence[Belonging]]
    hand_over: HandOver | None


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    *,
    title: Any,
    of: Callable[[User], Sequence[Belonging]],
    hand_over: HandOver | None = None,
) -> None:
    """Add a kind of belongings; called from `apps.ready()` or when console pages load."""
    _kinds[name] = Kind(title, of, hand_over)


def kinds() -> Sequence[Kind]:
    """Return every kind in the order of registration."""
    return tuple(_kinds.values())
