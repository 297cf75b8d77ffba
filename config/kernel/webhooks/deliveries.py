"""Each event's way to each endpoint: written when events fan out, claimed, sent, settled.

A delivery is claimed by state with a lease and a token, like a handler's; what is due is told by
the database's clock. Endpoints are locked before deliveries, everywhere.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from config.kernel import commands, ids, sql
from config.kernel.models import WebhookAttempt, WebhookEndpoint
from config.kernel.webhooks import bodies, health, schedule
from config.kernel.webhooks.bodies import Happening

# At one endpoint at the same time; one that failed gets one until it succeeds.
EACH = 16
LEASES = 4
SHOWN_ANSWER = 1000

# Of each endpoint as many as it has room for; endpoints with the least under way come first, so
# that slow ones never take the last thread from the others. `endpoint` locks: two senders never
# count the same room.
CLAIM = """
WITH endpoint AS (
  SELECT e.id, busy.count, CASE WHEN e.failures = 0 THEN %(each)s ELSE 1 END - busy.count AS room
  FROM kernel_webhookendpoint e
  CROSS JOIN LATERAL (
    SELECT count(*) FROM kernel_webhookdelivery d
    WHERE d.endpoint_id = e.id AND d.state = 'leased' AND d.next_at > statement_timestamp()) busy
  WHERE e.status = 'active'
    AND (e.rest_until IS NULL OR e.rest_until <= statement_timestamp())
    AND NOT EXISTS (SELECT FROM kernel_installation WHERE webhooks_paused_at IS NOT NULL)
    AND EXISTS (
      SELECT FROM kernel_webhookdelivery d WHERE d.endpoint_id = e.id
        AND d.state IN ('pending', 'leased') AND d.next_at <= statement_timestamp())
  FOR NO KEY UPDATE OF e SKIP LOCKED),
due AS (
  SELECT found.id, endpoint.count + row_number() OVER turn AS place, found.next_at
  FROM endpoint CROSS JOIN LATERAL (
    SELECT d.id, d.next_at FROM kernel_webhookdelivery d
    WHERE d.endpoint_id = endpoint.id AND d.state IN ('pending', 'leased')
      AND d.next_at <= statement_timestamp()
    ORDER BY d.next_at, d.id LIMIT greatest(endpoint.room, 0)
    FOR NO KEY UPDATE SKIP LOCKED) found
  WINDOW turn AS (PARTITION BY endpoint.id ORDER BY found.next_at, found.id)
  ORDER BY place, found.next_at LIMIT %(most)s)
UPDATE kernel_webhookdelivery d
SET state = 'leased', next_at = statement_timestamp() + make_interval(secs => %(lease)s),
  token = gen_random_uuid(), attempt = d.attempt + 1
FROM due, kernel_webhookendpoint e
WHERE d.id = due.id AND e.id = d.endpoint_id
RETURNING d.id, d.token, d.attempt, d.event_id, d.body, d.endpoint_id, e.url,
  e.secret, e.previous_secret, e.previous_until
"""

SETTLE = """
UPDATE kernel_webhookdelivery d
SET state = given.state, state_since = statement_timestamp(),
  next_at = statement_timestamp() + make_interval(secs => given.wait),
  last_http_status = given.http_status, last_error = given.error
FROM json_to_recordset(%s) AS given(
  id uuid, token uuid, state text, wait float8, http_status int, error text)
WHERE d.id = given.id AND d.token = given.token AND d.state = 'leased'
"""

HOLD = """
UPDATE kernel_webhookdelivery d SET state = 'held', state_since = statement_timestamp()
FROM kernel_webhookendpoint e
WHERE e.id = d.endpoint_id AND e.status <> 'active' AND d.state = 'pending'
  AND d.endpoint_id = ANY(%s::uuid[])
"""

LET_GO = """
UPDATE kernel_webhookdelivery
SET state = 'pending', state_since = statement_timestamp(), next_at = statement_timestamp(),
  attempt = 0
WHERE endpoint_id = %s AND state = 'held'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery whose turn it is, with all that sending it needs; the secrets are sealed."""

    id: UUID
    token: UUID
    number: int
    event_id: UUID
    body: str
    endpoint_id: UUID
    url: str
    secret: str
    previous_secret: str
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt; `error` is a code, empty when there was an answer."""

    endpoint_id: UUID
    number: int
    started_at: datetime
    took_ms: int
    delivery_id: UUID | None = None
    token: UUID | None = None
    http_status: int | None = None
    error: str = ""
    detail: str = ""
    answer: str = ""
    rest: float = 0.0

    @property
    def verdict(self) -> schedule.Verdict:
        return schedule.verdict(self.http_status)


