"""Sends what is due: claims, talks to receivers on threads of its own, records.

The threads only wait for other companies' servers and know no database; claiming and recording
happen between them. Nobody waits for a slow receiver but the deliveries to that receiver: each has
a few threads at most, and what is free goes to whoever has least under way.
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings

from config.kernel import clock, gate, http, ids, sealing, sql, wakeup
from config.kernel.models import WebhookEndpoint
from config.kernel.webhooks import bodies, deliveries, endpoints, schedule, signing
from config.kernel.webhooks.deliveries import Claimed, Outcome

TASK = "config.kernel.tasks.send_webhooks"
THREADS = 128
# How often it looks for fresh deliveries while others are under way, and how long it lets answers
# gather before it records them together.
LOOK, GATHER = 0.1, 0.02
TURN = 20.0

TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('webhooks', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('webhooks', 0))"

_log = logging.getLogger(__name__)


def run(*, seconds: float = TURN) -> int:
    """Send what is due until nothing is, for about so many seconds; return how many were sent.

    One process at a time. When time is up another takes over at once, while this one waits for the
    answers that are still to come.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        sender = Sender(pool)
        with _alone() as is_mine:
            is_done = not is_mine or sender.send_due(until=time.monotonic() + seconds)
        if not is_done:
            wakeup.send(TASK)
        sender.land()
        return sender.sent


class Sender:
    """One sender's requests under way."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.flying: set[Future[Outcome]] = set()
        self.sent = 0

    def send_due(self, *, until: float) -> bool:
        """Claim and send until nothing is due or the time is up; tell whether nothing is."""
        while time.monotonic() < until:
            claimed = deliveries.claim(most=THREADS - len(self.flying))
            self.flying |= {self.pool.submit(post, one) for one in claimed}
            if not self.flying:
                return True
            self._record(LOOK)
        return False

    def land(self) -> None:
        """Wait for all that is under way and record it."""
        while self.flying:
            self._record(None)

    def _record(self, patience: float | None) -> None:
        wait(self.flying, patience, FIRST_COMPLETED)
        done, self.flying = wait(self.flying, GATHER)
        if done:
            deliveries.record(outcomes=[one.result() for one in done])
            self.sent += len(done)


def post(claimed: Claimed) -> Outcome:
    """Send one delivery and return what came of it; never raises."""
    at, started = clock.now(), time.monotonic()
    try:
        came = _call(claimed, str(claimed.event_id), claimed.body, at)
    except Exception:  # noqa: BLE001 - a fault of ours must not stop the others' deliveries
        _log.exception("webhook not sent")
        came = {"error": "internal"}
    return Outcome(
        endpoint_id=claimed.endpoint_id,
        number=claimed.number,
        started_at=at,
        took_ms=round(1000 * (time.monotonic() - started)),
        delivery_id=claimed.id,
        token=claimed.token,
        **came,
    )


def ping(*, endpoint: WebhookEndpoint) -> Outcome:
    """Send a signed test message now, whatever the endpoint's state; keep and return what came.

    A success counts as one: it closes the breaker. A failure does not count.
    """
    at, started, message_id = clock.now(), time.monotonic(), ids.new()
    came = _call(endpoint, str(message_id), bodies.ping(message_id, endpoint.channel.code, at), at)
    took_ms = round(1000 * (time.monotonic() - started))
    outcome = Outcome(endpoint.pk, 1, at, took_ms, **came)
    deliveries.record_ping(outcome=outcome)
    return outcome


def _call(
    to: Claimed | WebhookEndpoint, message_id: str, body: str, at: datetime
) -> dict[str, Any]:
    """Make the request and return what came, by the names of `Outcome`."""
    try:
        secrets = endpoints.secrets_at(to.secret, to.previous_secret, to.previous_until, at)
        signed = signing.headers(message_id=message_id, at=at, body=body, secrets=secrets)
        reply = http.send(
            "POST",
            to.url,
            content=body.encode(),
            headers={"Content-Type": "application/json", **signed},
            within=settings.WEBHOOK_PATIENCE,
        )
    except sealing.Unreadable:
        return {"error": "secret"}
    except gate.Forbidden as refusal:
        return {"error": refusal.reason}
    except http.CallFailed as failed:
        return {"error": failed.reason, "detail": failed.detail}
    return _came(reply, at)


def _came(reply: http.Reply, at: datetime) -> dict[str, Any]:
    is_throttled = schedule.verdict(reply.status) == schedule.Verdict.THROTTLED
    return {
        "http_status": reply.status,
        "answer": reply.body.decode(errors="replace").replace("\0", ""),
        "rest": schedule.rest(reply.headers.get("retry-after", ""), at) if is_throttled else 0.0,
    }


@contextmanager
def _alone() -> Iterator[bool]:
    """Tell whether nobody else sends; the lock dies with the connection."""
    is_mine = bool(sql.fetch(TRY_LOCK)[0][0])
    try:
        yield is_mine
    finally:
        if is_mine:
            sql.fetch(UNLOCK)
