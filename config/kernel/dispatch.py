"""Hands events to handlers and webhooks: fan out, claim with a lease and a token, handle, record.

Deliveries are claimed by state, never by a cursor, so an event that commits late is never skipped.
A handler runs in one transaction with the record that it ran; one failing handler neither blocks
nor repeats the others. When something is due is told by the database's clock.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from config.kernel import clock, commands, events, ids, sql, wakeup
from config.kernel.models import Delivery, Event, WebhookDelivery
from config.kernel.webhooks import deliveries, sender
from config.kernel.webhooks.bodies import Happening

LEASE = "60 s"
BATCH = 50
SCHEDULE = (5, 60, 300, 1800, 7200, 36000)

_log = logging.getLogger(__name__)

CLAIM = """
WITH due AS (
  SELECT id FROM kernel_delivery
  WHERE state IN ('pending', 'leased') AND next_at <= statement_timestamp()
  ORDER BY next_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE kernel_delivery d
SET state = 'leased', next_at = statement_timestamp() + %s::interval, token = gen_random_uuid(),
  attempt = attempt + 1
FROM due WHERE d.id = due.id RETURNING d.id, d.token, d.attempt
"""

FAN_OUT = """
WITH fresh AS (
  SELECT id FROM kernel_event WHERE NOT fanned_out ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
UPDATE kernel_event e SET fanned_out = true FROM fresh WHERE e.id = fresh.id
RETURNING e.id, e.type, e.aggregate, e.aggregate_id, e.aggregate_version, e.occurred_at,
  e.channel_id, e.silent, e.payload
"""


def deliver_due() -> int:
    """Fan out fresh events and handle every delivery that is due; return how many were handled."""
    handled = 0
    while True:
        fanned = fan_out()
        claimed = _claim()
        for delivery_id, token, attempt in claimed:
            _handle(delivery_id, token, attempt)
        handled += len(claimed)
        if not fanned and not claimed:
            return handled


@commands.command
def fan_out() -> int:
    """Write a delivery for each handler and each webhook of fresh events; return how many events.

    The sender of webhooks is woken when this has committed.
    """
    fresh = [Happening(*row) for row in sql.fetch(FAN_OUT)]
    rows = [
        {"id": ids.new(), "event_id": one.id, "handler": name, "state": "pending",
         "attempt": 0, "last_error": ""}
        for one in fresh
        for name in events.handlers_of(one.type)
    ]  # fmt: skip
    outgoing = deliveries.rows(fresh)
    sql.insert((Delivery, rows), (WebhookDelivery, outgoing))
    if outgoing:
        transaction.on_commit(_wake_sender, robust=True)
    return len(fresh)


def _wake_sender() -> None:
    wakeup.send(sender.TASK)


@commands.command
def _claim() -> list[tuple[UUID, UUID, int]]:
    return sql.fetch(CLAIM, [BATCH, LEASE])


def _handle(delivery_id: UUID, token: UUID, attempt: int) -> None:
    try:
        _run(delivery_id, token)
    except Exception as error:  # noqa: BLE001 - one handler's failure is its own
        _log.exception("event handler failed")
        _postpone(delivery_id, token, attempt, repr(error))


@commands.command
def _run(delivery_id: UUID, token: UUID) -> None:
    owned = Delivery.objects.filter(pk=delivery_id, token=token, state=Delivery.State.LEASED)
    delivery = owned.select_related("event").select_for_update(of=("self",)).first()
    if delivery is None:
        return
    handler = events.handlers_of(delivery.event.type).get(delivery.handler)
    if handler is not None:
        handler(delivery.event)
    owned.update(state=Delivery.State.DONE, done_at=clock.now())


@commands.command
def _postpone(delivery_id: UUID, token: UUID, attempt: int, error: str) -> None:
    over = attempt > len(SCHEDULE)
    wait = timedelta(seconds=SCHEDULE[min(attempt, len(SCHEDULE)) - 1])
    Delivery.objects.filter(pk=delivery_id, token=token, state=Delivery.State.LEASED).update(
        state=Delivery.State.PARKED if over else Delivery.State.PENDING,
        next_at=Now() + wait,
        last_error=error[:2000],
    )


@commands.command
def retry(*, delivery_id: UUID) -> bool:
    """Let a failed delivery be handled again, from the first attempt on; False if it is not failed.

    The dispatcher is woken when this has committed.
    """
    failed = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.PARKED)
    events.published()
    return bool(failed.update(state=Delivery.State.PENDING, attempt=0, next_at=Now()))


def waiting() -> int:
    """Return how many events or deliveries are still to be handled."""
    return (
        Event.objects.filter(fanned_out=False).count()
        + Delivery.objects.filter(state__in=["pending", "leased"]).count()
    )
