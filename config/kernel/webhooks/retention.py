"""What is forgotten: attempts and settled deliveries after 30 days, rotated secrets after 24 hours.

Events stay for ever, and with them what a delivery said.
"""

from django.db.models.functions import Now

from config.kernel import commands, sql
from config.kernel.models import WebhookEndpoint

BATCH = 2000
ATTEMPTS = """
DELETE FROM kernel_webhookattempt WHERE id IN (
  SELECT id FROM kernel_webhookattempt WHERE started_at < statement_timestamp() - interval '30 days'
  LIMIT %s)
"""
DELIVERIES = """
WITH old AS (
  SELECT id FROM kernel_webhookdelivery
  WHERE state IN ('done', 'parked', 'held')
    AND state_since < statement_timestamp() - interval '30 days'
  LIMIT %s FOR UPDATE SKIP LOCKED),
tries AS (DELETE FROM kernel_webhookattempt a USING old WHERE a.delivery_id = old.id)
DELETE FROM kernel_webhookdelivery d USING old WHERE d.id = old.id
"""
HANDLED = """
DELETE FROM kernel_delivery WHERE id IN (
  SELECT id FROM kernel_delivery
  WHERE state = 'done' AND done_at < statement_timestamp() - interval '30 days' LIMIT %s)
"""
# What fanned out while an endpoint was being paused.
STRAYS = """
UPDATE kernel_webhookdelivery d SET state = 'held', state_since = statement_timestamp()
FROM kernel_webhookendpoint e
WHERE e.id = d.endpoint_id AND e.status <> 'active' AND d.state = 'pending'
"""


def forget_old() -> int:
    """Delete what is older than 30 days, a few thousand rows at a time; return how many."""
    _tidy()
    return sum(map(_delete, (ATTEMPTS, DELIVERIES, HANDLED)))


@commands.command
def _tidy() -> None:
    sql.run(STRAYS)
    WebhookEndpoint.objects.filter(previous_until__lt=Now()).update(
        previous_secret="", previous_until=None
    )


def _delete(statement: str) -> int:
    deleted = 0
    while count := _delete_some(statement):
        deleted += count
    return deleted


@commands.command
def _delete_some(statement: str) -> int:
    return sql.run(statement, [BATCH])
