"""When a webhook is tried again, and what an answer means: arithmetic without a database."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

# Seconds before each attempt, from the first to the last; together three days and a bit.
WAITS = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR,
         24 * HOUR)  # fmt: skip
JITTER = 0.15

# From this many failures in a row on, an endpoint gets one probe at a time, further and further
# apart: 30 seconds, then twice as long each time, at most 10 minutes.
BREAKS_AFTER = 5
FIRST_PROBE, LONGEST_PROBE = 30.0, 10 * MINUTE

THROTTLED = frozenset({429, 502, 503, 504})
USUAL_REST, LONGEST_REST = 10.0, DAY
GONE = 410


class Verdict(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"
    THROTTLED = "throttled"
    GONE = "gone"


def verdict(http_status: int | None) -> Verdict:
    """Judge an answer; None is no answer at all. Only 2xx is a success, a redirect is none."""
    if http_status is None:
        return Verdict.FAILED
    if 200 <= http_status < 300:
        return Verdict.DELIVERED
    if http_status == GONE:
        return Verdict.GONE
    return Verdict.THROTTLED if http_status in THROTTLED else Verdict.FAILED


def wait(attempts: int, chance: Callable[[float, float], float]) -> float | None:
    """Return the seconds until the next attempt after so many, or None when that was the last.

    `chance` draws a number between two; no two deliveries come back at the same moment.
    """
    if attempts >= len(WAITS):
        return None
    return WAITS[attempts] * chance(1 - JITTER, 1 + JITTER)


def probe(failures: int, chance: Callable[[float, float], float]) -> float:
    """Return the seconds an endpoint is left alone after so many failures in a row."""
    if failures < BREAKS_AFTER:
        return 0.0
    doubled = FIRST_PROBE * float(2 ** min(failures - BREAKS_AFTER, 10))
    return min(doubled, LONGEST_PROBE) * chance(1 - JITTER, 1 + JITTER)


def rest(retry_after: str, now: datetime) -> float:
    """Return the seconds a throttling endpoint asked for, a day at most; ten when it did not say.

    `retry_after` is a number of seconds or a date, as HTTP has it.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_REST)
    try:
        asked = parsedate_to_datetime(text)
    except ValueError:
        return USUAL_REST
    asked = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
    return min(max((asked - now).total_seconds(), 0.0), LONGEST_REST)
