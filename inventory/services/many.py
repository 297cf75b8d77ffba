"""Writes many records of master data in a few statements, as files of them bring them.

Rows hold the columns to be written; `id` is None for what is new. Who calls has locked the records
that change (`config.kernel.sql.lock`), so that what a row does not change stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models

from config.kernel import commands, events, folding, ids, sql
from config.kernel.actors import Actor
from inventory.models import Barcode, Bin, Price, Product, ReorderRule, Supplier
from inventory.services import warehouses

AT_ONCE = 500

# Where somebody else may have added the same record a moment ago: then everything runs again.
TWINS = frozenset(
    {
        "inventory_product_sku_key_key",
        "inventory_supplier_code_key",
        "inventory_barcode_code_key",
        "price_once_per_currency",
        "bin_once_per_warehouse",
        "reorder_rule_once_per_product_and_warehouse",
    }
)

Row = Mapping[str, Any]


@commands.command
def save_products(*, rows: Sequence[Row], actor: Actor, at: datetime) -> None:
    """Add products and change others; orders that wait for one of the SKUs go on.

    Publishes `product.changed_many` with their keys, some hundred an event. Runs again when one
    was added by someone else at that moment.
    """
    added = [
        {**row, "id": ids.new(), "sku_key": folding.sku(row["sku"]), "picture": "", **_begun(at)}
        for row in rows
        if row["id"] is None
    ]
    changed = [row for row in rows if row["id"] is not None]
    _insert(Product, added)
    sql.revise(Product, changed, at=at)
    announce(product_ids=[row["id"] for row in (*added, *changed)], actor=actor, at=at)


@commands.command
def save_barcodes(*, rows: Sequence[Row], actor: Actor, at: datetime) -> None:
    """Add barcodes and change what others stand for; promises as `save_products`."""
    _save(Barcode, rows, at=None)
    announce(product_ids={row["product_id"] for row in rows}, actor=actor, at=at)


@commands.command
def save_prices(*, rows: Sequence[Row], actor: Actor, at: datetime) -> None:
    """Add list prices and change others; promises as `save_products`."""
    _save(Price, rows, at=None)
    announce(product_ids={row["product_id"] for row in rows}, actor=actor, at=at)


@commands.command
def save_suppliers(*, rows: Sequence[Row], at: datetime) -> None:
    """Add suppliers and change others."""
    _save(Supplier, rows, at=at)


@commands.command
def save_reorder_rules(*, rows: Sequence[Row], at: datetime) -> None:
    """Add reorder points and change others; the sweep of low stock looks at them."""
    _save(ReorderRule, rows, at=at)


@commands.command
def save_bins(
    *, rows: Sequence[Row], kinds: Mapping[UUID, str], actor: Actor, at: datetime
) -> None:
    """Add bins and change others; `kinds` are the present kinds of those that change.

    What lies in a bin that becomes a quarantine is unavailable from then on. Raises
    `ShortfallError` when that would take what is promised.
    """
    for row in rows:
        if row["id"] and kinds[row["id"]] != row["kind"]:
            warehouses.change_bin_kind(bin_id=row["id"], kind=row["kind"], actor=actor, at=at)
    _save(Bin, rows, at=at)


@commands.command
def announce(*, product_ids: Iterable[UUID], actor: Actor, at: datetime) -> None:
    """Publish that many products were changed, in events of some hundred."""
    keys = list(product_ids)
    command_id = ids.new()
    events.publish_many(
        [
            events.row(
                type="product.changed_many",
                aggregate="products",
                aggregate_id=ids.new(),
                version=1,
                at=at,
                actor=actor,
                command_id=command_id,
                payload={"product_ids": keys[start : start + AT_ONCE]},
            )
            for start in range(0, len(keys), AT_ONCE)
        ]
    )


def _save(model: type[models.Model], rows: Sequence[Row], *, at: datetime | None) -> None:
    """Add and change records; those with a version get their moments and their next version."""
    begun = _begun(at) if at else {}
    _insert(model, [{**row, "id": ids.new(), **begun} for row in rows if row["id"] is None])
    changed = [row for row in rows if row["id"] is not None]
    if at is None:
        sql.update(model, changed)
    else:
        sql.revise(model, changed, at=at)


def _begun(at: datetime) -> dict[str, Any]:
    return {"version": 1, "created_at": at, "updated_at": at}


def _insert(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    try:
        sql.insert((model, rows))
    except IntegrityError as error:
        if commands.constraint(error) in TWINS:
            raise commands.Rerun from error
        raise
