"""Sending again: one delivery, or what failed since a moment. Same id, same bytes.

A receiver that dropped duplicates by id drops these too, if it had them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel import commands, errors, sql
from config.kernel.models import WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import bodies, deliveries

MOST = 10_000

AGAIN = """
UPDATE kernel_webhookdelivery d
SET state = CASE WHEN w.status = 'active' THEN 'pending' ELSE 'held' END,
  state_since = statement_timestamp(), next_at = statement_timestamp(), attempt = 0
FROM kernel_webhookendpoint w, kernel_event e
WHERE w.id = d.endpoint_id AND w.status <> 'removed' AND e.id = d.event_id
"""
ONE = f"{AGAIN} AND d.id = %(id)s AND d.state <> 'leased'"
SINCE = f"""{AGAIN} AND d.endpoint_id = %(endpoint)s AND e.occurred_at >= %(since)s
  AND (d.state = 'parked' OR d.state = 'done' AND %(delivered)s)
"""
# What happened before the endpoint was there, or before it asked for it.
MISSED = f"""
SELECT e.id, e.type, e.aggregate, e.aggregate_id, e.aggregate_version, e.occurred_at, e.channel_id,
  e.silent, e.payload
FROM kernel_event e JOIN kernel_webhookendpoint w ON w.channel_id = e.channel_id
WHERE w.id = %(endpoint)s AND w.status <> 'removed' AND NOT e.silent AND e.fanned_out
  AND e.occurred_at >= %(since)s AND (w.types = '{{}}' OR e.type = ANY(w.types))
  AND NOT EXISTS (
    SELECT FROM kernel_webhookdelivery d WHERE d.event_id = e.id AND d.endpoint_id = w.id)
ORDER BY e.id LIMIT {MOST}
"""  # noqa: S608 - a number of this module


class BeingSent(errors.DomainError):
    """A delivery is under way at this moment, or its endpoint was removed."""

    code, status = "being_sent", 409
    title = "This cannot be sent again: it is being sent now, or the webhook was removed."


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries are sent again, and how many events are sent for the first time."""

    again: int
    first: int


@commands.command
def one(*, delivery_id: UUID) -> None:
    """Send a delivery again, now and from the first attempt on; raises `BeingSent`.

    While its endpoint is paused or switched off it is held.
    """
    if not sql.run(ONE, {"id": delivery_id}):
        raise BeingSent


@commands.command
def since(
    *, endpoint_id: UUID, at: datetime, with_delivered: bool = False, with_missed: bool = False
) -> Replayed:
    """Send what failed of all that happened since a moment again.

    `with_delivered` sends what was delivered, too; `with_missed` what the endpoint was never told,
    at most 10,000 events at a time.
    """
    again = sql.run(SINCE, {"endpoint": endpoint_id, "since": at, "delivered": with_delivered})
    return Replayed(again, _tell_missed(endpoint_id, at) if with_missed else 0)


def _tell_missed(endpoint_id: UUID, at: datetime) -> int:
    endpoint = WebhookEndpoint.objects.select_related("channel").get(pk=endpoint_id)
    missed = [
        bodies.Happening(*row) for row in sql.fetch(MISSED, {"endpoint": endpoint_id, "since": at})
    ]
    rows = [deliveries.row(one, endpoint) for one in missed]
    sql.insert((WebhookDelivery, rows))
    return len(rows)
