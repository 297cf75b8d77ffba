"""Low stock: one open alert per product and warehouse, and whose turn it is to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from config.kernel import commands, ids, sql
from inventory.models import LowStockAlert, LowStockSubscription

NOT_BEFORE = timedelta(hours=20)

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('low stock', 0))"

# A product that was never stocked is low too, where somebody set a reorder point for it.
LOW = """
SELECT r.product_id, r.warehouse_id,
  coalesce(l.on_hand - l.unavailable - l.reserved, 0) AS available
FROM inventory_reorderrule r
JOIN inventory_product p ON p.id = r.product_id AND p.is_active AND p.is_stocked
JOIN inventory_warehouse w ON w.id = r.warehouse_id AND w.is_active
LEFT JOIN inventory_stocklevel l
  ON l.product_id = r.product_id AND l.warehouse_id = r.warehouse_id
WHERE coalesce(l.on_hand - l.unavailable - l.reserved, 0) <= r.reorder_point
"""

CLOSE = f"""
UPDATE inventory_lowstockalert a SET closed_at = %s
WHERE a.closed_at IS NULL AND NOT EXISTS (
  SELECT FROM ({LOW}) low WHERE low.product_id = a.product_id AND low.warehouse_id = a.warehouse_id)
"""  # noqa: S608 - text of this module

FRESH = f"""
SELECT low.product_id, low.warehouse_id, low.available FROM ({LOW}) low
WHERE NOT EXISTS (
  SELECT FROM inventory_lowstockalert a WHERE a.closed_at IS NULL
    AND a.product_id = low.product_id AND a.warehouse_id = low.warehouse_id)
"""  # noqa: S608

# The lease is longer than any mail takes; whoever dies while sending leaves it to the next run.
CLAIM = """
UPDATE inventory_lowstocksubscription s SET claimed_until = now() + interval '10 min'
FROM kernel_user u
WHERE u.id = s.user_id AND u.is_active AND u.email <> ''
  AND (s.claimed_until IS NULL OR s.claimed_until < now())
  AND (s.digested_at IS NULL OR s.digested_at < %s)
RETURNING s.user_id, s.warehouse_id, s.digested_at
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many alerts a sweep opened and closed."""

    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Someone to be told about their warehouses (None: all), and when they were told last."""

    user_id: UUID
    warehouse_ids: tuple[UUID, ...] | None
    told_at: datetime | None


@commands.command
def sweep(*, at: datetime) -> Swept:
    """Open an alert where available is at or below the reorder point, close where it is not.

    An open alert is never repeated. Looks at every reorder point at once and locks no stock: a sale
    never waits for it. While another sweep is under way it does nothing.
    """
    if not sql.fetch(TRY_LOCK)[0][0]:
        return Swept(0, 0)
    closed = sql.run(CLOSE, [at])
    rows = [
        {
            "id": ids.new(),
            "product_id": product_id,
            "warehouse_id": warehouse_id,
            "opened_at": at,
            "available_then": available,
        }
        for product_id, warehouse_id, available in sql.fetch(FRESH)
    ]
    sql.insert((LowStockAlert, rows))
    return Swept(len(rows), closed)


@commands.command
def claim_digests(*, at: datetime) -> Sequence[Claim]:
    """Claim, for ten minutes, everyone who has had no digest within 20 hours."""
    chosen: dict[UUID, list[UUID | None]] = {}
    told: dict[UUID, list[datetime]] = {}
    for user_id, warehouse_id, digested_at in sql.fetch(CLAIM, [at - NOT_BEFORE]):
        chosen.setdefault(user_id, []).append(warehouse_id)
        told.setdefault(user_id, []).extend([digested_at] if digested_at else [])
    return [
        Claim(user_id, _limited(warehouses), min(told[user_id], default=None))
        for user_id, warehouses in chosen.items()
    ]


@commands.command
def record_digest(*, claim: Claim, at: datetime) -> None:
    """Record that a claimed person has been told, or that there was nothing to tell."""
    LowStockSubscription.objects.filter(user=claim.user_id).update(
        digested_at=at, claimed_until=None
    )


def _limited(warehouses: Sequence[UUID | None]) -> tuple[UUID, ...] | None:
    known = tuple(warehouse_id for warehouse_id in warehouses if warehouse_id is not None)
    return known if len(known) == len(warehouses) else None
