"""What waits for staff, put together by what is wrong, so that one answer helps all like it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import sql

MOST = 50

UNKNOWN = """
SELECT o.channel_id, l.sku_key, min(l.sku), max(l.description), count(DISTINCT o.id),
  min(h.placed_at)
FROM orders_orderline l
JOIN orders_order o ON o.id = l.order_id AND o.status = 'open' AND NOT o.is_test
JOIN orders_hold h ON h.order_id = o.id AND h.kind = 'unknown_product' AND h.status = 'open'
WHERE l.product_id IS NULL AND l.set_quantity IS NULL AND o.channel_id = ANY(%s)
GROUP BY o.channel_id, l.sku_key ORDER BY count(DISTINCT o.id) DESC, min(h.placed_at) LIMIT %s
"""

WAITING_FOR = """
SELECT count(DISTINCT o.id)
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.status = 'open'
WHERE l.product_id IS NULL AND l.set_quantity IS NULL AND l.sku_key = %s AND o.channel_id = %s
"""

LAST_USED = """
SELECT o.placed_at FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
WHERE l.sku_key = %s AND o.channel_id = %s ORDER BY l.order_id DESC LIMIT 1
"""

PRICES = """
SELECT line ->> 'sku', line ->> 'price', line ->> 'expected', o.currency,
  coalesce((line ->> 'is_floor')::boolean, false), count(*), min(h.placed_at)
FROM orders_hold h
JOIN orders_order o ON o.id = h.order_id AND o.status = 'open' AND NOT o.is_test
CROSS JOIN LATERAL jsonb_array_elements(h.params -> 'lines') line
WHERE h.kind = 'price' AND h.status = 'open' AND o.channel_id = ANY(%s)
GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, min(h.placed_at) LIMIT %s
"""

FAILURES = """
SELECT f.cause, min(f.code), count(*), min(f.first_at), (array_agg(f.faults))[1],
  (array_agg(f.params))[1]
FROM orders_failedorder f
WHERE f.status = 'open' AND f.channel_id = ANY(%s)
GROUP BY f.cause ORDER BY count(*) DESC, min(f.first_at) LIMIT %s
"""

FAILED = """
SELECT count(*), min(first_at) FROM orders_failedorder
WHERE status = 'open' AND channel_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class UnknownSku:
    """A SKU that nobody knows in a channel, and the orders that wait for it."""

    channel_id: UUID
    sku_key: str
    sku: str
    description: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class WrongPrice:
    """A price that is too far from the list, and the orders that wait for it to be accepted."""

    sku: str
    price: str
    expected: str
    currency: str
    is_floor: bool
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """One cause of failed orders; faults and params are those of one of them."""

    cause: str
    code: str
    count: int
    oldest: datetime
    faults: Any
    params: Any


def unknown_skus(channels: Collection[UUID]) -> list[UnknownSku]:
    """Return the unknown SKUs of these channels, those most orders wait for first."""
    return [UnknownSku(*row) for row in sql.fetch(UNKNOWN, [list(channels), MOST])]


def wrong_prices(channels: Collection[UUID]) -> list[WrongPrice]:
    """Return the prices that orders of these channels wait for, the commonest first."""
    return [WrongPrice(*row) for row in sql.fetch(PRICES, [list(channels), MOST])]


@dataclass(frozen=True, slots=True)
class Failed:
    """How many orders failed, and since when the oldest."""

    count: int
    oldest: datetime | None


def failed(channels: Collection[UUID]) -> Failed:
    """Return how many open failures these channels have, in one look."""
    return Failed(*sql.fetch(FAILED, [list(channels)])[0])


def failures(channels: Collection[UUID]) -> list[Failure]:
    """Return the causes of failed orders of these channels, the commonest first."""
    rows = sql.fetch(FAILURES, [list(channels), MOST])
    return [
        Failure(cause, code, count, oldest, json.loads(faults), json.loads(params))
        for cause, code, count, oldest, faults, params in rows
    ]


def waiting_for(*, channel_id: UUID, sku_key: str) -> int:
    """Return how many open orders of a channel wait for a SKU to become known."""
    count: int = sql.fetch(WAITING_FOR, [sku_key, channel_id])[0][0]
    return count


def last_used(*, channel_id: UUID, sku_key: str) -> datetime | None:
    """Return when the channel's last order with a SKU was placed."""
    row = sql.fetch_one(LAST_USED, [sku_key, channel_id])
    return row[0] if row else None
