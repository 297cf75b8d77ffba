"""API keys: `kapell_<8 id>_<43 secret><6 check>`; only the id and a hash are stored."""

import hashlib
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime

from config.kernel import commands, security
from config.kernel import scopes as table
from config.kernel.models import ApiKey, Channel

ALPHABET = string.ascii_letters + string.digits
PREFIX = "kapell_"
SCOPES: tuple[str, ...] = tuple(table.Scope.values)


def digest(key: str) -> str:
    """Return the stored hash of a key; fast is enough, the secret has 256 bits."""
    return hashlib.sha256(key.encode()).hexdigest()


def looks_right(key: str) -> bool:
    """Tell whether a text has a key's form and check, before anything is looked up."""
    body, check = key[:-6], key[-6:]
    return key.startswith(PREFIX) and len(key) == 65 and key.isascii() and check == _check(body)


def prefix_of(key: str) -> str:
    """Return the public id inside a key."""
    return key[len(PREFIX) : len(PREFIX) + 8]


@commands.command
def create(
    *,
    channel: Channel,
    name: str,
    scopes: Collection[str] = table.USUAL,
    warehouses: Collection[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create a key for a channel and return it with its text, which is never shown again.

    `warehouses` are codes that limit the stock scopes; none means all. Raises `UnknownScope`.
    """
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(8))
    body = f"{PREFIX}{prefix}_{secrets.token_urlsafe(32)}"
    key = body + _check(body)
    record = ApiKey(
        channel=channel,
        name=name,
        prefix=prefix,
        digest=digest(key),
        scopes=table.check(scopes),
        warehouses=sorted(warehouses),
        expires_at=expires_at,
    )
    record.save(force_insert=True)
    security.note("key_made", key=prefix, channel=channel.code)
    return record, key


@commands.command
def revoke(*, key: ApiKey, at: datetime) -> None:
    """Make a key useless from now on; processes that cached it follow within half a minute."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at)
    security.note("key_revoked", key=key.prefix)


@commands.command
def rotate(*, key: ApiKey, at: datetime, until: datetime) -> tuple[ApiKey, str]:
    """Create a successor with the same rights; the old key works until `until`."""
    successor = create(
        channel=key.channel,
        name=key.name,
        scopes=key.scopes,
        warehouses=key.warehouses,
        expires_at=key.expires_at,
    )
    expires = min(until, key.expires_at) if key.expires_at else until
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(expires_at=max(expires, at))
    return successor


def _check(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits
