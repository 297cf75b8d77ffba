"""Keeps what could not be taken in, outside the transaction that was rolled back.

Nothing here may cost an order that succeeds anything, or lose the answer of one that fails: a
failure that cannot be kept is logged and no more.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from config.kernel import commands, ids, sql
from config.kernel import states as kernel_states
from config.kernel.actors import Actor
from orders import refusals, states
from orders.errors import FailedOrderClosed
from orders.models import FailedOrder
from orders.states import FailureStatus

# Bounds, for each channel; see docs/running.md.
MOST_KEPT = 2_000
MOST_WITHOUT_REFERENCE = 50
MOST_FAULTS = 100
LONGEST_PAYLOAD = 256 * 1024
LONGEST_EXCERPT = 4 * 1024
CLOSED_KEPT, OPEN_KEPT = timedelta(days=30), timedelta(days=90)

_log = logging.getLogger(__name__)
_as_sent = msgspec.json.Encoder(decimal_format="number")

# One that was closed begins anew; one that was dismissed stays so while the very same comes again.
# An order with this very content, placed meanwhile, means that nothing failed.
KEEP = """
INSERT INTO orders_failedorder AS kept (id, channel_id, known_by, reference, digest, origin, status,
  code, http_status, cause, detail, faults, params, payload, is_whole, attempts, first_at, last_at,
  closed_by, reason)
SELECT %(id)s::uuid, %(channel)s::uuid, %(known_by)s::text, %(reference)s::text, %(digest)s::text,
  %(origin)s::text, 'open', %(code)s::text, %(http_status)s::int, %(cause)s::text,
  %(detail)s::text, %(faults)s::jsonb, %(params)s::jsonb, %(payload)s::text,
  %(is_whole)s::boolean, 1, %(at)s::timestamptz, %(at)s::timestamptz, '', ''
WHERE NOT EXISTS (
  SELECT FROM orders_order o JOIN orders_intake i ON i.order_id = o.id
  WHERE o.channel_id = %(channel)s::uuid AND o.reference = %(reference)s::text
    AND i.fingerprint = %(digest)s::text)
ON CONFLICT (channel_id, known_by) DO UPDATE SET
  attempts = kept.attempts + 1, last_at = excluded.last_at, digest = excluded.digest,
  first_at = CASE WHEN kept.status = 'resolved' THEN excluded.first_at ELSE kept.first_at END,
  code = excluded.code, http_status = excluded.http_status, cause = excluded.cause,
  detail = excluded.detail, faults = excluded.faults, params = excluded.params,
  payload = excluded.payload, is_whole = excluded.is_whole,
  (status, closed_at, closed_by, reason) = (
    SELECT again.status, again.closed_at, again.closed_by, again.reason
    FROM (VALUES
      (true, kept.status, kept.closed_at, kept.closed_by, kept.reason),
      (false, 'open', NULL, '', '')) AS again(same, status, closed_at, closed_by, reason)
    WHERE again.same = (kept.status = 'dismissed' AND kept.digest = excluded.digest
                        AND kept.cause = excluded.cause))
RETURNING xmax = 0
"""

# The oldest go first, those of them that are closed before those that wait.
DROP = """
DELETE FROM orders_failedorder WHERE id IN (
  SELECT id FROM orders_failedorder
  WHERE channel_id = %(channel)s AND (reference = '') = %(nameless)s
  ORDER BY (status = 'open') DESC, last_at DESC, id DESC OFFSET %(most)s)
"""

RESOLVE = """
UPDATE orders_failedorder SET status = 'resolved', closed_at = %(at)s, closed_by = %(by)s
WHERE channel_id = %(channel)s AND reference = ANY(%(references)s) AND status = 'open'
"""

# An order whose success was told to nobody here: placed at the moment when its failure was kept.
PLACED_MEANWHILE = """
UPDATE orders_failedorder f SET status = 'resolved', closed_at = %(at)s, closed_by = %(by)s
FROM orders_order o JOIN orders_intake i ON i.order_id = o.id
WHERE f.status = 'open' AND f.reference <> '' AND o.channel_id = f.channel_id
  AND o.reference = f.reference AND i.fingerprint = f.digest
