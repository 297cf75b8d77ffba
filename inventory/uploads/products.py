"""Files of products: one row a SKU."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from config.kernel import folding, sql
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory.models import Product, StockLevel, Supplier
from inventory.queries import listed
from inventory.services import many, products
from inventory.uploads import known

NEW = {
    "is_stocked": True, "is_active": True, "tax_category": "standard", "weight_grams": None,
    "length_mm": None, "width_mm": None, "height_mm": None, "hs_code": "", "origin_country": "",
    "supplier_item_number": "", "lead_time_days": None, "pack_multiple": 1,
    "minimum_order_quantity": 0, "cost": None, "cost_currency": "", "supplier": "",
}  # fmt: skip

_MILLIMETRES = columns.whole()

COLUMNS = (
    Column(
        name="sku",
        kind=columns.code(products.SKU_LENGTH),
        help=_("Which product. One that is not there yet is added."),
        example="APR-BLU",
        required=True,
    ),
    Column(
        name="name",
        kind=columns.text(products.NAME_LENGTH),
        help=_("New products without a name are called by their SKU."),
        example="Apron, blue",
    ),
    Column(
        name="is_stocked",
        kind=columns.yes_no(),
        help=_("No for postage, fees and services."),
        example="yes",
    ),
    Column(
        name="is_active",
        kind=columns.yes_no(),
        help=_("Whether it may be sold."),
        example="yes",
    ),
    Column(
        name="tax_category",
        kind=columns.text(32),
        help=_("Which rates of tax apply."),
        example="standard",
    ),
    Column(
        name="weight_grams", kind=columns.whole(), help=_("Weight in g."), example="340", blank=None
    ),
    Column(name="length_mm", kind=_MILLIMETRES, help=_("In mm."), example="300", blank=None),
    Column(name="width_mm", kind=_MILLIMETRES, help=_("In mm."), example="220", blank=None),
    Column(name="height_mm", kind=_MILLIMETRES, help=_("In mm."), example="25", blank=None),
    Column(
        name="hs_code",
        kind=columns.code(12),
        help=_("For customs."),
        example="62114290",
        blank="",
    ),
    Column(
        name="origin_country",
        kind=columns.country(),
        help=_("Where it was made."),
        example="PT",
        blank="",
    ),
    Column(
        name="supplier",
        kind=columns.code(32),
        help=_("Code of the supplier, who must be there."),
        example="TEXPORT",
        blank="",
    ),
    Column(
        name="supplier_item_number",
        kind=columns.code(64),
        help=_("The supplier's own number of the product."),
        example="TX-9914",
        blank="",
    ),
    Column(
        name="lead_time_days",
        kind=columns.whole(high=32767),
        help=_("Days from order to goods in."),
        example="14",
        blank=None,
    ),
    Column(
        name="pack_multiple",
        kind=columns.whole(low=1),
        help=_("Bought in packs of so many."),
        example="12",
    ),
    Column(
        name="minimum_order_quantity",
        kind=columns.whole(),
        help=_("Fewer are not bought."),
        example="24",
    ),
    Column(
        name="cost",
        kind=columns.number(4, high=9_999_999_999),
        help=_("What one costs to buy."),
        example="6.4",
        blank=None,
    ),
    Column(
        name="cost_currency",
        kind=columns.currency(),
        help=_("The currency of the cost."),
        example="EUR",
        blank="",
    ),
)


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    """Find the products, refuse SKUs that cannot be and suppliers that are not there."""
    by_key = {folding.sku(row.values["sku"]): row for row in rows}
    found = Product.objects.filter(sku_key__among=by_key)
    if behalf.is_final:
        sql.lock(Product, found.values_list("pk", flat=True))
    for key, present, _version in listed.products(found):
        row = by_key[folding.sku(present["sku"])]
        row.target_id, row.present = key, present
        row.values["sku"] = present["sku"]
    suppliers = known.suppliers(rows)
    for row in rows:
        _check(row, suppliers)
    _refuse_unstocking(rows)


def _check(row: Row, suppliers: dict[str, str]) -> None:
    if row.present is None:
        for fault in products.wrong_with(row.values["sku"]):
            row.refuse(f"sku_{fault.code}", "sku")
    code = row.values.get("supplier")
    if code:
        supplier = suppliers.get(folding.key(code))
        if supplier is None:
            row.refuse("unknown_supplier", "supplier")
        else:
            row.values["supplier"] = supplier


def _refuse_unstocking(rows: Sequence[Row]) -> None:
    """What lies in a warehouse is stocked."""
    ceasing = {
        row.target_id: row
        for row in rows
        if row.present and row.present["is_stocked"] and row.values.get("is_stocked") is False
    }
    lying = StockLevel.objects.filter(product__in=ceasing, on_hand__gt=0)
    for product_id in set(lying.values_list("product_id", flat=True)):
        ceasing[product_id].refuse("has_stock", "is_stocked")


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    suppliers = dict(Supplier.objects.values_list("code", "pk"))
    told = []
    for row in rows:
        whole = {"name": row.values["sku"], **NEW, **(row.present or {}), **row.values}
        supplier = whole.pop("supplier")
        told.append({"id": row.target_id, **whole, "supplier_id": suppliers.get(supplier)})
    many.save_products(rows=told, actor=behalf.actor, at=behalf.at)


def _export(_behalf: Behalf) -> Iterator[Values]:
    for _key, values, _version in listed.products(Product.objects.order_by("sku_key")):
        yield values


PRODUCTS = Layout(
    code="products",
    title=_("Products"),
    icon="inventory_2",
    about=_("One row a SKU: name, size, customs and buying. Products are added or changed."),
    rights=("inventory.change_product", "inventory.add_product"),
    view="inventory.view_product",
    columns=COLUMNS,
    key=lambda values: folding.sku(values["sku"]),
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("sku",),
    examples=(
        {column.name: column.example for column in COLUMNS},
        {"sku": "POSTAGE", "name": "Postage", "is_stocked": "no", "is_active": "yes"},
    ),
    sentences={
        "sku_length": _("%(column)s: a SKU has 1 to 64 characters."),
        "sku_characters": _("%(column)s: a SKU holds no invisible characters."),
        "unknown_supplier": _(
            "%(column)s: there is no supplier “%(value)s”. Upload suppliers first."
        ),
        "has_stock": _("%(column)s: units of it lie in a warehouse, so it is a stocked item."),
    },
)
