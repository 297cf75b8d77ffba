"""What waits, failed and went well, per endpoint: set-based, by index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from config.kernel import sql

OPEN = """
SELECT endpoint_id, 'waiting', count(*), min(state_since) FROM kernel_webhookdelivery
WHERE state IN ('pending', 'leased') AND endpoint_id = ANY(%(ids)s::uuid[]) GROUP BY 1
UNION ALL
SELECT endpoint_id, state, count(*), min(state_since) FROM kernel_webhookdelivery
WHERE state IN ('parked', 'held') AND endpoint_id = ANY(%(ids)s::uuid[]) GROUP BY 1, 2
"""
TRIES = """
SELECT endpoint_id, count(*),
  count(*) FILTER (WHERE http_status IS NULL OR http_status NOT BETWEEN 200 AND 299)
FROM kernel_webhookattempt
WHERE endpoint_id = ANY(%(ids)s::uuid[])
  AND started_at > statement_timestamp() - interval '24 hours'
GROUP BY 1
"""
LAST = """
SELECT endpoint.id, a.http_status, a.error, a.detail FROM unnest(%(ids)s::uuid[]) endpoint(id)
CROSS JOIN LATERAL (
  SELECT http_status, error, detail FROM kernel_webhookattempt
  WHERE endpoint_id = endpoint.id ORDER BY started_at DESC LIMIT 1) a
"""


@dataclass(slots=True)
class Figures:
    """Of one endpoint: deliveries by state with the oldest of each, attempts of the last day.

    `last` is what came of the latest attempt: status, error, detail.
    """

    counts: dict[str, int] = field(default_factory=dict)
    oldest: dict[str, datetime] = field(default_factory=dict)
    tries: int = 0
    failed_tries: int = 0
    last: tuple[int | None, str, str] | None = None

    @property
    def failed_percent(self) -> int | None:
        """Return the share of failed attempts, rounded up; None without attempts."""
        return -(-100 * self.failed_tries // self.tries) if self.tries else None


def of(endpoint_ids: Iterable[UUID]) -> Mapping[UUID, Figures]:
    """Return the figures of each of the endpoints; three statements."""
    found = {endpoint_id: Figures() for endpoint_id in endpoint_ids}
    ids = {"ids": sql.array(found)}
    for endpoint_id, state, count, oldest in sql.fetch(OPEN, ids):
        found[endpoint_id].counts[state] = count
        found[endpoint_id].oldest[state] = oldest
    for endpoint_id, tries, failed in sql.fetch(TRIES, ids):
        found[endpoint_id].tries, found[endpoint_id].failed_tries = tries, failed
    for endpoint_id, *last in sql.fetch(LAST, ids):
        found[endpoint_id].last = (last[0], last[1], last[2])
    return found