"""

FORGET = """
DELETE FROM orders_failedorder WHERE id IN (
  SELECT id FROM orders_failedorder
  WHERE (status <> 'open' AND closed_at < %(closed)s) OR (status = 'open' AND last_at < %(open)s)
  LIMIT 1000)
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came: the document, or as much of the bytes as could not be read as one."""

    channel_id: UUID
    document: Mapping[str, Any] | None
    digest: str = ""
    unread: bytes = b""
    origin: str = states.Origin.API

    @property
    def reference(self) -> str:
        """The reference, if it has one that can be kept."""
        told = (self.document or {}).get("reference")
        return refusals.plain(told)[:120] if isinstance(told, str | int) else ""


def keep(*, sent: Sent, problem: Mapping[str, Any], at: datetime) -> None:
    """Keep an order that failed with the problem that was answered; never raises.

    Its own transaction, or the one under way. Payloads are cut, secrets in them removed, and of a
    channel no more than a bounded number is kept.
    """
    try:
        _keep(sent=sent, problem=problem, at=at)
    except Exception:  # noqa: BLE001 - the answer that is about to be given matters more
        _log.exception("a failed order could not be kept")


@commands.command
def _keep(*, sent: Sent, problem: Mapping[str, Any], at: datetime) -> None:
    reference = sent.reference
    payload, is_whole = _payload(sent)
    digest = sent.digest or hashlib.sha256(f"{problem['code']} {payload}".encode()).hexdigest()
    faults = list(problem.get("errors", ()))[:MOST_FAULTS]
    params = {name: told for name, told in problem.items() if name not in refusals.STANDARD}
    written = sql.fetch(
        KEEP,
        {
            "id": ids.new(),
            "channel": sent.channel_id,
            "known_by": f"r:{reference}" if reference else f"d:{digest}",
            "reference": reference,
            "digest": digest,
            "origin": sent.origin,
            "code": problem["code"],
            "http_status": problem["status"],
            "cause": refusals.cause(problem["code"], faults),
            "detail": problem["detail"][:500],
            "faults": sql.to_json(faults),
            "params": sql.to_json(params),
            "payload": payload,
            "is_whole": is_whole,
            "at": at,
        },
    )
    if written and written[0][0]:
        most = MOST_KEPT if reference else MOST_WITHOUT_REFERENCE
        sql.run(DROP, {"channel": sent.channel_id, "nameless": not reference, "most": most})


def _payload(sent: Sent) -> tuple[str, bool]:
    """The content as it came, and whether all of it is there."""
    if sent.document is None:
        excerpt = sent.unread[:LONGEST_EXCERPT].decode(errors="replace").replace("\x00", "\ufffd")
        return excerpt, False
    text = _as_sent.encode(refusals.without_secrets(sent.document)).decode()
    return text[:LONGEST_PAYLOAD], len(text) <= LONGEST_PAYLOAD


def resolve(*, channel_id: UUID, references: Sequence[str], by: str, at: datetime) -> int:
    """Close failures whose orders are placed now; return how many were open.

    Joins the transaction that places them.
    """
    given = {"channel": channel_id, "references": list(references), "by": by, "at": at}
    return sql.run(RESOLVE, given)


@commands.command
def settle(*, failed_id: UUID, actor: Actor, at: datetime) -> None:
    """Close a failure whose order was placed, under whatever reference."""
    failed = FailedOrder.objects.select_for_update(no_key=True).get(pk=failed_id)
    if failed.status != FailureStatus.RESOLVED:
        kernel_states.transition(
            failed, FailureStatus.RESOLVED, closed_at=at, closed_by=actor.label
        )


@commands.command
def dismiss(*, failed_id: UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Close a failure without an order, for a reason; the very same coming again stays closed.

    Raises `FailedOrderClosed` when it is closed already.
    """
    failed = FailedOrder.objects.select_for_update(no_key=True).get(pk=failed_id)
    if failed.status != FailureStatus.OPEN:
        raise FailedOrderClosed
    kernel_states.transition(
        failed, FailureStatus.DISMISSED, closed_at=at, closed_by=actor.label, reason=reason
    )


@commands.command
def sweep(*, at: datetime) -> int:
    """Close failures whose very content was placed at the same moment; return how many."""
    return sql.run(PLACED_MEANWHILE, {"at": at, "by": "Kapell"})


def forget_old(*, at: datetime) -> int:
    """Drop closed failures after a month and open ones after three, a thousand at a time."""
    dropped = 0
    while gone := _forget(at=at):
        dropped += gone
    return dropped


@commands.command
def _forget(*, at: datetime) -> int:
    return sql.run(FORGET, {"closed": at - CLOSED_KEPT, "open": at - OPEN_KEPT})
