"""A product as another system wants it: made when it is missing, changed where it differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from config.kernel import commands, errors, folding
from config.kernel.actors import Actor
from config.kernel.errors import Fault
from inventory import barcodes
from inventory.errors import StillStocked
from inventory.models import Barcode, Price, Product, StockLevel
from inventory.services import products
from inventory.services.products import Code, ListPrice

KEPT_ONCE = frozenset({"inventory_product_sku_key_key", "inventory_barcode_code_key"})


@dataclass(frozen=True, slots=True)
class Saved:
    """The product as it is now, and whether that made or changed it."""

    product: Product
    was_made: bool
    was_changed: bool


@commands.command
def put(
    *,
    sku: str,
    details: Mapping[str, Any],
    codes: Sequence[Code] | None = None,
    prices: Sequence[ListPrice] | None = None,
    version: int | None = None,
    must_be_new: bool = False,
    actor: Actor,
    at: datetime,
) -> Saved:
    """Make the product of a SKU, or give it these details; what is not named stays as it is.

    `codes` and `prices`, where given, are all it has afterwards; a price without a floor keeps the
    one it had. Where nothing differs, nothing is written and nothing published; else the version
    goes up and `product.changed` is published. A new product needs a `name`.

    Raises `VersionChanged` when it is not of the `version` that was seen, or is there although it
    must be new; `Invalid` with every fault; `StillStocked`. Locks the product.
    """
    key = folding.sku(products.tidy(sku))
    known = Product.objects.select_for_update(no_key=True).filter(sku_key=key).first()
    if known is None and version is not None:
        raise errors.VersionChanged(version=None)
    if known is not None and (must_be_new or version not in (None, known.version)):
        raise errors.VersionChanged(version=known.version)
    try:
        if known is None:
            return _make(sku, details, codes or (), prices or (), actor, at)
        return _change(known, details, codes, prices, actor, at)
    except IntegrityError as error:
        if commands.constraint(error) in KEPT_ONCE:
            raise commands.Rerun from error
        raise


def _make(
    sku: str,
    details: Mapping[str, Any],
    codes: Sequence[Code],
    prices: Sequence[ListPrice],
    actor: Actor,
    at: datetime,
) -> Saved:
    faults = [] if details.get("name") else [Fault("$.name", "required", "A new product needs it.")]
    faults += _currencies_twice(prices)
    if faults:
        raise errors.Invalid(faults)
    try:
        made = products.create(sku=sku, actor=actor, at=at, codes=codes, prices=prices, **details)
    except errors.Invalid as refused:
        if Product.objects.filter(sku_key=folding.sku(products.tidy(sku))).exists():
            raise commands.Rerun from refused  # a twin made it since we looked
        raise
    return Saved(made, was_made=True, was_changed=True)


def _change(
    product: Product,
    details: Mapping[str, Any],
    codes: Sequence[Code] | None,
    prices: Sequence[ListPrice] | None,
    actor: Actor,
    at: datetime,
) -> Saved:
    if faults := [*_taken(product, codes or ()), *_currencies_twice(prices or ())]:
        raise errors.Invalid(faults)
    if product.is_stocked and not details.get("is_stocked", True):
        _refuse_stock(product)
    differing = [name for name, value in details.items() if getattr(product, name) != value]
    for name in differing:
        setattr(product, name, details[name])
    changed = bool(differing)
    if codes is not None:
        changed |= _replace_codes(product, codes)
    if prices is not None:
        changed |= _replace_prices(product, prices)
    if changed:
        product.version += 1
        product.save(update_fields=[*differing, "version", "updated_at"])
        products.announce(products=[product], actor=actor, at=at)
    return Saved(product, was_made=False, was_changed=changed)


def _replace_codes(product: Product, codes: Iterable[Code]) -> bool:
    wanted = {barcodes.key(code.text): code.unit_quantity for code in codes}
    present = dict(product.barcodes.values_list("code", "unit_quantity"))
    if wanted == present:
        return False
    stale = [code for code, units in present.items() if wanted.get(code) != units]
    product.barcodes.filter(code__in=stale).delete()
    Barcode.objects.bulk_create(
        Barcode(product=product, code=code, unit_quantity=units)
        for code, units in wanted.items()
        if present.get(code) != units
    )
    return True


def _replace_prices(product: Product, prices: Iterable[ListPrice]) -> bool:
    present = {price.currency: price for price in product.prices.all()}
    wanted = {one.currency: _price(product, one, present.get(one.currency)) for one in prices}
    same = present.keys() == wanted.keys() and all(
        _figures(present[currency]) == _figures(price) for currency, price in wanted.items()
    )
    if same:
        return False
    product.prices.all().delete()
    Price.objects.bulk_create(wanted.values())
    return True


def _price(product: Product, wanted: ListPrice, present: Price | None) -> Price:
    kept = present.floor_price if present else None
    return Price(
        product=product,
        currency=wanted.currency,
        list_price=wanted.list_price,
        floor_price=kept if wanted.floor_price is None else wanted.floor_price,
    )


def _figures(price: Price) -> tuple[Any, Any]:
    return price.list_price, price.floor_price


def _taken(product: Product, codes: Sequence[Code]) -> list[Fault]:
    keys = [barcodes.key(code.text) for code in codes]
    others = _owners(keys)
    faults = []
    for place, code in enumerate(codes):
        path = f"$.barcodes[{place}]"
        if barcodes.is_mistyped(code.text):
            faults.append(Fault(path, "check_digit", "The check digit is wrong."))
        elif others.get(keys[place], product.pk) != product.pk:
            faults.append(Fault(path, "taken", "Another product carries this barcode."))
        elif keys[place] in keys[:place]:
            faults.append(Fault(path, "twice", "This barcode stands there twice."))
    return faults


def _owners(keys: Sequence[str]) -> dict[str, UUID]:
    return dict(Barcode.objects.filter(code__in=keys).values_list("code", "product_id"))


def _currencies_twice(prices: Sequence[ListPrice]) -> list[Fault]:
    seen = [price.currency for price in prices]
    return [
        Fault(f"$.prices[{place}].currency", "twice", "One price a currency.")
        for place, currency in enumerate(seen)
        if currency in seen[:place]
    ]


def _refuse_stock(product: Product) -> None:
    if StockLevel.objects.filter(product=product, on_hand__gt=0).exists():
        raise StillStocked(sku=product.sku)
