"""What rows of files point at: products by SKU, warehouses and bins by code, suppliers by code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from config.kernel import folding
from config.kernel.uploads.layouts import Behalf, Row
from inventory.models import Bin, Product, Supplier, Warehouse
from inventory.queries import listed


@dataclass(frozen=True, slots=True)
class Good:
    """A product as far as rows that name it need to know it."""

    id: UUID
    sku: str
    is_stocked: bool


def goods(rows: Iterable[Row]) -> dict[str, Good]:
    """Return the products that rows name, by folded SKU."""
    keys = {folding.sku(row.values["sku"]) for row in rows if "sku" in row.values}
    found = Product.objects.filter(sku_key__among=keys)
    return {
        key: Good(pk, sku, is_stocked)
        for key, pk, sku, is_stocked in found.values_list("sku_key", "pk", "sku", "is_stocked")
    }


def good_of(row: Row, known: dict[str, Good]) -> Good | None:
    """Return the product a row names, or refuse the row; the SKU is kept as the books spell it."""
    good = known.get(folding.sku(row.values["sku"]))
    if good is None:
        row.refuse("unknown_sku", "sku")
    else:
        row.values["sku"] = good.sku
    return good


def warehouses(behalf: Behalf) -> dict[str, UUID]:
    """Return the warehouses somebody may see, by their codes in capitals."""
    found = Warehouse.objects.visible_to(behalf.user).values_list("code", "pk")
    return {code.upper(): key for code, key in found}


def warehouse_of(row: Row, known: dict[str, UUID]) -> UUID | None:
    """Return the warehouse a row names, or refuse the row: one not to be seen is unknown."""
    warehouse_id = known.get(row.values["warehouse"].upper())
    if warehouse_id is None:
        row.refuse("unknown_warehouse", "warehouse")
    else:
        row.values["warehouse"] = row.values["warehouse"].upper()
    return warehouse_id


def suppliers(rows: Sequence[Row]) -> dict[str, str]:
    """Return the codes of the suppliers by folded code, if rows name any."""
    if not any(row.values.get("supplier") for row in rows):
        return {}
    return {folding.key(code): code for code in Supplier.objects.values_list("code", flat=True)}


def bins(rows: Iterable[Row]) -> QuerySet[Bin]:
    """Return the bins that rows name, in any spelling; `record` is the row's warehouse."""
    placed = list(rows)
    codes = {folding.key(row.values.get("bin", Bin.STOCK)) for row in placed}
    found = Bin.objects.annotate(folded=Lower("code"))
    return found.filter(warehouse__in={row.record for row in placed}, folded__in=codes)


def match(
    rows: Iterable[Row], found: Iterable[listed.Found], names: Sequence[str], last: str
) -> None:
    """Give each row the record with the same values of some columns, `last` in any spelling.

    The spelling of the books wins over the file's. Two rows that mean one record are refused.
    """
    exact, folded = {}, {}
    for one in found:
        key = tuple(one[1][name] for name in names)
        exact[*key, one[1][last]] = folded[*key, folding.key(one[1][last])] = one
    taken: dict[UUID, int] = {}
    for row in rows:
        key = tuple(row.values[name] for name in names)
        spelled = row.values[last]
        hit = exact.get((*key, spelled)) or folded.get((*key, folding.key(spelled)))
        if hit is not None:
            first = taken.setdefault(hit[0], row.number)
            if first != row.number:
                row.refuse("twice", first=first)
            row.target_id, row.present, _ = hit
            row.values[last] = hit[1][last]
