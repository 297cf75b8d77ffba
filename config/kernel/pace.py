"""How many requests a key makes in a minute: counted in Redis, by steps, and never in the way.

Each process counts for itself and tells Redis every hundredth part of what is allowed (every
request, where little is), so a request costs a look into memory. Several processes may so let a few
requests more pass than is allowed, never fewer. While Redis is away everybody passes; it is asked
again after a pause.
"""

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

WINDOW = 60
STEPS, LARGEST_STEP = 100, 50
PATIENCE, PAUSE = 0.05, 5.0
MOST_KEYS = 10_000

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_counts: dict[UUID, "_Count"] = {}
_asked_again_at = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands in the present minute."""

    limit: int
    remaining: int
    resets_in: int
    is_over: bool


@dataclass(slots=True)
class _Count:
    """What this process knows of a key: how many Redis counted, and its own since."""

    window: int
    told: int = 0
    untold: int = 0


def count(key_id: UUID, limit: int) -> Standing | None:
    """Count a request of a key that may make `limit` in a minute, and return where it stands.

    None while Redis is away, or when there is no limit: then nothing is held against anybody.
    """
    if not limit:
        return None
    window, passed = divmod(int(time.time()), WINDOW)
    with _lock:
        known = _count_of(key_id, window)
        used = known.told + known.untold + 1
        if known.told >= limit:
            return Standing(limit, 0, WINDOW - passed, is_over=True)
        known.untold += 1
        news = known.untold if known.untold >= _step(limit) or not known.told else 0
        known.untold -= news
    if news:
        total = _tell(key_id, known, news)
        if total is None:
            return None
        used = total
    return Standing(limit, max(limit - used, 0), WINDOW - passed, is_over=used > limit)


def forget() -> None:
    """Forget what this process counted, and that Redis was away."""
    global _asked_again_at  # noqa: PLW0603
    with _lock:
        _counts.clear()
        _asked_again_at = 0.0


def _count_of(key_id: UUID, window: int) -> _Count:
    known = _counts.get(key_id)
    if known is None or known.window != window:
        if len(_counts) >= MOST_KEYS:
            _counts.clear()
        known = _counts[key_id] = _Count(window)
    return known


def _step(limit: int) -> int:
    return min(max(limit // STEPS, 1), LARGEST_STEP)


def _tell(key_id: UUID, known: _Count, news: int) -> int | None:
    """Add this process's news to what all have counted and return the sum; None without Redis."""
    global _asked_again_at  # noqa: PLW0603
    if time.monotonic() < _asked_again_at:
        return None
    name = f"{settings.CACHES['default']['KEY_PREFIX']}:pace:{key_id}:{known.window}"
    try:
        with _redis().pipeline(transaction=False) as batch:
            batch.incrby(name, news)
            batch.expire(name, 2 * WINDOW)
            total = int(batch.execute()[0])
    except redis.RedisError as error:
        _asked_again_at = time.monotonic() + PAUSE
        _log.warning("requests are not counted for %s s: %s", PAUSE, error)
        return None
    with _lock:
        known.told = max(known.told, total)
    return total


@cache
def _redis() -> "redis.Redis":
    """Return a client that gives up at once: a request is worth more than its count."""
    return redis.Redis.from_url(
        str(settings.CACHES["default"]["LOCATION"]),
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
