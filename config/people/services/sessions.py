"""Ends sessions: of one's own, of somebody whose rights have changed, and those long over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import commands, security
from config.kernel.models import User
from config.people.models import StaffSession


def of(*, user_id: UUID, at: datetime) -> Sequence[StaffSession]:
    """Return where somebody is signed in, the latest first."""
    rows = StaffSession.objects.filter(user_id=user_id, expire_date__gt=at)
    return list(rows.order_by("-seen_at"))


@commands.command
def end(*, user: User, number: UUID) -> None:
    """End one session of a person."""
    if StaffSession.objects.filter(user=user, number=number).delete()[0]:
        security.note("session_ended", user=user.pk)


@commands.command
def end_all(*, user: User, but: str | None = None) -> int:
    """End all sessions of a person, but the one of that key; return how many."""
    rows = StaffSession.objects.filter(user=user)
    ended: int = (rows.exclude(pk=but) if but else rows).delete()[0]
    if ended:
        security.note("sessions_ended", user=user.pk, count=ended)
    return ended


@commands.command
def forget_old(*, at: datetime) -> None:
    """Delete sessions that are over."""
    StaffSession.objects.filter(expire_date__lte=at).delete()
