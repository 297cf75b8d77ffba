"""Files of reorder points: one row a warehouse and product."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from config.kernel import folding, sql
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory.models import ReorderRule, Warehouse
from inventory.queries import listed
from inventory.services import many
from inventory.uploads import known
from inventory.uploads.bins import UNKNOWN_WAREHOUSE
from inventory.uploads.codes import UNKNOWN_SKU

COLUMNS = (
    Column(
        name="warehouse",
        kind=columns.code(32),
        help=_("Code of the warehouse."),
        example="MAIN",
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
        name="reorder_point",
        kind=columns.whole(),
        help=_("Running low from so many available units on."),
        example="40",
        required=True,
    ),
    Column(
        name="reorder_quantity",
        kind=columns.whole(),
        help=_(
            "How many to order at least. New ones without it: 0, which leaves it to the forecast."
        ),
        example="120",
    ),
)


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    warehouses, goods = known.warehouses(behalf), known.goods(rows)
    by_pair = {}
    for row in rows:
        warehouse_id, good = known.warehouse_of(row, warehouses), known.good_of(row, goods)
        if good and not good.is_stocked:
            row.refuse("not_stocked", "sku")
        if warehouse_id and good:
            row.record = warehouse_id, good.id
            by_pair[row.values["warehouse"], row.values["sku"]] = row
    found = ReorderRule.objects.filter(
        warehouse__in={row.record[0] for row in by_pair.values()},
        product__in={row.record[1] for row in by_pair.values()},
    )
    if behalf.is_final:
        sql.lock(ReorderRule, found.values_list("pk", flat=True))
    for key, present, _record in listed.reorder_rules(found):
        hit = by_pair.get((present["warehouse"], present["sku"]))
        if hit is not None:
            hit.target_id, hit.present = key, present


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    told = [
        {
            "id": row.target_id,
            "warehouse_id": row.record[0],
            "product_id": row.record[1],
            "reorder_point": row.values["reorder_point"],
            "reorder_quantity": {"reorder_quantity": 0, **(row.present or {}), **row.values}[
                "reorder_quantity"
            ],
        }
        for row in rows
    ]
    many.save_reorder_rules(rows=told, at=behalf.at)


def _export(behalf: Behalf) -> Iterator[Values]:
    seen = Warehouse.objects.visible_to(behalf.user)
    found = ReorderRule.objects.filter(warehouse__in=seen)
    for _key, values, _record in listed.reorder_rules(
        found.order_by("warehouse__code", "product__sku_key")
    ):
        yield values


REORDER_POINTS = Layout(
    code="reorder_points",
    title=_("Reorder points"),
    icon="trending_down",
    about=_("One row a warehouse and product. Reorder points are added or changed."),
    rights=("inventory.change_reorderrule", "inventory.add_reorderrule"),
    view="inventory.view_reorderrule",
    columns=COLUMNS,
    key=lambda values: f"{values['warehouse'].upper()} {folding.sku(values['sku'])}",
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("warehouse", "sku"),
    examples=({column.name: column.example for column in COLUMNS},),
    sentences={
        "unknown_warehouse": UNKNOWN_WAREHOUSE,
        "unknown_sku": UNKNOWN_SKU,
        "not_stocked": _("%(column)s: “%(value)s” is not a stocked item."),
    },
)
