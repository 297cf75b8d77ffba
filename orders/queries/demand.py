"""Who has a product's stock, who waits for it, and who bought it lately."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from inventory.models import Product, Reservation
from orders.models import OrderLine
from orders.queries import meanings

MOST = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """So many units of a product that an order has, or waits for."""

    order_id: UUID
    number: str
    customer: str
    units: int
    warehouse: str
    ship_by: datetime | None


def allocated(*, product_id: UUID, channel_ids: Collection[UUID]) -> list[Claim]:
    """Return orders that a product's stock is allocated to, the latest first."""
    promises = Reservation.objects.filter(level__product=product_id).order_by("-id")
    kept = promises.values_list("demand_id", "level__warehouse__code", "quantity")[: 2 * MOST]
    lines = _lines([demand for demand, _code, _units in kept], channel_ids)
    return [_claim(lines[demand], units, code) for demand, code, units in kept if demand in lines][
        :MOST
    ]


def waiting(*, product_id: UUID, channel_ids: Collection[UUID]) -> list[Claim]:
    """Return orders that wait for a product, in the order they will be served."""
    lines = OrderLine.objects.filter(
        product=product_id, backordered__gt=0, order__channel__in=channel_ids
    ).select_related("order")
    urgent = lines.order_by("order__priority", F("order__ship_by").asc(nulls_last=True), "order_id")
    return [_claim(line, line.backordered, "") for line in urgent[:MOST]]


def sold(*, product_id: UUID, channel_ids: Collection[UUID], since: datetime) -> Mapping[UUID, int]:
    """Return the units ordered and not cancelled since a moment, per sales channel."""
    sku_key = Product.objects.values_list("sku_key", flat=True).get(pk=product_id)
    rows = (
        OrderLine.objects.filter(
            sku_key__in=meanings.names(sku_key),
            product=product_id,
            order__placed_at__gte=since,
            order__is_test=False,
            order__channel__in=channel_ids,
        )
        .values("order__channel_id")
        .annotate(units=Sum(F("ordered") - F("cancelled")))
        .order_by("-units")
    )
    return {row["order__channel_id"]: row["units"] for row in rows}


def _lines(ids: Collection[UUID], channel_ids: Collection[UUID]) -> dict[UUID, Any]:
    lines = OrderLine.objects.filter(pk__in=ids, order__channel__in=channel_ids)
    return {line.pk: line for line in lines.select_related("order")}


def _claim(line: OrderLine, units: int, warehouse: str) -> Claim:
    order = line.order
    return Claim(order.pk, order.number, order.ship_name, units, warehouse, order.ship_by)
