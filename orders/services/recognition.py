"""Lets orders go on that wait for an unknown SKU, once a product or a mapping makes it known.

Called a moment after something became known; the sweep of holds makes sure. Orders are taken in
batches, each a command of its own, and twice at once does no harm: a line is made known under the
lock of its order.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, sql
from config.kernel.actors import Actor
from config.kernel.models import Channel
from orders import headlines, holding, states
from orders.models import Hold, OrderLine, ProductMapping
from orders.queries import meanings
from orders.queries.meanings import Asked
from orders.services import allotment, holds, progress, unfolding
from orders.sets import Meaning
from orders.states import HoldKind

BATCH = 200

WAITING = """
SELECT DISTINCT l.order_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
LEFT JOIN inventory_product p ON p.sku_key = l.sku_key AND p.is_active
LEFT JOIN orders_productmapping m ON m.channel_id = o.channel_id AND m.sku_key = l.sku_key
WHERE l.product_id IS NULL AND l.set_quantity IS NULL
  AND (%(products)s::uuid[] IS NULL AND (p.id IS NOT NULL OR m.id IS NOT NULL)
    OR p.id = ANY(%(products)s) OR EXISTS (
      SELECT FROM orders_mappedproduct c
      WHERE c.mapping_id = m.id AND c.product_id = ANY(%(products)s)))
ORDER BY l.order_id
"""

UNKNOWN_LINES = """
SELECT l.*, o.channel_id, o.currency, o.origin, m.id AS mapping_id,
  (SELECT max(position) FROM orders_orderline WHERE order_id = l.order_id) AS last_position
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
LEFT JOIN orders_productmapping m ON m.channel_id = o.channel_id AND m.sku_key = l.sku_key
WHERE l.order_id = ANY(%s) AND l.product_id IS NULL AND l.set_quantity IS NULL
ORDER BY l.order_id, l.position
"""
BESIDE_THE_LINE = ("channel_id", "currency", "origin", "mapping_id", "last_position")

STILL_HELD = """
SELECT order_id, array_agg(kind) FROM orders_hold
WHERE order_id = ANY(%s) AND status = 'open' GROUP BY order_id
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """A line that is known now, as it was, with what its SKU means."""

    line: dict[str, Any]
    order: Mapping[str, Any]
    meaning: Meaning


def recognise(*, product_ids: Sequence[UUID] | None = None, actor: Actor, at: datetime) -> int:
    """Make known what waiting lines mean, and let their orders go on; return how many orders.

    Without `product_ids` all that is known counts. What an order waits for beside the SKU, a price
    too far from the list among it, keeps holding it.
    """
    order_ids = waiting(product_ids=product_ids)
    return sum(
        _recognise(order_ids=order_ids[start : start + BATCH], actor=actor, at=at)
        for start in range(0, len(order_ids), BATCH)
    )


def waiting(*, product_ids: Sequence[UUID] | None = None) -> list[UUID]:
    """Return the orders with an unknown SKU that is known by now, or means one of the products."""
    given = {"products": list(product_ids) if product_ids else None}
    return [row[0] for row in sql.fetch(WAITING, given)]


@commands.command
def _recognise(*, order_ids: Sequence[UUID], actor: Actor, at: datetime) -> int:
    """Locks the orders by id, then what stock they ask for, then the mappings that count them."""
    progress.lock(order_ids)
    lines = [_apart(row) for row in sql.fetch_dicts(UNKNOWN_LINES, [list(order_ids)], binary=True)]
    found = meanings.find([_asked(line, order) for line, order in lines])
    known = [
        _Known(line, order, found[asked])
        for line, order in lines
        if (asked := _asked(line, order)) in found
    ]
    if not known:
        return 0
    _write(known)
    _check_prices(known, actor, at)
    touched = sorted({one.line["order_id"] for one in known})
    _let_go(touched, lines, known, actor, at)
    live = {one.line["order_id"] for one in known if one.order["origin"] != states.Origin.HISTORY}
    allotment.allot(order_ids=sorted(live), actor=actor, at=at, queue_behind=True)
    _count(known)
    return len(touched)


