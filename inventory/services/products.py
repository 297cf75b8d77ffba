"""Products come into being: one with all its details, or many by their SKU alone."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.kernel import commands, errors, events, folding, ids
from config.kernel.actors import Actor
from config.kernel.errors import Fault
from inventory import barcodes
from inventory.models import Barcode, Price, Product

SKU_LENGTH, NAME_LENGTH = 64, 200


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode, and how many units carry it."""

    text: str
    unit_quantity: int = 1


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A list price in one currency, and the price it is never sold below."""

    currency: str
    list_price: Decimal
    floor_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A product known by its SKU and name only."""

    sku: str
    name: str = ""
    is_stocked: bool = True


@commands.command
def create(
    *,
    sku: str,
    name: str,
    actor: Actor,
    at: datetime,
    codes: Sequence[Code] = (),
    prices: Sequence[ListPrice] = (),
    **details: Any,
) -> Product:
    """Create a product with its barcodes and prices; `details` are further columns.

    Publishes `product.changed`, so that orders that waited for the SKU go on. Raises `Invalid` with
    every fault: a SKU that is empty, too long or taken, a mistyped or taken barcode.
    """
    sku = tidy(sku)
    _check(sku, codes)
    product = Product(sku=sku, sku_key=folding.sku(sku), name=name[:NAME_LENGTH], **details)
    product.save(force_insert=True)
    Barcode.objects.bulk_create(
        Barcode(product=product, code=barcodes.key(code.text), unit_quantity=code.unit_quantity)
        for code in codes
    )
    Price.objects.bulk_create(
        Price(
            product=product,
            currency=price.currency,
            list_price=price.list_price,
            floor_price=price.floor_price,
        )
        for price in prices
    )
    announce(products=[product], actor=actor, at=at)
    return product


@commands.command
def ensure(*, named: Iterable[Named], actor: Actor, at: datetime) -> dict[str, UUID]:
    """Return the product of each SKU, by folded SKU, creating those that are missing.

    Products that are there stay as they are; of two spellings the first is kept. Raises `Invalid`
    for a SKU that is empty or too long.
    """
    wanted: dict[str, Named] = {}
    for one in named:
        wanted.setdefault(folding.sku(one.sku), one)
    faults = [fault for one in wanted.values() for fault in wrong_with(tidy(one.sku))]
    if faults:
        raise errors.Invalid(faults)
    found = _known(wanted)
    fresh = [_product(key, one) for key, one in wanted.items() if key not in found]
    Product.objects.bulk_create(fresh, batch_size=5000, ignore_conflicts=True)
    known = _known(wanted)
    mine = [product for product in fresh if known[product.sku_key] == product.pk]
    announce(products=mine, actor=actor, at=at)
    return known


@commands.command
def announce(*, products: Iterable[Product], actor: Actor, at: datetime) -> None:
    """Publish `product.changed` of products that were just saved, with their present version."""
    command_id = ids.new()
    events.publish_many(
        [
            events.row(
                type="product.changed",
                aggregate="product",
                aggregate_id=product.pk,
                version=product.version,
                at=at,
                actor=actor,
                command_id=command_id,
                payload={"sku": product.sku},
            )
            for product in products
        ]
    )


def tidy(sku: str) -> str:
    """Return a SKU as it is kept: composed characters, no blanks around it."""
    return unicodedata.normalize("NFC", sku).strip()


def _product(key: str, named: Named) -> Product:
    sku = tidy(named.sku)
    return Product(
        id=ids.new(),
        sku=sku,
        sku_key=key,
        name=(named.name.strip() or sku)[:NAME_LENGTH],
        is_stocked=named.is_stocked,
    )


def _known(wanted: Mapping[str, Named]) -> dict[str, UUID]:
    rows = Product.objects.filter(sku_key__in=list(wanted))
    return dict(rows.values_list("sku_key", "pk"))


def _check(sku: str, codes: Sequence[Code]) -> None:
    faults = wrong_with(sku)
    if not faults and Product.objects.filter(sku_key=folding.sku(sku)).exists():
        faults.append(Fault("$.sku", "taken", "There is a product with this SKU."))
    keys = [barcodes.key(code.text) for code in codes]
    taken = set(Barcode.objects.filter(code__in=keys).values_list("code", flat=True))
    for place, code in enumerate(codes):
        path = f"$.barcodes[{place}]"
        if barcodes.is_mistyped(code.text):
            faults.append(Fault(path, "check_digit", "The check digit is wrong."))
        elif keys[place] in taken or keys[place] in keys[:place]:
            faults.append(Fault(path, "taken", "Another product carries this barcode."))
    if faults:
        raise errors.Invalid(faults)


def wrong_with(sku: str) -> list[Fault]:
    """Return why a text cannot be a SKU; nothing when it can."""
    if not 0 < len(sku) <= SKU_LENGTH:
        return [Fault("$.sku", "length", f"A SKU has 1 to {SKU_LENGTH} characters.")]
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in sku):
        return [Fault("$.sku", "characters", "A SKU holds no control characters.")]
    return []
