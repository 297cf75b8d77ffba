"""What placing an order must know, in one statement whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from config.kernel import audit, sql
from config.kernel.actors import Actor
from customers.services.identity import KNOWN_COLUMNS, Known
from orders.queries import meanings
from orders.sets import Good, Meaning

_BY_REFERENCE, _BY_EMAIL = (
    ", ".join(f"{alias}.{column}" for column in KNOWN_COLUMNS) for alias in ("named", "mailed")
)

# What the SKUs mean. Where the channel maps nothing the second arm is one look into an index.
GOODS = f"""
SELECT sold.*, price.list_price, price.floor_price,
  coalesce((SELECT sum(waiting.backordered) FROM orders_orderline waiting
            WHERE waiting.product_id = sold.id AND waiting.backordered > 0), 0)::int,
  level.id, w.id, w.priority, level.on_hand - level.unavailable - level.reserved
FROM (
  {meanings.PRODUCT.format(of_product="p.sku_key = ANY(%(sku_keys)s) AND p.is_active")}
  UNION ALL
  {
    meanings.MAPPED.format(
        of_mapping="m.channel_id = %(channel)s AND m.sku_key = ANY(%(sku_keys)s)"
    )
}) sold
LEFT JOIN inventory_price price ON price.product_id = sold.id AND price.currency = %(currency)s
LEFT JOIN inventory_stocklevel level ON level.product_id = sold.id
LEFT JOIN inventory_warehouse w ON w.id = level.warehouse_id AND w.is_active
"""  # noqa: S608 - texts from the module beside

# The lock makes twins wait for each other. What is read here may be older than the wait; then a
# unique constraint refuses the second and the whole command runs again. The goods come along, a row
# per product and warehouse: a statement of their own costs more than the columns that repeat.
_LOOK = f"""
SELECT once.locked, once.number,
  kept.fingerprint, kept.status, kept.body, kept.location,
  twin.number, intake.fingerprint, intake.answer,
  address.id, failed.reference, {_BY_REFERENCE}, {_BY_EMAIL}, goods.*
FROM (SELECT __LOCK__ AS locked, __NUMBER__ AS number) once
LEFT JOIN kernel_idempotencykey kept ON kept.channel_id = %(channel)s AND kept.key = %(key)s
LEFT JOIN orders_order twin ON twin.channel_id = %(channel)s AND twin.reference = %(reference)s
LEFT JOIN orders_intake intake ON intake.order_id = twin.id
LEFT JOIN customers_customerreference r ON r.channel_id = %(channel)s AND r.kind = 'reference'
  AND r.value = %(customer)s
LEFT JOIN customers_customer named ON named.id = r.customer_id
LEFT JOIN customers_customerreference e ON e.channel_id = %(channel)s AND e.kind = 'email'
  AND e.value = %(email)s
LEFT JOIN customers_customer mailed ON mailed.id = e.customer_id
LEFT JOIN customers_address address ON address.customer_id = coalesce(named.id, mailed.id)
  AND address.digest = %(address)s
LEFT JOIN orders_failedorder failed ON failed.channel_id = %(channel)s
  AND failed.reference = %(reference)s AND failed.status = 'open'
LEFT JOIN ({GOODS}) goods ON true
"""  # noqa: S608 - column names from this module
# With the lock the history of master data is told who acts: a statement of its own would cost more.
_LOCK = """(pg_advisory_xact_lock(hashtextextended(%(lock)s, 0)),
  set_config('kapell.actor', %(actor)s, true))"""
LOOK_UP = _LOOK.replace("__LOCK__", _LOCK).replace("__NUMBER__", "nextval('orders_order_number')")
LOOK_ONLY = _LOOK.replace("__LOCK__", "NULL::text").replace("__NUMBER__", "NULL::bigint")
_REFERENCE_AT = 11
_EMAIL_AT = _REFERENCE_AT + len(KNOWN_COLUMNS)
_GOODS_AT = _EMAIL_AT + len(KNOWN_COLUMNS)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was said before about this key or this reference."""

    key_fingerprint: str | None
    key_status: int | None
    key_body: str | None
    key_location: str | None
    order_number: str | None
    order_fingerprint: str | None
    order_answer: str | None


@dataclass(frozen=True, slots=True)
class LookUp:
    """The first look: earlier answers, the next number, the customer as known, and the goods.

    `meanings` are by SKU key; `goods` are the products they are made of, each once.
    """

    number: str
    earlier: Earlier
    address_known: bool
    failed_before: bool
    by_reference: Known | None
    by_email: Known | None
    meanings: dict[str, Meaning]
    goods: Sequence[Good]


def question(
    *,
    channel_id: UUID,
    key: str | None,
    reference: str,
    customer: str,
    email: str,
    address: str,
    sku_keys: Sequence[str],
    currency: str,
) -> dict[str, Any]:
    """Return what both looks ask for."""
    return {
        "lock": f"order:{channel_id}:{reference}",
        "channel": channel_id,
        "key": key,
        "reference": reference,
        "customer": customer,
        "email": email,
        "address": address,
        "sku_keys": list(sku_keys),
        "currency": currency,
    }


def look_up(asked: dict[str, Any], actor: Actor) -> LookUp:
    """Lock the reference against its twins and return all that an order must know, by SKU key.

    Takes an advisory lock on (channel, reference) until the transaction ends, and a number. A SKU
    means active products only, with their stock in active warehouses.
    """
    told = {**asked, "actor": audit.told(actor)}
    return _answer(sql.fetch(LOOK_UP, told, by_index=True))


def look_only(asked: dict[str, Any]) -> LookUp:
    """Return the same without a lock and without a number, for an order that is not placed yet."""
    return _answer(sql.fetch(LOOK_ONLY, asked))


def _answer(rows: Sequence[Sequence[Any]]) -> LookUp:
    row = rows[0]
    found, goods = meanings.assemble(row[_GOODS_AT:] for row in rows)
    return LookUp(
        number=f"SO-{row[1]}" if row[1] else "",
        earlier=Earlier(*row[2:9]),
        address_known=row[9] is not None,
        failed_before=row[10] is not None,
        by_reference=_known(row[_REFERENCE_AT:_EMAIL_AT]),
        by_email=_known(row[_EMAIL_AT:_GOODS_AT]),
        meanings=found,
        goods=goods,
    )


def _known(columns: Sequence[Any]) -> Known | None:
    return Known(*columns) if columns[0] else None
