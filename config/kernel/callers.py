"""Who calls the API: the channel behind a key, remembered for half a minute."""

import time
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hmac import compare_digest
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from config.kernel import keys
from config.kernel.actors import Actor, ActorKind
from config.kernel.models import ApiKey, Channel

REMEMBERED_SECONDS = 30
USE_WRITTEN_EVERY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What placing an order needs to know of its channel."""

    id: UUID
    code: str
    name: str
    currencies: frozenset[str]
    time_zone: str
    shortage_policy: str
    unknown_sku_policy: str
    price_tolerance_percent: Decimal | None
    payment_required: bool
    duplicate_check: bool
    requests_per_minute: int
    allocate_days_before: int | None
    is_test: bool
    settings: dict[str, Any]

    @classmethod
    def of(cls, channel: Channel) -> Self:
        """Take the facts from the record."""
        return cls(
            id=channel.pk,
            code=channel.code,
            name=channel.name,
            currencies=frozenset(channel.currencies),
            time_zone=channel.time_zone,
            shortage_policy=channel.shortage_policy,
            unknown_sku_policy=channel.unknown_sku_policy,
            price_tolerance_percent=channel.price_tolerance_percent,
            payment_required=channel.payment_required,
            duplicate_check=channel.duplicate_check,
            requests_per_minute=settings.API_REQUESTS_PER_MINUTE
            if channel.requests_per_minute is None
            else channel.requests_per_minute,
            allocate_days_before=channel.allocate_days_before,
            is_test=channel.is_test,
            settings=channel.settings,
        )

    def actor(self) -> Actor:
        """Return the channel as the one who acts."""
        return Actor(ActorKind.CHANNEL, str(self.id), self.name)


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated API key. Django REST framework asks a principal for these two attributes."""

    key_id: UUID
    channel: ChannelFacts
    scopes: frozenset[str]
    expires_at: datetime | None
    warehouses: frozenset[str] = frozenset()

    is_authenticated = True

    @property
    def pk(self) -> UUID:
        """Return the key's id, by which throttles count."""
        return self.key_id

    def may_see(self, warehouse: str) -> bool:
        """Tell whether the key's stock scopes reach the warehouse of this code."""
        return not self.warehouses or warehouse in self.warehouses

    def actor(self) -> Actor:
        """Return who acts: the channel, by the key it used."""
        return Actor(ActorKind.CHANNEL, str(self.key_id), self.channel.name)


_remembered: dict[str, tuple[float, Caller]] = {}


def identify(key: str, *, at: datetime) -> Caller | None:
    """Return who a key belongs to, or None if it is unknown, expired or revoked.

    A revoked key may work for up to half a minute in other processes.
    """
    hashed = keys.digest(key)
    known = _remembered.get(hashed)
    if known and known[0] > time.monotonic():
        caller = known[1]
    else:
        found = _look_up(key, hashed, at)
        if found is None:
            _remembered.pop(hashed, None)
            return None
        caller = found
        _remembered[hashed] = (time.monotonic() + REMEMBERED_SECONDS, caller)
    return None if caller.expires_at and caller.expires_at <= at else caller


def forget() -> None:
    """Forget every remembered key in this process."""
    _remembered.clear()


def _look_up(key: str, hashed: str, at: datetime) -> Caller | None:
    record = (
        ApiKey.objects.select_related("channel")
        .filter(prefix=keys.prefix_of(key), revoked_at__isnull=True, channel__is_active=True)
        .first()
    )
    if record is None or not compare_digest(record.digest, hashed):
        return None
    _note_use(record, at)
    return Caller(
        key_id=record.pk,
        channel=ChannelFacts.of(record.channel),
        scopes=frozenset(record.scopes),
        expires_at=record.expires_at,
        warehouses=frozenset(record.warehouses),
    )


def _note_use(record: ApiKey, at: datetime) -> None:
    last = record.last_used_at
    if last is None or (at - last).total_seconds() > USE_WRITTEN_EVERY_SECONDS:
        ApiKey.objects.filter(pk=record.pk).update(last_used_at=at)
