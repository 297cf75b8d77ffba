"""Secrets that must be read again, such as those webhooks are signed with, at rest in the database.

A dump of the database alone gives none away: the keys are derived from `SECRET_KEY`, one pair per
purpose. Encrypt, then authenticate; both with HMAC-SHA256, whose output for a counter is the key
stream. Why not a library: docs/decisions/0010-sealed-secrets.md.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

from django.conf import settings

VERSION = "s1"
NONCE, TAG, BLOCK = 16, 32, 32


class Unreadable(Exception):
    """Sealed under another key, for another purpose, or altered."""


def seal(text: str, *, purpose: str) -> str:
    """Return a text sealed under the present key; sealing it twice gives different results."""
    encryption, authentication = _keys(settings.SECRET_KEY, purpose)
    nonce = secrets.token_bytes(NONCE)
    body = nonce + _mixed(encryption, nonce, text.encode())
    return f"{VERSION}.{urlsafe_b64encode(body + _tag(authentication, body)).decode()}"


def unseal(sealed: str, *, purpose: str) -> str:
    """Return the text, sealed under the present or a former key; raises `Unreadable`."""
    version, _, encoded = sealed.partition(".")
    try:
        whole = urlsafe_b64decode(encoded.encode())
    except ValueError:
        raise Unreadable from None
    body, tag = whole[:-TAG], whole[-TAG:]
    if version != VERSION or len(body) < NONCE:
        raise Unreadable
    for key in [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]:
        encryption, authentication = _keys(key, purpose)
        if hmac.compare_digest(_tag(authentication, body), tag):
            return _mixed(encryption, body[:NONCE], body[NONCE:]).decode()
    raise Unreadable


def _keys(secret: str, purpose: str) -> tuple[bytes, bytes]:
    base = hmac.digest(b"kapell sealing", secret.encode(), "sha256")
    first = hmac.digest(base, f"{purpose}: encryption".encode(), "sha256")
    return first, hmac.digest(base, f"{purpose}: authentication".encode(), "sha256")


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, VERSION.encode() + body, "sha256")


def _mixed(key: bytes, nonce: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(text, _stream(key, nonce), strict=False))


def _stream(key: bytes, nonce: bytes) -> Iterator[int]:
    number = 0
    while True:
        yield from hmac.digest(key, nonce + number.to_bytes(8, "big"), "sha256")
        number += 1
