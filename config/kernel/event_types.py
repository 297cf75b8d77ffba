"""The types of events there are: when each happens and what its payload holds.

Every app names its own in `events.py`. Payloads hold ids, codes and quantities; what `INSIDE` names
never leaves the house: the text that people typed, and the number of an order that may be another
channel's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

INSIDE = frozenset({"reason", "other_order"})


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event; `is_told` when it belongs to a channel's object, so that the channel hears.

    `data` names the fields of the payload in the words of docs/events.md.
    """

    name: str
    when: Any  # a sentence, translated when shown
    data: Mapping[str, str] = field(default_factory=dict)
    is_told: bool = False


_types: dict[str, EventType] = {}


def declare(*types: EventType) -> None:
    """Make event types known; called when an app's `events.py` is loaded."""
    _types.update((one.name, one) for one in types)


def known() -> Mapping[str, EventType]:
    """Return every declared type by its name, in the order of names."""
    return dict(sorted(_types.items()))


def told() -> list[str]:
    """Return the names of the types that channels hear of, in the order of their declaration."""
    return [name for name, one in _types.items() if one.is_told]


def unknown(names: Iterable[str]) -> list[str]:
    """Return those of the names that channels never hear of."""
    return sorted(set(names) - set(told()))
