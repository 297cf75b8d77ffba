"""Files of bins: one row a warehouse and bin."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from config.kernel import folding, sql
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory.models import Bin, Warehouse
from inventory.queries import listed
from inventory.services import many
from inventory.uploads import known

NEW = {"kind": Bin.Kind.PICK.value, "sequence": 0, "is_active": True}
UNKNOWN_WAREHOUSE = _("%(column)s: there is no warehouse “%(value)s”.")

COLUMNS = (
    Column(
        name="warehouse",
        kind=columns.code(32),
        help=_("Code of the warehouse."),
        example="MAIN",
        required=True,
    ),
    Column(
        name="bin",
        kind=columns.code(32),
        help=_("Which bin. One that is not there yet is added."),
        example="A-01-03",
        required=True,
    ),
    Column(
        name="kind",
        kind=columns.choice([str(value) for value in Bin.Kind.values]),
        help=_(
            "What it is for. What lies in quarantine is unavailable. New bins without it: pick."
        ),
        example="pick",
    ),
    Column(
        name="sequence",
        kind=columns.whole(),
        help=_("In which order bins are walked to."),
        example="103",
    ),
    Column(name="is_active", kind=columns.yes_no(), help=_("Whether it is in use."), example="yes"),
)


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    warehouses = known.warehouses(behalf)
    placed = []
    for row in rows:
        row.record = known.warehouse_of(row, warehouses)
        if row.record is not None:
            placed.append(row)
    found = known.bins(placed)
    if behalf.is_final:
        sql.lock(Bin, found.values_list("pk", flat=True))
    known.match(placed, listed.bins(found), ("warehouse",), "bin")


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    told = []
    for row in rows:
        whole = {**NEW, **(row.present or {}), **row.values}
        code = whole.pop("bin")
        del whole["warehouse"]
        told.append({"id": row.target_id, "warehouse_id": row.record, "code": code, **whole})
    kinds = {row.target_id: row.present["kind"] for row in rows if row.target_id and row.present}
    many.save_bins(rows=told, kinds=kinds, actor=behalf.actor, at=behalf.at)


def _export(behalf: Behalf) -> Iterator[Values]:
    seen = Warehouse.objects.visible_to(behalf.user)
    found = Bin.objects.filter(warehouse__in=seen)
    for _key, values, _id in listed.bins(found.order_by("warehouse__code", "sequence", "code")):
        yield values


BINS = Layout(
    code="bins",
    title=_("Bins"),
    icon="shelves",
    about=_("One row a bin. Bins are added or changed; what lies in them stays."),
    rights=("inventory.change_bin", "inventory.add_bin"),
    view="inventory.view_bin",
    columns=COLUMNS,
    key=lambda values: f"{values['warehouse'].upper()} {values['bin']}",
    group=lambda values: f"{values['warehouse'].upper()} {folding.key(values['bin'])}",
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("warehouse", "bin"),
    examples=(
        {column.name: column.example for column in COLUMNS},
        {"warehouse": "MAIN", "bin": "B-BULK-1", "kind": "bulk", "sequence": "900"},
    ),
    sentences={
        "unknown_warehouse": UNKNOWN_WAREHOUSE,
        "stock_shortfall": _("What lies in the bin is promised, so it cannot become quarantine."),
    },
)
