"""How an endpoint fares: the breaker, the rest it asked for, and when it is switched off.

Five failures in a row open the breaker: from then on there are single probes, further and further
apart, until one succeeds. An endpoint that says it is gone, or that accepted nothing for five days,
is switched off; what waits for it is held.
"""

import random
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from config.kernel import sql, states
from config.kernel.models import WebhookEndpoint
from config.kernel.webhooks import schedule
from config.kernel.webhooks.schedule import Verdict

# An endpoint that is well is not written to more often than this.
SUCCESS = """
UPDATE kernel_webhookendpoint
SET failures = 0, failing_since = NULL, last_success_at = statement_timestamp(),
  rest_until = CASE WHEN failures >= %(breaks)s THEN NULL ELSE rest_until END
WHERE id = %(id)s AND (failures > 0 OR last_success_at IS NULL
  OR last_success_at < statement_timestamp() - interval '10 s')
"""
FAILURE = """
UPDATE kernel_webhookendpoint
SET failures = failures + %(count)s, failing_since = coalesce(failing_since, statement_timestamp())
WHERE id = %(id)s
RETURNING failures, failing_since < statement_timestamp() - interval '5 days', status = 'active'
"""
REST = """
UPDATE kernel_webhookendpoint
SET rest_until = greatest(rest_until, statement_timestamp() + make_interval(secs => %(rest)s))
WHERE id = %(id)s
"""
NOW = "SELECT statement_timestamp()"


class Result(Protocol):
    """What counts of an attempt: its verdict, and the seconds of rest it asked for."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def rest(self) -> float: ...


def note(endpoint_id: UUID, results: Sequence[Result]) -> bool:
    """Note attempts in their order; return whether the endpoint is still to be sent to.

    Belongs to the caller's command. Locks the endpoint unless there is nothing new to note.
    """
    latest = _latest_failures(results)
    if len(latest) < len(results):
        sql.run(SUCCESS, {"id": endpoint_id, "breaks": schedule.BREAKS_AFTER})
    if not latest:
        return True
    ((failures, is_hopeless, is_active),) = sql.fetch(
        FAILURE, {"id": endpoint_id, "count": len(latest)}
    )
    rest = max(schedule.probe(failures, random.uniform), *(one.rest for one in latest))
    if rest:
        sql.run(REST, {"id": endpoint_id, "rest": rest})
    is_gone = any(one.verdict == Verdict.GONE for one in latest)
    if is_active and (is_gone or is_hopeless):
        _switch_off(endpoint_id, "gone" if is_gone else "failing")
        return False
    return bool(is_active)


def _latest_failures(results: Sequence[Result]) -> list[Result]:
    latest: list[Result] = []
    for result in results:
        latest = [] if result.verdict == Verdict.DELIVERED else [*latest, result]
    return latest


def _switch_off(endpoint_id: UUID, cause: str) -> None:
    states.transition_many(
        WebhookEndpoint.objects.filter(pk=endpoint_id),
        origin=WebhookEndpoint.Status.ACTIVE,
        to=WebhookEndpoint.Status.DISABLED,
        disabled_at=sql.fetch(NOW)[0][0],
        disabled_cause=cause,
        told_at=None,
    )
