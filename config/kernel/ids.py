"""Keys that are known before the first write: time-ordered UUIDs (RFC 9562, version 7)."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

NAMESPACE = UUID("6c1f1c5e-7a4b-5d0e-9f57-3f1f4b6b7a10")


def new() -> UUID:
    """Return a fresh time-ordered key, so that a whole order can be built in memory."""
    return uuid7()


def first_at(moment: datetime, *, earlier: timedelta = timedelta()) -> UUID:
    """Return a key below every key made from this moment on, or from so much earlier on."""
    milliseconds = max(int((moment.timestamp() - earlier.total_seconds()) * 1000), 0)
    return UUID(int=milliseconds << 80)


def derived(*parts: object) -> UUID:
    """Return the same key for the same parts: a repeated command must be recognised."""
    return uuid5(NAMESPACE, ":".join(str(part) for part in parts))
