"""Keyset pages: a signed cursor that knows its filters; equal times neither skip nor repeat."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.core import signing

from config.kernel.api import problems

SALT = "kapell.cursor"
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
PAGES = frozenset({"cursor", "limit"})
LONGEST = 1_000


def limit_of(params: Mapping[str, str]) -> int:
    """Return the page size asked for, at most `MAX_LIMIT`; raises 400 for nonsense."""
    text = params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) == 0:
        raise problems.BadRequest("limit must be a whole number above 0.")
    return min(int(text), MAX_LIMIT)


def position_of(params: Mapping[str, str]) -> list[Any] | None:
    """Return where the last page ended, None for a first page; raises 400 for a forged cursor."""
    text = params.get("cursor")
    if not text:
        return None
    if len(text) > LONGEST:
        raise problems.BadRequest("This cursor is not ours.")
    try:
        filters, position = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise problems.BadRequest("This cursor is not ours.") from error
    if filters != _digest(params):
        raise problems.BadRequest("This cursor belongs to other filters.")
    return list(position)


def cursor(params: Mapping[str, str], position: Sequence[Any]) -> str:
    """Return the cursor that continues behind `position` under the same filters."""
    plain = [part.isoformat() if isinstance(part, datetime) else str(part) for part in position]
    return signing.dumps([_digest(params), plain], salt=SALT, compress=False)


def only(params: Mapping[str, str], known: frozenset[str], *, pages: bool = True) -> None:
    """Refuse query parameters that the door does not know, by name; lists have pages."""
    unknown = sorted(set(params) - known - (PAGES if pages else frozenset()))
    if unknown:
        raise problems.BadRequest(f"Unknown parameter: {', '.join(unknown)[:200]}.")


def _digest(params: Mapping[str, str]) -> str:
    filters = {name: value for name, value in params.items() if name not in PAGES}
    encoded = msgspec.json.encode(filters, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]
