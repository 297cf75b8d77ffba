"""Why a new order waits: the rules that open holds, over plain values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from config.kernel import money
from orders.states import BLOCKS, HoldKind

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line beside its product's list and floor price in the order's currency."""

    sku: str
    unit_price: Decimal
    list_price: Decimal | None
    floor_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that decides whether an order waits."""

    address_problems: Sequence[Params]
    unknown_skus: Sequence[str]
    payment_missing: Decimal | None
    risk: str | None
    blocked_reason: str | None
    credit_over: Decimal | None
    wrong_prices: Sequence[Params]
    charged: Decimal
    calculated: Decimal
    totals_differ: bool
    duplicate_of: str | None


def found(facts: Circumstances) -> Iterator[tuple[str, Params]]:
    """Yield each cause to wait with the facts its sentence is made from."""
    yield from _about_the_order(facts)
    yield from _about_the_customer(facts)
    yield from _about_the_money(facts)


def _about_the_order(facts: Circumstances) -> Iterator[tuple[str, Params]]:
    if facts.address_problems:
        yield HoldKind.ADDRESS, {"problems": list(facts.address_problems)}
    if facts.unknown_skus:
        yield HoldKind.UNKNOWN_PRODUCT, {"skus": sorted(set(facts.unknown_skus))}
    if facts.duplicate_of:
        yield HoldKind.DUPLICATE, {"order": facts.duplicate_of}


def _about_the_customer(facts: Circumstances) -> Iterator[tuple[str, Params]]:
    if facts.risk == "high":
        yield HoldKind.FRAUD, {"risk": facts.risk}
    if facts.blocked_reason:
        yield HoldKind.BLOCKED_CUSTOMER, {"reason": facts.blocked_reason}
    if facts.credit_over:
        yield HoldKind.CREDIT, {"over": money.text(facts.credit_over)}


def _about_the_money(facts: Circumstances) -> Iterator[tuple[str, Params]]:
    if facts.payment_missing:
        yield HoldKind.PAYMENT, {"missing": money.text(facts.payment_missing)}
    if facts.wrong_prices:
        yield HoldKind.PRICE, {"lines": list(facts.wrong_prices)}
    if facts.totals_differ:
        charged, calculated = money.text(facts.charged), money.text(facts.calculated)
        yield HoldKind.TOTALS, {"charged": charged, "calculated": calculated}


def wrong_prices(
    lines: Sequence[PricedLine], tolerance_percent: Decimal | None
) -> Sequence[Params]:
    """Return the lines below their product's floor, or further from its list price than tolerated.

    Free lines are gifts, not mistakes. Without a tolerance only floors are checked (USERS D10).
    """
    wrong = []
    for line in lines:
        below = line.floor_price is not None and line.unit_price < line.floor_price
        if line.unit_price and (below or _too_far(line, tolerance_percent)):
            listed = line.list_price is not None
            expected = line.list_price if listed else line.floor_price
            told = {
                "sku": line.sku,
                "price": money.text(line.unit_price),
                "expected": money.text(expected or Decimal(0)),
            }
            wrong.append(told if listed else {**told, "is_floor": True})
    return wrong


def blocks(kinds: Sequence[str], action: str) -> bool:
    """Tell whether one of these holds forbids the action."""
    return any(action in BLOCKS[kind] for kind in kinds)


def _too_far(line: PricedLine, tolerance_percent: Decimal | None) -> bool:
    if tolerance_percent is None or not line.list_price:
        return False
    return abs(line.unit_price - line.list_price) * 100 > line.list_price * tolerance_percent
