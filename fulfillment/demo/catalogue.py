"""Makes the articles of the ranges: barcodes that scan, prices in two currencies, pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.kernel import money
from config.kernel.actors import Actor
from fulfillment.demo import pictures, ranges
from fulfillment.demo.ranges import COLOURS, RANGES, SUPPLIERS, Range
from inventory import barcodes
from inventory.models import Product, Supplier
from inventory.services import products
from inventory.services.products import Code, ListPrice

# What the numbering organisation gave the company: a British prefix.
COMPANY_PREFIX = "5012345"
EURO = Decimal("1.19")
FLOOR, COST = Decimal("0.60"), Decimal("0.38")


@dataclass(frozen=True, slots=True)
class Article:
    """A product beside the range it belongs to, None for charges."""

    product: Product
    range: Range | None
    prices: dict[str, Decimal]


def fill(actor: Actor, at: datetime) -> Iterator[Article]:
    """Make suppliers and articles, one at a time, so that progress can be shown."""
    suppliers = _suppliers()
    number = 0
    for one in RANGES:
        for variant in one.variants:
            number += 1
            yield _article(one, variant, number, suppliers[one.supplier], actor, at)
    for sku, name, price in ranges.CHARGES:
        prices = _prices(price, floor=False)
        product = products.create(
            sku=sku, name=name, actor=actor, at=at, prices=prices, is_stocked=False
        )
        yield Article(product, None, {one.currency: one.list_price for one in prices})


def count() -> int:
    """Return how many articles `fill` makes."""
    return sum(len(one.variants) for one in RANGES) + len(ranges.CHARGES)


def _suppliers() -> dict[str, Supplier]:
    rows = [
        Supplier(code=code, name=name, email=email) for code, (name, email, _) in SUPPLIERS.items()
    ]
    return {row.code: row for row in Supplier.objects.bulk_create(rows)}


def _article(
    one: Range, variant: str, number: int, supplier: Supplier, actor: Actor, at: datetime
) -> Article:
    colour = COLOURS[variant]
    sku = f"{one.code}-{colour.code}"
    length, width, height = one.size_mm
    prices = _prices(one.price, floor=True)
    product = products.create(
        sku=sku,
        name=f"{one.name}, {variant.lower()}",
        actor=actor,
        at=at,
        codes=_codes(one, number),
        prices=prices,
        weight_grams=one.weight_grams,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        hs_code=one.hs_code,
        origin_country=one.origin,
        supplier=supplier,
        supplier_item_number=f"{one.supplier[:2]}{number:05}",
        lead_time_days=SUPPLIERS[one.supplier][2],
        pack_multiple=one.inner or 1,
        minimum_order_quantity=one.case,
        cost=money.quantize(one.price * COST, "GBP"),
        cost_currency="GBP",
        picture=_picture(one.shape, colour.paint, sku),
    )
    return Article(product, one, {price.currency: price.list_price for price in prices})


def _codes(one: Range, number: int) -> list[Code]:
    """A GTIN-13 on the unit; inners and cases carry GTIN-14 with an indicator in front."""
    body = f"{COMPANY_PREFIX}{number:05}"
    codes = [Code(body + barcodes.check_digit(body))]
    for indicator, units in (("1", one.inner), ("3", one.case)):
        if units:
            outer = indicator + body
            codes.append(Code(outer + barcodes.check_digit(outer), units))
    return codes


def _prices(price: Decimal, *, floor: bool) -> list[ListPrice]:
    """List prices in pounds and euros; euros end in 5 or 0 cents."""
    euros = (price * EURO * 20).to_integral_value() / 20
    return [
        ListPrice(currency, amount, money.quantize(amount * FLOOR, currency) if floor else None)
        for currency, amount in (("GBP", price), ("EUR", money.quantize(euros, "EUR")))
    ]


def _picture(shape: str, paint: str, sku: str) -> str:
    name = f"products/{sku.lower()}.png"
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(pictures.draw(shape, paint)))
