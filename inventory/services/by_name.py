"""Stock as other systems book it: warehouses, SKUs and bins by their names, all faults at once."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from config.kernel import commands, errors, folding
from config.kernel.actors import Actor
from config.kernel.errors import Fault
from inventory.booking import Posted
from inventory.contract import AdjustmentIn, ReceiptIn
from inventory.models import Bin, Product, Warehouse
from inventory.services import adjustments, receiving
from inventory.services.receiving import Arrival


class Named(Protocol):
    """What names a SKU and perhaps a bin."""

    @property
    def sku(self) -> str: ...
    @property
    def bin(self) -> str | None: ...


@commands.command
def receive(
    *, asked: ReceiptIn, only: Collection[str], command_id: UUID, actor: Actor, at: datetime
) -> list[Posted]:
    """Book goods in as `receiving.receive` does; `only` are the warehouses the caller may use.

    Raises `Invalid` with every unknown name and every non-stock item.
    """
    names = _Names(asked.warehouse, only, asked.lines, "$.lines[{}]")
    arrivals = [
        Arrival(
            product_id=names.product(line),
            quantity=line.quantity,
            bin_id=names.bin(line),
            lot=line.lot,
            condition=line.condition,
        )
        for line in asked.lines
    ]
    return receiving.receive(
        warehouse_id=names.warehouse_id,
        arrivals=arrivals,
        command_id=command_id,
        document=asked.document,
        reason=asked.reason,
        actor=actor,
        at=at,
    )


@commands.command
def adjust(
    *, asked: AdjustmentIn, only: Collection[str], command_id: UUID, actor: Actor, at: datetime
) -> Posted:
    """Correct stock by a quantity or to a count, as `adjustments` does; `only` as in `receive`.

    Raises `Invalid` for unknown names, `StaleCount`, `ShortfallError`.
    """
    names = _Names(asked.warehouse, only, [asked], "$")
    product_id, bin_id = names.product(asked), names.bin(asked)
    told: dict[str, Any] = {
        "product_id": product_id,
        "reason": asked.reason,
        "document": asked.document,
        "command_id": command_id,
        "actor": actor,
        "at": at,
    }
    if asked.counted is None or asked.based_on is None:
        return adjustments.adjust(
            warehouse_id=names.warehouse_id,
            quantity=asked.quantity or 0,
            bin_id=bin_id,
            lot=asked.lot,
            condition=asked.condition,
            **told,
        )
    told |= {"counted": asked.counted, "based_on": asked.based_on}
    if bin_id is None:
        return adjustments.count(warehouse_id=names.warehouse_id, **told)
    return adjustments.count_bin(bin_id=bin_id, lot=asked.lot, condition=asked.condition, **told)


class _Names:
    """What names mean here; raises `Invalid` when one means nothing."""

    def __init__(
        self, warehouse: str, only: Collection[str], lines: Sequence[Named], path: str
    ) -> None:
        seen = Warehouse.objects.filter(code=warehouse)
        found = seen.first() if not only or warehouse in only else None
        if found is None:
            detail = "There is no warehouse by this code."
            raise errors.Invalid([Fault("$.warehouse", "unknown_warehouse", detail)])
        self.warehouse_id = found.pk
        keys = [folding.sku(line.sku) for line in lines]
        rows = Product.objects.filter(sku_key__in=keys)
        self.products = {row.sku_key: row for row in rows.only("id", "sku_key", "is_stocked")}
        codes = [line.bin for line in lines if line.bin is not None]
        places = Bin.objects.filter(warehouse=found, code__in=codes).values_list("code", "pk")
        self.bins = dict(places) if codes else {}
        faults = [
            fault
            for place, line in enumerate(lines)
            for fault in self._faults(line, path.format(place))
        ]
        if faults:
            raise errors.Invalid(faults)

    def product(self, line: Named) -> UUID:
        return self.products[folding.sku(line.sku)].pk

    def bin(self, line: Named) -> UUID | None:
        return None if line.bin is None else self.bins[line.bin]

    def _faults(self, line: Named, path: str) -> Iterator[Fault]:
        product = self.products.get(folding.sku(line.sku))
        if product is None:
            yield Fault(f"{path}.sku", "unknown_product", "There is no product with this SKU.")
        elif not product.is_stocked:
            yield Fault(f"{path}.sku", "not_stocked", "This is not a stocked item.")
        if line.bin is not None and line.bin not in self.bins:
            yield Fault(f"{path}.bin", "unknown_bin", "There is no such bin in this warehouse.")
