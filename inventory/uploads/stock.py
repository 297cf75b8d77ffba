"""Files of stock: one row says what lies in one bin; booked as counts, through the ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from config.kernel import folding, ids
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory import booking
from inventory.models import Bin, BinStock, StockLevel, Warehouse
from inventory.queries import listed
from inventory.services import counting, ledger
from inventory.services.counting import Counted
from inventory.uploads import known
from inventory.uploads.bins import UNKNOWN_WAREHOUSE
from inventory.uploads.codes import UNKNOWN_SKU

GOOD = str(BinStock.Condition.GOOD)
NOTHING = (0, 0)

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
        help=_("Which bin. Without it: the warehouse's bin STOCK."),
        example="A-01-03",
        blank=Bin.STOCK,
    ),
    Column(
        name="sku",
        kind=columns.code(64),
        help=_("Which product."),
        example="APR-BLU",
        required=True,
    ),
    Column(name="product", kind=columns.text(200), help=_("Its name, for readers."), is_info=True),
    Column(name="lot", kind=columns.code(64), help=_("Where stock is kept by lots."), blank=""),
    Column(
        name="condition",
        kind=columns.choice([str(value) for value in BinStock.Condition.values]),
        help=_("Damaged units are on hand and unavailable."),
        example="good",
        blank=GOOD,
    ),
    Column(
        name="quantity",
        kind=columns.whole(),
        help=_("How many lie there. Bins that are not in the file stay as they are."),
        example="48",
        required=True,
    ),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row's units lie, and of which product."""

    product_id: UUID
    warehouse_id: UUID
    bin_id: UUID
    is_sellable: bool

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """The level's key."""
        return self.product_id, self.warehouse_id


@dataclass(slots=True)
class _Level:
    """A level's figures as far as a count must know them."""

    id: UUID
    on_hand: int
    available: int
    reserved: int


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    """Find where the units lie and what lies there, and refuse what would break a promise."""
    for row in rows:
        row.values = {"bin": Bin.STOCK, "lot": "", "condition": GOOD, **row.values}
    _place(rows, behalf)
    placed = [row for row in rows if not row.faults]
    _refuse_twice(placed)
    levels = _levels({row.record.pair for row in placed}, behalf)
    contents = _contents(placed)
    for row in placed:
        level = levels.get(row.record.pair)
        row.target_id = level.id if level else None
        quantity, allocated = contents.get(_content_key(row), NOTHING)
        row.present = {**row.values, "quantity": quantity}
        _check_place(row, allocated)
        if behalf.is_final and quantity != row.seen.get("quantity", row.values["quantity"]):
            row.refuse("moved_meanwhile", "quantity", seen=row.seen.get("quantity"), now=quantity)
    _check_levels([row for row in placed if not row.faults], levels)


def _refuse_twice(rows: Iterable[Row]) -> None:
    """Two spellings of one bin are one bin."""
    taken: dict[tuple[UUID, UUID, str, str], int] = {}
    for row in rows:
        first = taken.setdefault(_content_key(row), row.number)
        if first != row.number:
            row.refuse("twice", first=first)


def _place(rows: Sequence[Row], behalf: Behalf) -> None:
    warehouses, goods = known.warehouses(behalf), known.goods(rows)
    for row in rows:
        row.record = known.warehouse_of(row, warehouses)
    bins = _bins([row for row in rows if row.record is not None])
    for row in rows:
        good = known.good_of(row, goods)
        if good and not good.is_stocked:
            row.refuse("not_stocked", "sku")
        if row.record is None:
            continue
        spelled = row.values["bin"]
        found = bins.get((row.record, spelled)) or bins.get((row.record, folding.key(spelled)))
        if found is None:
            row.refuse("unknown_bin", "bin", warehouse=row.values["warehouse"])
        elif good:
            bin_id, row.values["bin"], kind = found
            is_sellable = kind != Bin.Kind.QUARANTINE and row.values["condition"] == GOOD
            row.record = _Place(good.id, row.record, bin_id, is_sellable)


def _bins(rows: Sequence[Row]) -> dict[tuple[UUID, str], tuple[UUID, str, str]]:
    """Return bins by warehouse and code, as it is spelled and folded."""
    found = known.bins(rows).values_list("warehouse_id", "pk", "code", "kind")
    cells = list(found)
    folded = {(where, folding.key(code)): (key, code, kind) for where, key, code, kind in cells}
    return folded | {(where, code): (key, code, kind) for where, key, code, kind in cells}


def _levels(pairs: set[tuple[UUID, UUID]], behalf: Behalf) -> dict[tuple[UUID, UUID], _Level]:
    """Return the levels, locked if they are about to change."""
    found = StockLevel.objects.filter(
        product__in={product_id for product_id, _ in pairs},
        warehouse__in={warehouse_id for _, warehouse_id in pairs},
    )
    if behalf.is_final:
        keys = {(one.product_id, one.warehouse_id): one.pk for one in found}
        ledger.lock(level_ids=[keys[pair] for pair in pairs if pair in keys])
    rows = found.values_list(
        "product_id", "warehouse_id", "pk", "on_hand", "unavailable", "reserved"
    )
    return {
        (product_id, warehouse_id): _Level(key, on_hand, on_hand - unavailable - reserved, reserved)
        for product_id, warehouse_id, key, on_hand, unavailable, reserved in rows.all()
        if (product_id, warehouse_id) in pairs
    }


