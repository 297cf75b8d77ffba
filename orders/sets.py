"""What a channel's SKU means, and the arithmetic of SKUs that mean several units of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.kernel import money

Row = Mapping[str, Any]

# How far a unit has come, the last stage first.
STAGES = ("shipped", "assigned", "reserved", "backordered", "pending")
COUNTED = ("cancelled", *reversed(STAGES), "returned")
PRICE_DECIMALS = Decimal("0.000001")
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Good:
    """A product that was asked for: its prices, what others wait for, and where it lies.

    `sku` is told of the parts of a mapping only: a plain product goes by the SKU it was asked by.
    """

    product_id: UUID
    sku: str
    name: str
    is_stocked: bool
    list_price: Decimal | None = None
    floor_price: Decimal | None = None
    waiting: int = 0
    # by level: warehouse, its priority, available
    levels: dict[UUID, tuple[UUID, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    """So many units of a product in one unit of a SKU; `share` of the price, where it is fixed."""

    good: Good
    quantity: int = 1
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a SKU means in its channel: one product, or several units in known shares."""

    components: Sequence[Component]
    checks_price: bool = True

    @property
    def only(self) -> Good | None:
        """The product, if the SKU is one unit of one product; None for a set."""
        first = self.components[0]
        return first.good if len(self.components) == 1 and first.quantity == 1 else None

    @property
    def is_stocked(self) -> bool:
        """Tell whether something of it lies on a shelf."""
        return any(one.good.is_stocked for one in self.components)

    @property
    def list_price(self) -> Decimal | None:
        """What its parts cost by list; None if one has no list price or nobody is to compare."""
        if not self.checks_price:
            return None
        return _sum([(one.good.list_price, one.quantity) for one in self.components])

    @property
    def floor_price(self) -> Decimal | None:
        """What its parts are never sold below; None if one has no floor."""
        return _sum([(one.good.floor_price, one.quantity) for one in self.components])


def _sum(prices: Sequence[tuple[Decimal | None, int]]) -> Decimal | None:
    total = Decimal(0)
    for price, quantity in prices:
        if price is None:
            return None
        total += price * quantity
    return total


def shares_fit(shares: Sequence[Decimal | None]) -> bool:
    """Tell whether none has a share, or all have one and they add up to a hundred."""
    given = [share for share in shares if share is not None]
    return not given or (len(given) == len(shares) and sum(given) == HUNDRED)


def weights(components: Sequence[Component]) -> list[Decimal]:
    """Return by what the price is split: fixed shares, else list prices, else units."""
    shares = [one.share for one in components if one.share is not None]
    if len(shares) == len(components):
        return shares
    prices = [one.good.list_price for one in components]
    known = [price for price in prices if price is not None]
    if len(known) < len(components) or not any(known):
        return [Decimal(one.quantity) for one in components]
    return [price * one.quantity for price, one in zip(known, components, strict=True)]


def split(amount: Decimal, components: Sequence[Component], currency: str) -> list[Decimal]:
    """Return each component's part of an amount in whole minor units; together the amount."""
    return money.allocate(money.quantize(amount, currency), weights(components), currency)


def unit_prices(price: Decimal, components: Sequence[Component]) -> list[Decimal]:
    """Return each component's price for one unit of its product, to six decimals."""
    by = weights(components)
    whole = sum(by) or len(by)
    return [
        (price * (weight if any(by) else 1) / whole / one.quantity).quantize(PRICE_DECIMALS)
        for weight, one in zip(by, components, strict=True)
    ]


def buckets(parts: Sequence[Row]) -> dict[str, int]:
    """Return the buckets of a set in units sold, from the lines of its components.

    A set is as far as its slowest stocked component; it is cancelled, or returned, when all of it
    is. Units of a component that were cancelled alone keep nobody waiting.
    """
    cancelled = min(part["cancelled"] // part["per_kit"] for part in parts)
    moving = [part for part in parts if part["is_stocked"]] or list(parts)
    counted = {"cancelled": cancelled}
    ahead = 0
    for place, stage in enumerate(STAGES):
        reached = min(_reached(part, place, cancelled) for part in moving)
        counted[stage] = reached - ahead
        ahead = reached
    counted["returned"] = min(part["returned"] // part["per_kit"] for part in moving)
    return counted


def _reached(part: Row, place: int, cancelled: int) -> int:
    """How many sets this component lets come as far as a stage."""
    so_far = sum(part[stage] for stage in STAGES[: place + 1])
    alone = part["cancelled"] - cancelled * part["per_kit"]
    reached: int = (so_far + alone) // part["per_kit"]
    return reached
