"""Saves what a channel's SKUs mean, and lets the orders go on that waited for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from config.kernel import commands, errors, folding, wakeup
from config.kernel.errors import Fault
from inventory.services import products
from orders import sets
from orders.errors import AlreadyMapped
from orders.models import MappedProduct, ProductMapping

RECOGNISE = "orders.tasks.recognise_products"


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a product in one unit of the SKU, and its share of the price in percent."""

    product_id: UUID
    quantity: int = 1
    share: Decimal | None = None


@commands.command
def add(
    *, channel_id: UUID, sku: str, parts: Sequence[Part], checks_price: bool = True
) -> ProductMapping:
    """Say what a channel's SKU means; orders that wait for it go on a moment later.

    Raises `Invalid` for shares that are not 100 % together, a product named twice, or no product;
    `AlreadyMapped` when the channel maps the SKU.
    """
    sku = products.tidy(sku)
    _check(parts)
    mapping = ProductMapping(
        channel_id=channel_id, sku=sku, sku_key=folding.sku(sku), checks_price=checks_price
    )
    try:
        mapping.save(force_insert=True)
    except IntegrityError as error:
        if commands.constraint(error) == "mapping_once_per_channel":
            raise AlreadyMapped from error
        raise
    MappedProduct.objects.bulk_create(
        MappedProduct(
            mapping=mapping,
            position=position,
            product_id=part.product_id,
            quantity=part.quantity,
            share=part.share,
        )
        for position, part in enumerate(parts, 1)
    )
    saved(mapping=mapping)
    return mapping


@commands.command
def saved(*, mapping: ProductMapping) -> None:
    """Count anew who goes on, number the parts, and wake the worker when this has committed."""
    ProductMapping.objects.filter(pk=mapping.pk).update(went_on=0, waits={})
    parts = MappedProduct.objects.filter(mapping=mapping).order_by("position", "pk")
    for position, part in enumerate(parts, 1):
        part.position = position
        part.save(update_fields=["position"])
    transaction.on_commit(partial(wakeup.send, RECOGNISE), robust=True)


@commands.command
def remove(*, mapping_id: UUID) -> None:
    """Forget what a SKU means; orders placed by it keep what they got."""
    ProductMapping.objects.filter(pk=mapping_id).delete()


def _check(parts: Sequence[Part]) -> None:
    faults: list[Any] = []
    if not parts:
        faults.append(Fault("$.parts", "required", "A SKU means at least one product."))
    if len({part.product_id for part in parts}) < len(parts):
        faults.append(Fault("$.parts", "twice", "A product stands twice."))
    if any(part.quantity < 1 for part in parts):
        faults.append(Fault("$.parts", "quantity", "At least one unit of each product."))
    if not sets.shares_fit([part.share for part in parts]):
        faults.append(Fault("$.parts", "shares", "The shares must add up to 100 %."))
    if faults:
        raise errors.Invalid(faults)
