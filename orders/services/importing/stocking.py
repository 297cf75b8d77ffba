"""What an import does to stock: leave it alone, promise it to the orders, or replay that it left.

Decides on levels that the caller has locked, one happening after the other, in the order of their
moments.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from config.kernel import ids
from inventory import calendars as working_time
from inventory.booking import Entry, Level
from inventory.models import StockMovement
from inventory.queries import calendars
from inventory.services.reservations import Promise
from orders import holding, planner, states
from orders.services.importing import drafting
from orders.services.importing.drafting import CreditDraft, OrderDraft, Setting, Sku
from orders.services.importing.staging import Happening
from orders.sets import Meaning

SHIPPED, RETURNED, ADJUSTED, RESERVED = (
    kind.value
    for kind in (
        StockMovement.Kind.SHIP,
        StockMovement.Kind.RETURN,
        StockMovement.Kind.ADJUSTMENT,
        StockMovement.Kind.RESERVE,
    )
)


@dataclass(slots=True)
class Bookings:
    """What goes into the ledger, what is promised, and which units were not there, by SKU."""

    entries: list[Entry] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    short: Counter[str] = field(default_factory=Counter)


class Stock(Protocol):
    """One way to treat stock."""

    bookings: Bookings

    def order(self, draft: OrderDraft) -> None:
        """Put each unit of an order into its bucket."""

    def credit(self, draft: CreditDraft) -> None:
        """Take the goods of a credit back, if this is the way."""

    def correction(self, happening: Happening, goods: Mapping[Sku, Meaning]) -> None:
        """Correct stock, if this is the way."""


class LeftAlone:
    """Stock is somebody else's business: units stay pending, nothing is booked."""

    def __init__(self) -> None:
        self.bookings = Bookings()

    def order(self, draft: OrderDraft) -> None:
        """Leave every unit pending."""

    def credit(self, draft: CreditDraft) -> None:
        """Leave stock alone."""

    def correction(self, happening: Happening, goods: Mapping[Sku, Meaning]) -> None:
        """Leave stock alone."""


class Replayed(LeftAlone):
    """What the file tells has happened: sold goods left, credited goods came back.

    A unit that the books do not have cannot have left: it is backordered. Later lines do not queue
    behind it, for they were shipped, too.
    """

    def __init__(self, setting: Setting, levels: Iterable[Level]) -> None:
        super().__init__()
        self._setting = setting
        self._levels = {level.product_id: level for level in levels}
        self._left = {level.product_id: level.available for level in self._levels.values()}

    def order(self, draft: OrderDraft) -> None:
        """Ship what is there, backorder what is not; what is not stocked went along."""
        leaving: Counter[UUID] = Counter()
        for line in draft.carriers:
            if line["product_id"] is None:
                continue
            shipped = self._take(line, leaving) if line["is_stocked"] else line["ordered"]
            line["pending"], line["shipped"] = 0, shipped
            line["backordered"] = line["ordered"] - shipped
            if line["backordered"]:
                self.bookings.short[line["sku"]] += line["backordered"]
        order = draft.order
        command_id = command(self._setting, "order", order["reference"])
        for product_id, units in leaving.items():
            self._book(
                product_id, SHIPPED, command_id, -units,
                at=order["placed_at"], document=order["number"], subject_id=order["id"],
            )  # fmt: skip

    def _take(self, line: Mapping[str, Any], leaving: Counter[UUID]) -> int:
        product_id = line["product_id"]
        units: int = min(line["ordered"], self._left[product_id])
        if units:
            self._left[product_id] -= units
            leaving[product_id] += units
        return units

    def credit(self, draft: CreditDraft) -> None:
        """Put every unit back that is stocked here."""
        coming: Counter[UUID] = Counter()
        for line in draft.lines:
            if line["product_id"] in self._left:
                line["restocked"] = line["quantity"]
                coming[line["product_id"]] += line["quantity"]
        credit = draft.credit
        command_id = command(self._setting, "credit", credit["reference"])
        for product_id, units in coming.items():
            self._left[product_id] += units
            self._book(
                product_id, RETURNED, command_id, units,
                at=credit["placed_at"], document=credit["reference"], subject_id=credit["id"],
            )  # fmt: skip

    def correction(self, happening: Happening, goods: Mapping[Sku, Meaning]) -> None:
        """Book the corrections of one reference, one entry a product; nothing falls below zero."""
        changes: Counter[UUID] = Counter()
        reasons: dict[UUID, tuple[str, str]] = {}
        for line in happening.lines:
            meaning = goods[drafting.sku_of(line)]
            for part in meaning.components:
                if part.good.is_stocked:
                    changes[part.good.product_id] += line.quantity * part.quantity
                    sku = part.good.sku if meaning.only is None else line.sku
                    reasons.setdefault(part.good.product_id, (sku, line.description))
        command_id = command(self._setting, "correction", happening.reference)
        for product_id, wanted in changes.items():
            sku, description = reasons[product_id]
            change = max(wanted, -self._left[product_id])
            self._left[product_id] += change
            if change != wanted:
                self.bookings.short[sku] += change - wanted
            if change:
                self._book(
                    product_id, ADJUSTED, command_id, change,
                    at=happening.at, document=happening.reference,
                    reason=(description or self._setting.file_name)[:200],
                )  # fmt: skip

    def _book(
        self, product_id: UUID, kind: str, command_id: UUID, on_hand: int, **told: Any
    ) -> None:
        told["document"] = told["document"][:80]
        level_id = self._levels[product_id].id
        self.bookings.entries.append(Entry(level_id, kind, command_id, on_hand=on_hand, **told))


