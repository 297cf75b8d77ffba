"""What SKUs mean in a channel: its mapping, or else the product of that name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from config.kernel import sql
from orders.sets import Component, Good, Meaning

# `mapped` is empty for the product of that name, and for the parts of a mapping all that belongs to
# a part in one value: nearly every row is a plain product, and each column more would cost it.
PRODUCT = """
SELECT p.sku_key, NULL::text AS mapped, p.id, p.name, p.is_stocked
FROM inventory_product p WHERE {of_product}
"""
MAPPED = """
SELECT m.sku_key, json_build_array(c.position, c.quantity, c.share::text, m.checks_price,
    p.is_active, p.sku)::text, p.id, p.name, p.is_stocked
FROM orders_productmapping m
JOIN orders_mappedproduct c ON c.mapping_id = m.id JOIN inventory_product p ON p.id = c.product_id
WHERE {of_mapping}
"""

FIND = f"""
SELECT asked.channel_id, asked.sku_key, asked.currency, sold.mapped, sold.id, sold.name,
  sold.is_stocked, price.list_price, price.floor_price, 0, NULL, NULL, NULL, NULL
FROM unnest(%(channels)s::uuid[], %(sku_keys)s::text[], %(currencies)s::text[])
  asked(channel_id, sku_key, currency)
CROSS JOIN LATERAL (
  {PRODUCT.format(of_product="p.sku_key = asked.sku_key AND (p.is_active OR NOT %(sold_only)s)")}
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
    channels, sku_keys, currencies = (list(column) for column in zip(*wanted, strict=True))
    given = {"channels": channels, "sku_keys": sku_keys, "currencies": currencies}
    rows = sql.fetch(FIND, {**given, "sold_only": sold_only})
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
    plain: dict[Any, Good] = {}
    mapped: dict[Any, dict[str, Good]] = {}
    goods: dict[UUID, Good] = {}
    for key, told, product_id, name, is_stocked, *prices, level, at, rank, left in rows:
        if key is None:
            continue
        good = goods.get(product_id)
        if good is None:
            good = goods[product_id] = Good(product_id, "", name, is_stocked, *prices)
        if at is not None:
            good.levels[level] = (at, rank, left)
        if told is None:
            plain[key] = good
        else:
            mapped.setdefault(key, {})[told] = good
    meanings = {key: Meaning([Component(good)]) for key, good in plain.items()}
    for key, parts in mapped.items():
        meanings.pop(key, None)
        meaning = _mapped(parts, sold_only)
        if meaning is not None:
            meanings[key] = meaning
    return meanings, list(goods.values())


def _mapped(parts: Mapping[str, Good], sold_only: bool) -> Meaning | None:  # noqa: FBT001
    """What the channel maps wins over the product of the same name."""
    found: dict[int, Component] = {}
    checks_price = True
    for told, good in parts.items():
        place, quantity, share, checks_price, is_active, good.sku = msgspec.json.decode(told)
        if sold_only and not is_active:
            return None
        found[place] = Component(good, quantity, None if share is None else Decimal(share))
    return Meaning([found[place] for place in sorted(found)], checks_price)
