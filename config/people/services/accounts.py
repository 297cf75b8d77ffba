"""Who may sign in: invited, changed, deactivated, back again; passwords chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from config.kernel import belongings, commands, security, sql
from config.kernel.actors import Actor
from config.kernel.models import ApiKey, Change, Channel, User
from config.people.errors import AddressTaken, LastAdministrator, NotYourself
from config.people.models import AccessLink, Notice
from config.people.services import guessing, links, sessions
from inventory.models import Warehouse
from inventory.services import warehouses as places

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may: roles, and the channels and warehouses they are limited to."""

    roles: Sequence[Group] = ()
    channels: Sequence[Channel] = ()
    warehouses: Sequence[Warehouse] = ()
    is_superuser: bool = False


def by_name(name: str) -> User | None:
    """Return whom a name at the door means: the user name, or the e-mail address in any case."""
    typed = name.strip()
    named = User.objects.filter(username=typed).first()
    if named is None and "@" in typed:
        named = User.objects.annotate(key=Upper("email")).filter(key=typed.upper()).first()
    return named


@commands.command
def invite(
    *, person: Mapping[str, Any], rights: Rights, origin: str, by: User, at: datetime
) -> User:
    """Make a person and mail them a link by which they choose a password.

    `person` holds `email`, `first_name`, `last_name`, `language`, `time_zone`; they sign in with
    the e-mail address. Raises `AddressTaken`.
    """
    email = str(person["email"]).strip()
    if has_address(email):
        raise AddressTaken
    user = User(**{**person, "email": email}, username=email, is_staff=True)
    user.is_superuser = rights.is_superuser
    user.set_unusable_password()
    user.save(force_insert=True)
    _give(user, rights)
    security.note("invited", user=user.pk, by=by.pk)
    links.make(
        user=user, purpose=AccessLink.Purpose.INVITATION, origin=origin, at=at, made_by=str(by)
    )
    return user


@commands.command
def change(*, user: User, person: Mapping[str, Any], rights: Rights | None, by: User) -> None:
    """Store a person's data, and their rights if given; who loses one is signed out at once.

    Raises `AddressTaken`, `NotYourself` for one's own rights, `LastAdministrator`.
    """
    _one_at_a_time()
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    email = str(person.get("email", stored.email)).strip()
    if email and has_address(email, but=stored):
        raise AddressTaken
    for name, value in {**person, "email": email}.items():
        setattr(stored, name, value)
    stored.save()
    if rights is not None:
        _change_rights(stored, rights, by)


@commands.command
def deactivate(*, user: User, by: User, to: User | None, actor: Actor, at: datetime) -> None:
    """Shut somebody out at once; what they own goes to `to`, their history stays.

    Raises `NotYourself`, `LastAdministrator`.
    """
    if user.pk == by.pk:
        raise NotYourself
    _one_at_a_time()
    if to is not None:
        for kind in belongings.kinds():
            if kind.hand_over is not None:
                kind.hand_over(user=user, to=to, actor=actor, at=at)
    User.objects.filter(pk=user.pk).update(is_active=False)
    _require_administrator()
    links.revoke(user=user, at=at)
    sessions.end_all(user=user)
    security.note("deactivated", user=user.pk, by=by.pk)


@commands.command
def activate(*, user: User, by: User) -> None:
    """Let somebody in again, with the rights they had."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    guessing.forget(user=user)
    security.note("activated", user=user.pk, by=by.pk)


@commands.command
def choose_password(
    *, user: User, password: str, at: datetime, keep_session: str | None = None
) -> None:
    """Store a new password, sign its owner out elsewhere and tell them by mail."""
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    had_one = stored.has_usable_password()
    stored.set_password(password)
    stored.save(update_fields=["password"])
    user.password = stored.password
    sessions.end_all(user=user, but=keep_session)
    links.revoke(user=user, at=at)
    security.note("password_changed", user=user.pk)
    if had_one:
        links.tell(user=user, kind=Notice.Kind.PASSWORD_CHANGED, at=at)


@commands.command
def choose_by_link(*, link: AccessLink, password: str, at: datetime) -> User:
    """Store the password somebody chose by a link, which is used up. Raises `LinkNotValid`."""
    user = links.use(link=link, at=at)
    choose_password(user=user, password=password, at=at)
    guessing.forget(user=user)
    return user


@commands.command
def settle_in(*, user: User, person: Mapping[str, Any], warehouse: Warehouse | None) -> None:
    """Store what somebody says of themselves: name, language, time zone, usual warehouse."""
    for name, value in person.items():
        setattr(user, name, value)
    user.save(update_fields=list(person))
    places.set_default(user=user, warehouse=warehouse)


def known_keys(user: User) -> QuerySet[ApiKey]:
    """Return the live API keys that somebody was shown: they made or rotated them."""
    seen = Change.objects.filter(
        model="kernel.apikey", action=Change.Action.CREATED, actor_kind="staff",
        actor_id=str(user.pk),
    )  # fmt: skip
    ids = [UUID(one) for one in seen.values_list("object_id", flat=True)]
    return ApiKey.objects.filter(pk__in=ids, revoked_at=None).select_related("channel")


def _change_rights(user: User, rights: Rights, by: User) -> None:
    before = _held(user)
    _give(user, rights)
    User.objects.filter(pk=user.pk).update(is_superuser=rights.is_superuser)
    user.is_superuser = rights.is_superuser
    after = _held(user)
    if before == after:
        return
    if user.pk == by.pk:
        raise NotYourself
    _require_administrator()
    if after.lacks_some_of(before):
        sessions.end_all(user=user)
    security.note("rights_changed", user=user.pk, by=by.pk)


def _give(user: User, rights: Rights) -> None:
    user.groups.set(rights.roles)
    user.channels.set(rights.channels)
    places.limit_staff(user=user, warehouses=rights.warehouses)


@dataclass(frozen=True, slots=True)
class _Held:
    """What somebody holds, by keys; no channels or warehouses means all of them."""

    is_superuser: bool
    roles: frozenset[int]
    channels: frozenset[UUID]
    warehouses: frozenset[UUID]

    def lacks_some_of(self, before: Self) -> bool:
        """Tell whether something was taken away."""
        return (
            (before.is_superuser and not self.is_superuser)
            or not self.roles >= before.roles
            or _narrowed(before.channels, self.channels)
            or _narrowed(before.warehouses, self.warehouses)
        )


def _narrowed(before: frozenset[UUID], after: frozenset[UUID]) -> bool:
    return bool(after) and (not before or not after >= before)


def _held(user: User) -> _Held:
    return _Held(
        user.is_superuser,
        frozenset(user.groups.values_list("pk", flat=True)),
        frozenset(user.channels.values_list("pk", flat=True)),
        frozenset(places.limits_of(user=user)),
    )


def has_address(email: str, but: User | None = None) -> bool:
    """Tell whether somebody else signs in by this address, in any spelling."""
    others = User.objects.annotate(key=Upper("email"), name_key=Upper("username"))
    if but is not None:
        others = others.exclude(pk=but.pk)
    return others.filter(Q(key=email.upper()) | Q(name_key=email.upper())).exists()


def _one_at_a_time() -> None:
    """Two administrators must not shut each other out at the same moment."""
    sql.fetch("SELECT pg_advisory_xact_lock(hashtextextended('people', 0))")


def _require_administrator() -> None:
    managing = Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR)
    if not User.objects.filter(managing, is_active=True).exists():
        raise LastAdministrator


def limits(user: User) -> list[Warehouse]:
    """Return the warehouses somebody is limited to; none means all."""
    return list(Warehouse.objects.filter(staff=user).order_by("priority", "name"))