class Promised(LeftAlone):
    """The orders are to be fulfilled from here: what is there is promised to them, oldest first."""

    def __init__(
        self, setting: Setting, supplies: Iterable[planner.Supply], waiting: Mapping[UUID, int]
    ) -> None:
        super().__init__()
        self._setting = setting
        self._waiting = Counter(waiting)
        self._supplies: dict[UUID, list[planner.Supply]] = defaultdict(list)
        for supply in supplies:
            self._supplies[supply.product_id].append(supply)

    def order(self, draft: OrderDraft) -> None:
        """Promise what nobody waits for already; backorder the rest."""
        kinds = [hold["kind"] for hold in draft.holds]
        if holding.blocks(kinds, states.Action.ALLOCATE):
            return
        lines = {
            line["id"]: line
            for line in draft.carriers
            if line["product_id"] is not None and line["is_stocked"]
        }
        plan = self._plan(lines)
        for line_id, line in lines.items():
            missing = plan.short.get(line_id, 0)
            line["pending"], line["backordered"] = 0, missing
            line["reserved"] = line["ordered"] - missing
            if missing:
                self.bookings.short[line["sku"]] += missing
                self._waiting[line["product_id"]] += missing
        self._promise(draft, plan)

    def _plan(self, lines: Mapping[UUID, Mapping[str, Any]]) -> planner.Plan:
        wants = [
            planner.Want(line_id, line["product_id"], line["ordered"])
            for line_id, line in lines.items()
        ]
        products = {want.product_id for want in wants}
        return planner.plan(
            wants=wants,
            levels=[supply for product in products for supply in self._supplies[product]],
            waiting={
                product: self._waiting[product] for product in products if self._waiting[product]
            },
        )

    def _promise(self, draft: OrderDraft, plan: planner.Plan) -> None:
        order, taken = draft.order, Counter[UUID]()
        for part in plan.allocations:
            taken[part.level_id] += part.quantity
            self.bookings.promises.append(Promise(part.line_id, part.level_id, part.quantity))
        self._reduce(draft, taken)
        command_id = command(self._setting, "order", order["reference"])
        self.bookings.entries += [
            Entry(
                level_id, RESERVED, command_id, reserved=units, document=order["number"],
                subject_id=order["id"],
            )
            for level_id, units in taken.items()
        ]  # fmt: skip
        warehouses = {part.warehouse_id for part in plan.allocations}
        if warehouses:
            order["ship_by"] = max(
                working_time.ship_by(order["placed_at"], calendars.of(one)) for one in warehouses
            )

    def _reduce(self, draft: OrderDraft, taken: Mapping[UUID, int]) -> None:
        for product_id in {line["product_id"] for line in draft.carriers}:
            self._supplies[product_id] = [
                replace(supply, available=supply.available - taken.get(supply.level_id, 0))
                for supply in self._supplies[product_id]
            ]


def command(setting: Setting, kind: str, reference: str) -> UUID:
    """Return the id under which a reference is booked, the same for ever."""
    return ids.derived("import", setting.channel.id, kind, reference)
