"""Files of what hangs on products: barcodes with their units, list prices with their floors."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from config.kernel import folding, sql
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory import barcodes
from inventory.models import Barcode, Price
from inventory.queries import listed
from inventory.services import many
from inventory.uploads import known

UNKNOWN_SKU = _("%(column)s: there is no product “%(value)s”. Upload products first.")

BARCODE_COLUMNS = (
    Column(
        name="barcode",
        kind=columns.code(80),
        help=_("GTIN, EAN, UPC or a code of your own; one code stands for one product."),
        example="5012345678900",
        required=True,
    ),
    Column(
        name="sku",
        kind=columns.code(64),
        help=_("Which product."),
        example="APR-BLU",
        required=True,
    ),
    Column(name="product", kind=columns.text(200), help=_("Its name, for readers."), is_info=True),
    Column(
        name="units",
        kind=columns.whole(low=1),
        help=_("How many units carry it: 1, or 12 on a case of 12. New codes without it: 1."),
        example="1",
    ),
)

_PRICE = columns.number(6)

PRICE_COLUMNS = (
    Column(
        name="sku",
        kind=columns.code(64),
        help=_("Which product."),
        example="APR-BLU",
        required=True,
    ),
    Column(
        name="currency",
        kind=columns.currency(),
        help=_("A product has one list price in each currency."),
        example="GBP",
        required=True,
    ),
    Column(name="list_price", kind=_PRICE, help=_("For one."), example="32", required=True),
    Column(
        name="floor_price",
        kind=_PRICE,
        help=_("Orders below it wait on hold."),
        example="24",
        blank=None,
    ),
)


def _judge_barcodes(rows: Sequence[Row], behalf: Behalf) -> None:
    goods = known.goods(rows)
    by_code = {}
    for row in rows:
        known.good_of(row, goods)
        if barcodes.is_mistyped(row.values["barcode"]):
            row.refuse("check_digit", "barcode")
        row.values["barcode"] = barcodes.key(row.values["barcode"])
        by_code[row.values["barcode"]] = row
    found = Barcode.objects.filter(code__among=by_code)
    if behalf.is_final:
        sql.lock(Barcode, found.values_list("pk", flat=True))
    for key, present, _product_id in listed.barcodes(found):
        row = by_code[present["barcode"]]
        row.target_id, row.present = key, present


def _book_barcodes(rows: Sequence[Row], behalf: Behalf) -> None:
    goods = known.goods(rows)
    told = [
        {
            "id": row.target_id,
            "product_id": goods[folding.sku(row.values["sku"])].id,
            "code": row.values["barcode"],
            "unit_quantity": {"units": 1, **(row.present or {}), **row.values}["units"],
        }
        for row in rows
    ]
    many.save_barcodes(rows=told, actor=behalf.actor, at=behalf.at)


def _export_barcodes(_behalf: Behalf) -> Iterator[Values]:
    found = Barcode.objects.order_by("product__sku_key", "unit_quantity", "code")
    for _key, values, _product_id in listed.barcodes(found):
        yield values


def _judge_prices(rows: Sequence[Row], behalf: Behalf) -> None:
    goods = known.goods(rows)
    by_key = {}
    for row in rows:
        if known.good_of(row, goods):
            by_key[row.values["sku"], row.values["currency"]] = row
    found = Price.objects.filter(product__in=[good.id for good in goods.values()])
    if behalf.is_final:
        sql.lock(Price, found.values_list("pk", flat=True))
    for key, present, _product_id in listed.prices(found):
        hit = by_key.get((present["sku"], present["currency"]))
        if hit is not None:
            hit.target_id, hit.present = key, present
    for row in rows:
        _check_floor(row)


def _check_floor(row: Row) -> None:
    floor = {**(row.present or {}), **row.values}.get("floor_price")
    if floor is not None and Decimal(floor) > Decimal(row.values["list_price"]):
        row.refuse("floor_above_price", "floor_price")


def _book_prices(rows: Sequence[Row], behalf: Behalf) -> None:
    goods = known.goods(rows)
    told = []
    for row in rows:
        whole = {"floor_price": None, **(row.present or {}), **row.values}
        good = goods[folding.sku(whole.pop("sku"))]
        told.append({"id": row.target_id, "product_id": good.id, **whole})
    many.save_prices(rows=told, actor=behalf.actor, at=behalf.at)


def _export_prices(_behalf: Behalf) -> Iterator[Values]:
    for _key, values, _product_id in listed.prices(
        Price.objects.order_by("product__sku_key", "currency")
    ):
        yield values


BARCODES = Layout(
    code="barcodes",
    title=_("Barcodes"),
    icon="barcode",
    about=_("One row a code. Codes are added, or stand for something else from then on."),
    rights=("inventory.change_barcode", "inventory.add_barcode"),
    view="inventory.view_barcode",
    columns=BARCODE_COLUMNS,
    key=lambda values: barcodes.key(values["barcode"]),
    judge=_judge_barcodes,
    book=_book_barcodes,
    export=_export_barcodes,
    named_by=("barcode", "sku"),
    examples=(
        {column.name: column.example for column in BARCODE_COLUMNS},
        {"barcode": "15012345678907", "sku": "APR-BLU", "units": "12"},
    ),
    sentences={
        "unknown_sku": UNKNOWN_SKU,
        "check_digit": _("%(column)s: the check digit of “%(value)s” is wrong."),
    },
)

PRICES = Layout(
    code="prices",
    title=_("List prices"),
    icon="sell",
    about=_("One row a product and currency. Prices are added or changed."),
    rights=("inventory.change_price", "inventory.add_price"),
    view="inventory.view_price",
    columns=PRICE_COLUMNS,
    key=lambda values: f"{folding.sku(values['sku'])} {values['currency']}",
    judge=_judge_prices,
    book=_book_prices,
    export=_export_prices,
    named_by=("sku", "currency"),
    examples=({column.name: column.example for column in PRICE_COLUMNS},),
    sentences={
        "unknown_sku": UNKNOWN_SKU,
        "floor_above_price": _("%(column)s: the floor is above the list price."),
    },
)
