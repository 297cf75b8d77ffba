"""One effect per key: an unsafe request runs once, and its retry gets the first answer again.

Specification: RELIABILITY B1, after the IETF draft on the Idempotency-Key header.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from config.kernel import clock, commands, errors, ids, sql
from config.kernel.models import IdempotencyKey

KEPT = timedelta(days=30)
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


class KeyMissing(errors.DomainError):
    code, status = "idempotency_key_missing", 400
    title = "Send an Idempotency-Key header, so that a retry cannot do it twice."


class KeyMalformed(errors.DomainError):
    code, status = "idempotency_key_malformed", 400
    title = "An Idempotency-Key has 1 to 255 printable ASCII characters."


class KeyReused(errors.DomainError):
    code, status = "idempotency_key_reused", 422
    title = "This Idempotency-Key was used for another request."


class KeyInUse(errors.DomainError):
    code, status = "idempotency_key_in_use", 409
    title = "The first request with this Idempotency-Key is still running."
    again = errors.Again.LATER


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: the stored bytes, so that a replay is equal to the letter."""

    status: int
    body: str
    location: str = ""
    replayed: bool = False


def key_from(header: str | None) -> str | None:
    """Return the key of a header, bare or quoted (RFC 8941), or None; raises `KeyMalformed`."""
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not _PRINTABLE.fullmatch(key):
        raise KeyMalformed
    return key


@commands.command
def once(
    *, channel_id: UUID, key: str | None, fingerprint: str, work: Callable[[], Answer]
) -> Answer:
    """Run `work` under the key and keep its answer, or return the answer kept before.

    Raises `KeyMissing`, `KeyReused` for other content, `KeyInUse` while the first is running. What
    `work` raises rolls everything back, so a corrected retry may succeed.
    """
    if key is None:
        raise KeyMissing
    if not sql.fetch(LOCK, [f"idem:{channel_id}:{key}"])[0][0]:
        raise KeyInUse
    kept = IdempotencyKey.objects.filter(channel_id=channel_id, key=key).first()
    if kept is not None:
        if kept.fingerprint != fingerprint:
            raise KeyReused
        return Answer(kept.status, kept.body, kept.location, replayed=True)
    answer = work()
    sql.insert((IdempotencyKey, [row(channel_id, key, fingerprint, answer, clock.now())]))
    return answer


def row(
    channel_id: UUID, key: str, fingerprint: str, answer: Answer, at: datetime
) -> Mapping[str, Any]:
    """Return the row that keeps an answer."""
    return {
        "id": ids.new(), "channel_id": channel_id, "key": key, "fingerprint": fingerprint,
        "status": answer.status, "body": answer.body, "location": answer.location, "created_at": at,
    }  # fmt: skip


def forget_old() -> int:
    """Drop answers past their retention, a thousand at a time; return how many."""
    dropped = 0
    while True:
        old = IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).values("pk")[:1000]
        count, _ = IdempotencyKey.objects.filter(
            pk__in=list(old.values_list("pk", flat=True))
        ).delete()
        dropped += count
        if not count:
            return dropped
