"""What booking a chunk must know: which references are there already, products, buyers, stock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from config.kernel import sql
from customers.services import identity
from inventory.services import ledger, levels, products
from inventory.services.products import Named
from orders import planner
from orders.queries import meanings
from orders.queries.meanings import Asked
from orders.services.importing import drafting, stocking
from orders.services.importing.drafting import Buyer, Setting, Sku
from orders.services.importing.staging import Happening
from orders.services.importing.stocking import LeftAlone, Promised, Replayed, Stock
from orders.sets import Meaning
from orders.states import ImportKind, ImportStock

KNOWN = """
SELECT 'order', reference FROM orders_order
WHERE channel_id = %(channel)s AND reference = ANY(%(order)s)
UNION ALL
SELECT 'credit', reference FROM orders_credit
WHERE channel_id = %(channel)s AND reference = ANY(%(credit)s)
"""

BOOKED = "SELECT DISTINCT command_id FROM inventory_stockmovement WHERE command_id = ANY(%s)"

NUMBERS = "SELECT 'SO-' || nextval('orders_order_number') FROM generate_series(1, %s)"

BLOCKED = "SELECT id, blocked_reason FROM customers_customer WHERE id = ANY(%s) AND is_blocked"

SUPPLIES = """
SELECT l.id, l.product_id, w.id, w.priority, l.on_hand - l.unavailable - l.reserved
FROM inventory_stocklevel l JOIN inventory_warehouse w ON w.id = l.warehouse_id AND w.is_active
WHERE l.product_id = ANY(%(products)s)
  AND (%(warehouse)s::uuid IS NULL OR w.id = %(warehouse)s::uuid)
ORDER BY l.id FOR NO KEY UPDATE OF l
"""

WAITING = """
SELECT product_id, sum(backordered)::int FROM orders_orderline
WHERE product_id = ANY(%s) AND backordered > 0 GROUP BY product_id
"""


def unknown(setting: Setting, chunk: Sequence[Happening]) -> list[Happening]:
    """Leave out what the books have under the same reference, whoever booked it."""
    references = {
        kind: [one.reference for one in chunk if one.kind == kind]
        for kind in (ImportKind.ORDER, ImportKind.CREDIT)
    }
    known = {
        (kind, reference)
        for kind, reference in sql.fetch(KNOWN, {"channel": setting.channel.id, **references})
    }
    known |= _booked_corrections(setting, chunk)
    return [one for one in chunk if (one.kind, one.reference) not in known]


def _booked_corrections(setting: Setting, chunk: Sequence[Happening]) -> set[tuple[str, str]]:
    by_command = {
        stocking.command(setting, one.kind, one.reference): (one.kind, one.reference)
        for one in chunk
        if one.kind == ImportKind.CORRECTION
    }
    if not by_command:
        return set()
    return {by_command[command_id] for (command_id,) in sql.fetch(BOOKED, [list(by_command)])}


def goods(setting: Setting, fresh: Sequence[Happening]) -> dict[Sku, Meaning]:
    """Return what the SKUs of all lines mean, by folded SKU and currency.

    The channel's mappings go first, then the products; past orders know products of the past. A
    missing charge becomes a product that is not stocked; other missing SKUs become products where
    the mapping of the file says so.
    """
    named: dict[Sku, Named] = {}
    for one in fresh:
        for line in one.lines:
            key = drafting.sku_of(line)
            if key not in named or not named[key].name:
                named[key] = Named(line.sku, line.description, not line.charge)
    found = _find(setting, named)
    create = setting.mapping.skus.create_products
    missing = [
        one for key, one in named.items() if key not in found and (create or not one.is_stocked)
    ]
    if missing:
        products.ensure(named=missing, actor=setting.actor, at=setting.at)
        found = _find(setting, named)
    return found


def _find(setting: Setting, wanted: Iterable[Sku]) -> dict[Sku, Meaning]:
    asked = [Asked(setting.channel.id, sku_key, currency) for sku_key, currency in wanted]
    found = meanings.find(asked, sold_only=not setting.is_history)
    return {(one.sku_key, one.currency): told for one, told in found.items()}


def buyers(setting: Setting, fresh: Sequence[Happening]) -> dict[int, Buyer]:
    """Find or create the customers; return each happening's by its first row."""
    bought = [one for one in fresh if one.kind != ImportKind.CORRECTION]
    givens = [drafting.given(one.lines[0]) for one in bought]
    found = identity.identify_many(channel_id=setting.channel.id, givens=givens, at=setting.at)
    blocked = {} if setting.is_history else _blocked(found)
    return {
        one.first_row: Buyer(customer_id, blocked.get(customer_id))
        for one, customer_id in zip(bought, found, strict=True)
    }


def _blocked(customer_ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    known = list({customer_id for customer_id in customer_ids if customer_id})
    return dict(sql.fetch(BLOCKED, [known])) if known else {}


def numbers(count: int) -> Iterator[str]:
    """Return so many new order numbers."""
    return iter([number for (number,) in sql.fetch(NUMBERS, [count])])


def stock(setting: Setting, fresh: Sequence[Happening], known: Mapping[Sku, Meaning]) -> Stock:
    """Return the way this run treats stock, with the levels it needs locked in id order."""
    named = {drafting.sku_of(line) for one in fresh for line in one.lines}
    stocked = sorted(
        {
            part.good.product_id
            for key in named & set(known)
            for part in known[key].components
            if part.good.is_stocked
        }
    )
    if setting.stock_mode == ImportStock.SKIP or setting.channel.is_test:
        return LeftAlone()
    if setting.stock_mode == ImportStock.SHIP and setting.warehouse_id is not None:
        pairs = [(product_id, setting.warehouse_id) for product_id in stocked]
        level_ids = levels.ensure(pairs=pairs).values()
        return Replayed(setting, ledger.lock(level_ids=level_ids).values())
    where = {"products": stocked, "warehouse": setting.warehouse_id}
    supplies = [planner.Supply(*row) for row in sql.fetch(SUPPLIES, where)]
    return Promised(setting, supplies, dict(sql.fetch(WAITING, [stocked])))
