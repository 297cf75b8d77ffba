"""Which mails are due; claiming one gives an errand five minutes to send it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from config.kernel import commands
from config.people.models import Notice

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 20


@commands.command
def claim(*, most: int, at: datetime) -> list[Notice]:
    """Take mails that are due; whoever took one before has let go of it or died."""
    due = Notice.objects.filter(sent_at=None, given_up_at=None, due_at__lte=at).order_by("due_at")
    taken = list(due.select_for_update(skip_locked=True, no_key=True)[:most])
    keys = [notice.pk for notice in taken]
    Notice.objects.filter(pk__in=keys).update(due_at=at + LEASE, attempts=F("attempts") + 1)
    fresh = Notice.objects.filter(pk__in=keys).select_related("user", "link").order_by("made_at")
    useless = [notice.pk for notice in fresh if _is_useless(notice, at)]
    Notice.objects.filter(pk__in=useless).update(given_up_at=at)
    return [notice for notice in fresh if notice.pk not in useless]


@commands.command
def record(*, notice: Notice, at: datetime) -> None:
    """Note that a mail went out."""
    Notice.objects.filter(pk=notice.pk).update(sent_at=at)


@commands.command
def put_off(*, notice: Notice, at: datetime, by: timedelta) -> None:
    """Try a mail again later."""
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(due_at=at + by)


def latest(*, user_id: UUID) -> Notice | None:
    """Return the last mail to somebody that carries a link."""
    return Notice.objects.filter(user_id=user_id, link__isnull=False).order_by("-made_at").first()


def _is_useless(notice: Notice, at: datetime) -> bool:
    """Tell whether there is nobody to tell, the link is dead, or it was tried too often."""
    link = notice.link
    is_dead = link is not None and bool(link.used_at or link.revoked_at or link.expires_at <= at)
    return is_dead or not notice.user.email or notice.attempts > MOST_ATTEMPTS