def rows(happenings: Sequence[Happening]) -> list[dict[str, Any]]:
    """Return a row for each endpoint that hears of each event; silent events are told to nobody.

    What happens while an endpoint is paused or switched off is held for it.
    """
    told = [one for one in happenings if one.channel_id and not one.is_silent]
    if not told:
        return []
    hearing: dict[UUID | None, list[WebhookEndpoint]] = defaultdict(list)
    present = WebhookEndpoint.objects.exclude(status=WebhookEndpoint.Status.REMOVED)
    for endpoint in present.filter(channel__in={one.channel_id for one in told}).select_related(
        "channel"
    ):
        hearing[endpoint.channel_id].append(endpoint)
    return [
        row(one, endpoint)
        for one in told
        for endpoint in hearing[one.channel_id]
        if not endpoint.types or one.type in endpoint.types
    ]


def row(happening: Happening, endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return the row of one event's way to one endpoint, with what will be said for ever."""
    is_active = endpoint.status == WebhookEndpoint.Status.ACTIVE
    return {
        "id": ids.new(),
        "event_id": happening.id,
        "endpoint_id": endpoint.pk,
        "document": bodies.document(happening),
        "body": bodies.of(happening, endpoint.channel.code),
        "state": "pending" if is_active else "held",
        "attempt": 0,
        "last_error": "",
    }


@commands.command
def claim(*, most: int) -> list[Claimed]:
    """Lease deliveries that are due, fairly among endpoints; none while webhooks are paused.

    A lease is four times as long as a receiver may take, so it never ends under an attempt.
    """
    found = sql.fetch(
        CLAIM, {"each": EACH, "most": most, "lease": float(LEASES * settings.WEBHOOK_PATIENCE)}
    )
    return [Claimed(*row) for row in found]


@commands.command
def record(*, outcomes: Sequence[Outcome]) -> None:
    """Keep the attempts, settle their deliveries, and note how their endpoints fare.

    Who lost the lease meanwhile settles nothing: the token has changed.
    """
    parted = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda one: (one.endpoint_id, one.started_at)):
        parted[outcome.endpoint_id].append(outcome)
    resting = [
        endpoint_id for endpoint_id, some in parted.items() if not health.note(endpoint_id, some)
    ]
    sql.insert((WebhookAttempt, [_attempt(one) for one in outcomes]))
    sql.run(SETTLE, [sql.to_json([_settled(one) for one in outcomes])])
    hold(endpoint_ids=resting)


@commands.command
def record_ping(*, outcome: Outcome) -> None:
    """Keep the attempt of a test message; a success counts for the endpoint."""
    if outcome.verdict == schedule.Verdict.DELIVERED:
        health.note(outcome.endpoint_id, [outcome])
    sql.insert((WebhookAttempt, [_attempt(outcome)]))


@commands.command
def hold(*, endpoint_ids: Iterable[UUID]) -> int:
    """Hold what waits for endpoints that are not active; return how many that were."""
    wanted = list(endpoint_ids)
    return sql.run(HOLD, [sql.array(wanted)]) if wanted else 0


@commands.command
def let_go(*, endpoint_id: UUID) -> int:
    """Send what was held for an endpoint, from the first attempt on; return how many that were."""
    return sql.run(LET_GO, [endpoint_id])


def _attempt(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "endpoint_id": outcome.endpoint_id,
        "delivery_id": outcome.delivery_id,
        "number": outcome.number,
        "started_at": outcome.started_at,
        "took_ms": outcome.took_ms,
        "http_status": outcome.http_status,
        "error": outcome.error,
        "detail": outcome.detail[:120],
        "answer": outcome.answer[:SHOWN_ANSWER],
    }


def _settled(outcome: Outcome) -> dict[str, Any]:
    state, seconds = "done", 0.0
    if outcome.verdict != schedule.Verdict.DELIVERED:
        again = schedule.wait(outcome.number, random.uniform)
        state, seconds = ("parked", 0.0) if again is None else ("pending", again)
    return {
        "id": outcome.delivery_id,
        "token": outcome.token,
        "state": state,
        "wait": max(seconds, outcome.rest) if state == "pending" else 0.0,
        "http_status": outcome.http_status,
        "error": outcome.error,
    }
