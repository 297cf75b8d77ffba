"""Invitations and forgotten passwords: a link that lets its person choose a password, once.

What makes a link secret is computed from its key and `SECRET_KEY`, so it is stored nowhere, can be
shown to an administrator again, and a copy of the database alone lets nobody in.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from config.kernel import commands, security, wakeup
from config.kernel.models import User
from config.people.errors import Deactivated, LinkNotValid
from config.people.models import AccessLink, Notice

VALID = {
    AccessLink.Purpose.INVITATION: timedelta(days=7),
    AccessLink.Purpose.RESET: timedelta(hours=2),
}
# Forgotten passwords: so many mails to one person, however often somebody asks.
MOST_RESETS, WITHIN = 3, timedelta(hours=1)
SEND_NOTICES = "config.people.tasks.send_notices"


@commands.command
def make(
    *, user: User, purpose: AccessLink.Purpose, origin: str, at: datetime, made_by: str = ""
) -> AccessLink:
    """Make a link and have it mailed; an older open one ends. Raises `Deactivated`."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not person.is_active:
        raise Deactivated
    revoke(user=user, at=at)
    link = AccessLink(
        user=user, purpose=purpose, origin=origin, made_at=at, made_by=made_by,
        expires_at=at + VALID[purpose],
    )  # fmt: skip
    link.save(force_insert=True)
    tell(user=user, kind=Notice.Kind(purpose), link=link, at=at)
    security.note("link_made", user=user.pk, purpose=purpose)
    return link


@commands.command
def ask_for_reset(*, user: User, origin: str, at: datetime) -> bool:
    """Mail a link to somebody who forgot the password; False when it was asked for too often."""
    recent = AccessLink.objects.filter(
        user=user, purpose=AccessLink.Purpose.RESET, made_at__gt=at - WITHIN, made_by=""
    )
    if recent.count() >= MOST_RESETS:
        return False
    make(user=user, purpose=AccessLink.Purpose.RESET, origin=origin, at=at)
    return True


@commands.command
def revoke(*, user: User, at: datetime) -> None:
    """End a person's open link."""
    AccessLink.objects.filter(user=user, used_at=None, revoked_at=None).update(revoked_at=at)


@commands.command
def use(*, link: AccessLink, at: datetime) -> User:
    """Take a link for used and return whose it is. Raises `LinkNotValid`; locks the link."""
    taken = _open(at).filter(pk=link.pk).select_for_update().first()
    if taken is None or not taken.user.is_active:
        raise LinkNotValid
    AccessLink.objects.filter(pk=link.pk).update(used_at=at)
    security.note("link_used", user=taken.user_id, purpose=taken.purpose)
    return taken.user


@commands.command
def tell(*, user: User, kind: Notice.Kind, at: datetime, link: AccessLink | None = None) -> None:
    """Have a mail about their account sent to a person, after the commit."""
    notice = Notice(user=user, kind=kind, link=link, made_at=at, due_at=at)
    notice.save(force_insert=True)
    transaction.on_commit(lambda: wakeup.send(SEND_NOTICES), robust=True)


def find(*, link_id: UUID, at: datetime) -> AccessLink:
    """Return an open link by its key. Raises `LinkNotValid`."""
    link = _open(at).filter(pk=link_id).first()
    if link is None or not link.user.is_active:
        raise LinkNotValid
    return link


def check(*, link_id: UUID, secret: str, at: datetime) -> AccessLink:
    """Return the open link that a secret belongs to. Raises `LinkNotValid`."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(_secret(link_id, str(key)), secret) for key in keys):
        raise LinkNotValid
    return find(link_id=link_id, at=at)


def open_links(*, user_id: UUID, at: datetime) -> Sequence[AccessLink]:
    """Return a person's link that can still be used, if there is one."""
    return list(_open(at).filter(user_id=user_id))


def address(link: AccessLink) -> str:
    """Return what the person opens."""
    return f"{link.origin}/admin/welcome/{link.pk}/{_secret(link.pk, settings.SECRET_KEY)}/"


def _open(at: datetime) -> QuerySet[AccessLink]:
    rows = AccessLink.objects.select_related("user")
    return rows.filter(used_at=None, revoked_at=None, expires_at__gt=at)


def _secret(link_id: UUID, key: str) -> str:
    """Begins as keys do, so that a log never shows it."""
    digest = salted_hmac("people.link", str(link_id), secret=key, algorithm="sha256").digest()
    return "kapell_" + urlsafe_b64encode(digest).decode().rstrip("=")