def _contents(rows: Sequence[Row]) -> Mapping[tuple[Any, ...], tuple[int, int]]:
    found = BinStock.objects.filter(
        product__in={row.record.product_id for row in rows},
        bin__in={row.record.bin_id for row in rows},
    )
    names = ("product_id", "bin_id", "lot", "condition", "quantity", "allocated")
    return {
        (product_id, bin_id, lot or "", condition): (quantity, allocated)
        for product_id, bin_id, lot, condition, quantity, allocated in found.values_list(*names)
    }


def _content_key(row: Row) -> tuple[UUID, UUID, str, str]:
    return (
        row.record.product_id,
        row.record.bin_id,
        row.values["lot"],
        row.values["condition"],
    )


def _check_place(row: Row, allocated: int) -> None:
    if row.values["quantity"] < allocated:
        row.refuse("allocated_in_bin", "quantity", allocated=allocated)


def _check_levels(rows: Iterable[Row], levels: Mapping[tuple[UUID, UUID], _Level]) -> None:
    """A level keeps what is promised of it: rows that take away too much are refused together."""
    by_level: dict[tuple[UUID, UUID], list[Row]] = {}
    for row in rows:
        by_level.setdefault(row.record.pair, []).append(row)
    for pair, members in by_level.items():
        level = levels.get(pair) or _Level(pair[0], 0, 0, 0)
        if level.on_hand + sum(map(_difference, members)) > booking.MOST:
            for row in members:
                row.refuse("too_many", "quantity", most=booking.MOST)
        left = level.available + sum(_difference(row) for row in members if row.record.is_sellable)
        if left < 0:
            _refuse_takers(members, level, -left)


def _refuse_takers(rows: Iterable[Row], level: _Level, missing: int) -> None:
    for row in rows:
        if row.record.is_sellable and _difference(row) < 0:
            row.refuse("promised", "quantity", missing=missing, promised=level.reserved)


def _difference(row: Row) -> int:
    return int(row.values["quantity"]) - int((row.present or {})["quantity"])


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    if not rows:
        return
    counts = [
        Counted(
            product_id=row.record.product_id,
            warehouse_id=row.record.warehouse_id,
            bin_id=row.record.bin_id,
            lot=row.values["lot"] or None,
            condition=row.values["condition"],
            difference=_difference(row),
        )
        for row in rows
    ]
    first = min(row.number for row in rows)
    counting.book(
        counts=counts,
        reason=behalf.file_name[-200:],
        document=behalf.file_name[-80:],
        command_id=ids.derived("upload", behalf.upload_id, first),
        actor=behalf.actor,
        at=behalf.at,
    )


def _export(behalf: Behalf) -> Iterator[Values]:
    seen = Warehouse.objects.visible_to(behalf.user)
    found = BinStock.objects.filter(bin__warehouse__in=seen, quantity__gt=0)
    return listed.contents(
        found.order_by(
            "bin__warehouse__code",
            "bin__sequence",
            "bin__code",
            "product__sku_key",
            "lot",
            "condition",
        )
    )


def _level(values: Values) -> str:
    return f"{values['warehouse'].upper()} {folding.sku(values['sku'])}"


def _key(values: Values) -> str:
    bin_code, lot = values.get("bin", Bin.STOCK), values.get("lot", "")
    return f"{_level(values)} {bin_code} {lot} {values.get('condition', GOOD)}"


STOCK = Layout(
    code="stock",
    title=_("Stock in bins"),
    icon="package_2",
    about=_(
        "One row a bin and product: what lies there, as counted. Bins left out stay as they are."
    ),
    rights=("inventory.change_stocklevel",),
    view="inventory.view_binstock",
    columns=COLUMNS,
    key=_key,
    group=_level,
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("warehouse", "bin", "sku", "lot", "condition"),
    examples=(
        {column.name: column.example for column in COLUMNS},
        {"warehouse": "MAIN", "bin": "A-01-03", "sku": "APR-BLU", "condition": "damaged",
         "quantity": "2"},
    ),
    sentences={
        "unknown_warehouse": UNKNOWN_WAREHOUSE,
        "unknown_sku": UNKNOWN_SKU,
        "unknown_bin": _(
            "%(column)s: there is no bin “%(value)s” in %(warehouse)s. Upload bins first."
        ),
        "not_stocked": _("%(column)s: “%(value)s” is not a stocked item."),
        "allocated_in_bin": _(
            "%(column)s: %(allocated)s units in this bin are being picked, so %(value)s cannot be."
        ),
        "promised": _(
            "%(column)s: with %(value)s, %(missing)s of the %(promised)s allocated units would be "
            "missing. Take stock off those orders first, or count again."
        ),
        "moved_meanwhile": _(
            "%(column)s: %(seen)s lay there when the file was checked, %(now)s lie there now. "
            "Count again."
        ),
        "too_many": _("%(column)s: no warehouse holds more than %(most)s."),
        "stock_shortfall": _("More is allocated than would be left."),
    },
)  # fmt: skip