def _apart(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return row, {name: row.pop(name) for name in BESIDE_THE_LINE}


def _asked(line: Mapping[str, Any], order: Mapping[str, Any]) -> Asked:
    return Asked(order["channel_id"], line["sku_key"], order["currency"])


def _write(known: Sequence[_Known]) -> None:
    """One unit of one product is a product; anything else is a set with its components."""
    simple, sent, components = [], [], []
    positions: Counter[UUID] = Counter()
    for one in known:
        good, order_id = one.meaning.only, one.line["order_id"]
        if good is not None:
            simple.append(
                {
                    "id": one.line["id"],
                    "product_id": good.product_id,
                    "is_stocked": good.is_stocked,
                }
            )
            continue
        position = one.order["last_position"] + positions[order_id] + 1
        unfolded = unfolding.unfold(
            one.line, one.meaning, currency=one.order["currency"], position=position
        )
        positions[order_id] += len(unfolded.components)
        sent.append({name: unfolded.line[name] for name in unfolding.CHANGED})
        components += unfolded.components
    sql.update(OrderLine, simple)
    sql.update(OrderLine, sent)
    sql.insert((OrderLine, components))


def _check_prices(known: Sequence[_Known], actor: Actor, at: datetime) -> None:
    """Hold what is sold too far from its list price, now that there is one to compare with."""
    channels = {one.order["channel_id"] for one in known}
    tolerances = dict(
        Channel.objects.filter(pk__in=channels).values_list("pk", "price_tolerance_percent")
    )
    wrong: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for one in known:
        if one.order["origin"] != states.Origin.HISTORY:
            priced = holding.PricedLine(
                one.line["sku"],
                one.line["unit_price"],
                one.meaning.list_price,
                one.meaning.floor_price,
            )
            wrong[one.line["order_id"]] += holding.wrong_prices(
                [priced], tolerances[one.order["channel_id"]]
            )
    for order_id, lines in wrong.items():
        if lines:
            holds.extend(
                order_id=order_id, kind=HoldKind.PRICE, name="lines", facts=lines,
                actor=actor, at=at,
            )  # fmt: skip


def _let_go(
    touched: Sequence[UUID],
    lines: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    known: Sequence[_Known],
    actor: Actor,
    at: datetime,
) -> None:
    """Lift the holds of orders without an unknown SKU; tell of the others which are left."""
    settled = {one.line["id"] for one in known}
    left: dict[UUID, set[str]] = defaultdict(set)
    for line, _ in lines:
        if line["id"] not in settled:
            left[line["order_id"]].add(line["sku"])
    holds.lift(
        kind=HoldKind.UNKNOWN_PRODUCT,
        order_ids=[pk for pk in touched if pk not in left],
        reason="SKU known",
        actor=actor,
        at=at,
    )
    still = Hold.objects.filter(
        order__in=[pk for pk in touched if pk in left],
        kind=HoldKind.UNKNOWN_PRODUCT,
        status=states.HoldStatus.OPEN,
    )
    sql.update(Hold, [
        {"id": pk, "params": {"skus": sorted(left[order_id])}}
        for pk, order_id in still.values_list("pk", "order_id")
    ])  # fmt: skip


def _count(known: Sequence[_Known]) -> None:
    """Note at each mapping how many orders it let go on, and what the others still wait for."""
    orders: dict[UUID, set[UUID]] = defaultdict(set)
    for one in known:
        if one.order["mapping_id"] is not None:
            orders[one.order["mapping_id"]].add(one.line["order_id"])
    if not orders:
        return
    held = dict(sql.fetch(STILL_HELD, [sorted(set().union(*orders.values()))]))
    mappings = ProductMapping.objects.filter(pk__in=list(orders)).order_by("pk")
    rows = []
    for mapping in mappings.select_for_update(no_key=True):
        waits = Counter(mapping.waits)
        waits.update(headlines.first(held[pk]) for pk in orders[mapping.pk] if pk in held)
        went_on = mapping.went_on + sum(pk not in held for pk in orders[mapping.pk])
        rows.append({"id": mapping.pk, "went_on": went_on, "waits": waits})
    sql.update(ProductMapping, rows)
