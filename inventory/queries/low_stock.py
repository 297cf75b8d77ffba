"""The low-stock queue: how long stock lasts at the usual demand, and how much to buy."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Min, QuerySet

from config.kernel import sql
from inventory import replenishment
from inventory.models import LowStockAlert, ReorderRule, StockLevel, StockMovement
from inventory.queries import levels

# Eight weeks show the usual demand; a product younger than a week has none yet.
WINDOW_DAYS, LEAST_DAYS = 56, 7
# For products whose supplier never told.
LEAD_TIME_DAYS = 14

# One figure per order and level: what an order took in two shipments was asked for once.
SHIPPED = """
SELECT level_id, -sum(d_on_hand)::int
FROM inventory_stockmovement
WHERE level_id = ANY(%s) AND kind = 'ship' AND at > %s
GROUP BY level_id, coalesce(subject_id, command_id)
"""

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Low:
    """A product that is low in a warehouse, and what could be done about it."""

    alert: LowStockAlert
    available: int
    incoming: int
    reorder_point: int
    demand_per_day: Decimal
    days_of_cover: int | None
    suggested: int


def open_alerts() -> QuerySet[LowStockAlert]:
    """Return the open alerts with product, supplier and warehouse, by supplier and SKU."""
    waiting = LowStockAlert.objects.filter(closed_at__isnull=True)
    return waiting.select_related("product__supplier", "warehouse").order_by(
        "product__supplier__code", "product__sku_key", "warehouse__code"
    )


def figures(alerts: Iterable[LowStockAlert], *, at: datetime) -> list[Low]:
    """Return alerts with their figures as of `at`; five queries however many they are."""
    shown = list(alerts)
    products = {alert.product_id for alert in shown}
    stock = {
        (level.product_id, level.warehouse_id): level
        for level in StockLevel.objects.filter(product__in=products)
    }
    incoming = levels.incoming(products)
    rules = {
        (rule.product_id, rule.warehouse_id): rule
        for rule in ReorderRule.objects.filter(product__in=products)
    }
    demand = daily_demand([level.pk for level in stock.values()], at=at)
    return [
        _low(alert, stock.get(_pair(alert)), incoming, rules.get(_pair(alert)), demand)
        for alert in shown
    ]


def daily_demand(level_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Decimal]:
    """Return the units a day that usually leave each level; one-off large orders left out.

    Over the last eight weeks, or since the level first held stock.
    """
    since = at - timedelta(days=WINDOW_DAYS)
    orders: dict[UUID, list[int]] = defaultdict(list)
    for level_id, quantity in sql.fetch(SHIPPED, [list(level_ids), since]):
        orders[level_id].append(quantity)
    firsts = StockMovement.objects.filter(level__in=orders).values_list("level_id")
    ages = {level_id: (at - first).days for level_id, first in firsts.annotate(Min("at"))}
    return {
        level_id: replenishment.daily_demand(
            quantities, min(WINDOW_DAYS, max(LEAST_DAYS, ages[level_id]))
        )
        for level_id, quantities in orders.items()
    }


def _pair(alert: LowStockAlert) -> Pair:
    return alert.product_id, alert.warehouse_id


def _low(
    alert: LowStockAlert,
    level: StockLevel | None,
    incoming: dict[Pair, int],
    rule: ReorderRule | None,
    demand: dict[UUID, Decimal],
) -> Low:
    product = alert.product
    available = level.on_hand - level.unavailable - level.reserved if level else 0
    coming = incoming.get(_pair(alert), 0)
    per_day = demand.get(level.pk, Decimal(0)) if level else Decimal(0)
    lead_time = product.lead_time_days
    return Low(
        alert=alert,
        available=available,
        incoming=coming,
        reorder_point=rule.reorder_point if rule else 0,
        demand_per_day=per_day,
        days_of_cover=replenishment.days_of_cover(available, per_day),
        suggested=replenishment.suggested(
            available=available,
            incoming=coming,
            demand_per_day=per_day,
            lead_time_days=LEAD_TIME_DAYS if lead_time is None else lead_time,
            pack_multiple=product.pack_multiple,
            minimum=product.minimum_order_quantity,
            reorder_point=rule.reorder_point if rule else None,
            reorder_quantity=rule.reorder_quantity if rule else 0,
        ),
    )
