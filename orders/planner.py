"""Which warehouse serves what: the one rule that placement, refill, edits and short picks share."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from uuid import UUID

# Up to here all combinations are tried (31 at most); beyond, the best next warehouse is taken.
_TRIED_EXACTLY = 5


@dataclass(frozen=True, slots=True)
class Want:
    """A line's demand for one product; several lines may want the same."""

    line_id: UUID
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What a warehouse has available of a product; the lower priority number is preferred."""

    level_id: UUID
    product_id: UUID
    warehouse_id: UUID
    priority: int
    available: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Part of a line's demand, to be reserved on one stock level."""

    line_id: UUID
    level_id: UUID
    warehouse_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to reserve where, and per line what nobody has."""

    allocations: tuple[Allocation, ...]
    short: dict[UUID, int]


Shelf = dict[UUID, Supply]


def plan(*, wants: Sequence[Want], levels: Iterable[Supply], waiting: Mapping[UUID, int]) -> Plan:
    """Choose stock for an order; the same question always gets the same answer.

    Demand is summed per product over the whole order, so two lines never count one unit twice.
    `waiting` is what earlier orders still wait for, per product: that many units are not offered,
    set aside in the least preferred warehouses first. Of the rest the plan serves the most units;
    with the fewest warehouses that can; and among those with the preferred ones (lower priority
    number, then lower id). Within the choice a product comes from the first warehouse that has all
    of it, else from several in order of preference; earlier lines are served first. Beyond five
    candidates "fewest" is a good approximation, the units served are not.

    Quantities are positive; a product has one level per warehouse; `waiting` may name any product.
    """
    demand: dict[UUID, int] = {}
    for want in wants:
        demand[want.product_id] = demand.get(want.product_id, 0) + want.quantity
    shelves = _shelves(demand, levels, waiting)
    chosen = _one_for_all(demand, shelves) or _fewest(_servable(demand, shelves), shelves)
    return _allot(wants, demand, chosen)


def _shelves(
    demand: Collection[UUID], levels: Iterable[Supply], waiting: Mapping[UUID, int]
) -> list[Shelf]:
    """What each warehouse offers of the products asked for, the preferred warehouse first."""
    ranked = sorted(
        [level for level in levels if level.available > 0 and level.product_id in demand],
        key=lambda level: (level.priority, level.warehouse_id),
    )
    shelves: dict[UUID, Shelf] = {}
    for level in _behind(ranked, waiting) if waiting else ranked:
        shelves.setdefault(level.warehouse_id, {})[level.product_id] = level
    return list(shelves.values())


def _behind(ranked: Sequence[Supply], waiting: Mapping[UUID, int]) -> list[Supply]:
    set_aside = dict(waiting)
    offered = []
    for level in reversed(ranked):
        kept = min(set_aside.get(level.product_id, 0), level.available)
        if kept:
            set_aside[level.product_id] -= kept
        if kept < level.available:
            offered.append(replace(level, available=level.available - kept) if kept else level)
    return offered[::-1]


def _one_for_all(demand: Mapping[UUID, int], shelves: Sequence[Shelf]) -> Sequence[Shelf]:
    """The preferred warehouse that has everything: nearly every order ends here."""
    for shelf in shelves:
        if len(shelf) == len(demand) and all(
            shelf[product].available >= quantity for product, quantity in demand.items()
        ):
            return [shelf]
    return []


def _servable(demand: Mapping[UUID, int], shelves: Sequence[Shelf]) -> dict[UUID, int]:
    return {
        product: min(quantity, _stock(product, shelves)) for product, quantity in demand.items()
    }


def _fewest(need: Mapping[UUID, int], shelves: Sequence[Shelf]) -> Sequence[Shelf]:
    """The fewest warehouses that have all of `need`, which all of them together do have."""
    if len(shelves) > _TRIED_EXACTLY:
        return _nearly_fewest(need, shelves)
    for size in range(len(shelves)):
        for chosen in combinations(shelves, size):
            if _has(need, chosen):
                return chosen
    return shelves


def _nearly_fewest(need: Mapping[UUID, int], shelves: Sequence[Shelf]) -> Sequence[Shelf]:
    """Add the warehouse that has most of what is still missing; drop what became needless."""
    missing = dict(need)
    left, picked = list(range(len(shelves))), []
    while any(missing.values()):
        place = max(left, key=lambda place: _serves(shelves[place], missing))
        left.remove(place)
        picked.append(place)
        for product, quantity in missing.items():
            missing[product] = max(0, quantity - _stock(product, [shelves[place]]))
    chosen = [shelves[place] for place in sorted(picked)]
    for shelf in chosen[::-1]:
        others = [other for other in chosen if other is not shelf]
        if _has(need, others):
            chosen = others
    return chosen


def _serves(shelf: Shelf, missing: Mapping[UUID, int]) -> int:
    return sum(min(level.available, missing[product]) for product, level in shelf.items())


def _has(need: Mapping[UUID, int], shelves: Sequence[Shelf]) -> bool:
    return all(_stock(product, shelves) >= quantity for product, quantity in need.items())


def _stock(product: UUID, shelves: Sequence[Shelf]) -> int:
    return sum(shelf[product].available for shelf in shelves if product in shelf)


def _allot(wants: Sequence[Want], demand: Mapping[UUID, int], chosen: Sequence[Shelf]) -> Plan:
    sources = {product: _sources(product, quantity, chosen) for product, quantity in demand.items()}
    allocations, short = [], {}
    for want in wants:
        missing = want.quantity
        source = sources[want.product_id]
        while missing and source:
            level, left = source.pop()
            taken = min(missing, left)
            missing -= taken
            allocations.append(Allocation(want.line_id, level.level_id, level.warehouse_id, taken))
            if taken < left:
                source.append((level, left - taken))
        if missing:
            short[want.line_id] = missing
    return Plan(tuple(allocations), short)


def _sources(product: UUID, quantity: int, chosen: Sequence[Shelf]) -> list[tuple[Supply, int]]:
    """Where a product is taken from, the last first."""
    levels = [shelf[product] for shelf in chosen if product in shelf]
    for level in levels:
        if level.available >= quantity:
            return [(level, quantity)]
    return [(level, level.available) for level in reversed(levels)]
