"""What SKUs mean in a channel: its mapping, or else the product of that name."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from config.kernel import sql
from orders.sets import Component, Good, Meaning

# At place 0 stands the product of that name; a mapping's products follow. The columns are those
# `assemble` reads, from `place` to `is_stocked`.
PRODUCT = """
SELECT p.sku_key, 0 AS place, 1 AS quantity, NULL::numeric AS share, true AS checks_price,
  p.is_active, p.id, p.sku, p.name, p.is_stocked
FROM inventory_product p WHERE {of_product}
"""
MAPPED = """
SELECT m.sku_key, c.position, c.quantity, c.share, m.checks_price,
  p.is_active, p.id, p.sku, p.name, p.is_stocked
FROM orders_productmapping m
JOIN orders_mappedproduct c ON c.mapping_id = m.id JOIN inventory_product p ON p.id = c.product_id
WHERE {of_mapping}
"""

FIND = f"""
SELECT asked.channel_id, asked.sku_key, asked.currency, sold.place, sold.quantity, sold.share,
  sold.checks_price, sold.is_active, sold.id, sold.sku, sold.name, sold.is_stocked,
  price.list_price, price.floor_price, 0, NULL, NULL, NULL, NULL
FROM unnest(%s::uuid[], %s::text[], %s::text[]) asked(channel_id, sku_key, currency)
CROSS JOIN LATERAL (
  {PRODUCT.format(of_product="p.sku_key = asked.sku_key")}
  UNION ALL
  {MAPPED.format(of_mapping="m.channel_id = asked.channel_id AND m.sku_key = asked.sku_key")}) sold
LEFT JOIN inventory_price price
  ON price.product_id = sold.id AND price.currency = asked.currency
"""  # noqa: S608 - texts from this module


class Asked(NamedTuple):
    """A SKU as one channel says it; the currency decides by which list prices it is split."""

    channel_id: UUID
    sku_key: str
    currency: str


def find(asked: Collection[Asked], *, sold_only: bool = True) -> dict[Asked, Meaning]:
    """Return the meanings of SKUs, unknown ones left out, in one statement; stock is not told.

    With a product that is not sold any more a SKU means nothing, unless it is about the past.
    """
    wanted = list(set(asked))
    if not wanted:
        return {}
    columns = [list(column) for column in zip(*wanted, strict=True)]
    rows = sql.fetch(FIND, columns)
    return assemble(((Asked(*row[:3]), *row[3:]) for row in rows), sold_only=sold_only)[0]


NAMES = """
SELECT %(sku_key)s::text UNION
SELECT m.sku_key FROM inventory_product p
JOIN orders_mappedproduct c ON c.product_id = p.id
JOIN orders_productmapping m ON m.id = c.mapping_id
WHERE p.sku_key = %(sku_key)s::text
"""


def names(sku_key: str) -> list[str]:
    """Return a product's SKU and those of channels that mean it, or it among others; all folded.

    Lines are indexed by the SKU they were sent with: so a product's lines are found quickly.
    """
    return [row[0] for row in sql.fetch(NAMES, {"sku_key": sku_key})]


def assemble(
    rows: Iterable[Sequence[Any]], *, sold_only: bool = True
) -> tuple[dict[Any, Meaning], list[Good]]:
    """Return meanings by the first column, and the products they are made of, each once.

    There is a row per product and warehouse; `sold_only` as in `find`.
    """
    parts: dict[Any, dict[int, Component]] = {}
    goods: dict[UUID, Good] = {}
    unchecked, unsold = set(), set()
    for key, place, quantity, share, checks, is_active, *product, level, at, rank, left in rows:
        if key is None:
            continue
        good = goods.get(product[0])
        if good is None:
            good = goods[product[0]] = Good(*product)
        if at is not None:
            good.levels[level] = (at, rank, left)
        known = parts.setdefault(key, {})
        if place not in known:
            known[place] = Component(good, quantity, share)
        if not checks:
            unchecked.add(key)
        if sold_only and not is_active:
            unsold.add(key)
    meanings = {
        key: Meaning(_in_order(known), key not in unchecked)
        for key, known in parts.items()
        if key not in unsold
    }
    return meanings, list(goods.values())


def _in_order(parts: dict[int, Component]) -> Sequence[Component]:
    """What the channel maps wins over the product of the same name."""
    if len(parts) == 1:
        return list(parts.values())
    return [parts[place] for place in sorted(parts) if place]
