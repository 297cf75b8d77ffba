"""Who did it: every command is told, every event and movement keeps it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActorKind(StrEnum):
    STAFF = "staff"
    CHANNEL = "channel"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a sales channel or the system itself; `label` is what staff read in a timeline."""

    kind: str
    id: str
    label: str

    @classmethod
    def system(cls, label: str) -> Self:
        """Return the actor for work that the clock or an event started."""
        return cls(ActorKind.SYSTEM, "", label)

    @classmethod
    def staff(cls, user: "object") -> Self:
        """Return the actor for a signed-in member of staff."""
        return cls(ActorKind.STAFF, str(user.pk), str(user))  # type: ignore[attr-defined]

    def columns(self) -> dict[str, str]:
        """Return the three columns that events and movements store."""
        return {"actor_kind": self.kind, "actor_id": self.id, "actor_label": self.label}
