"""Tells what a row is: the first rule of the mapping whose conditions all hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.imports.mapping import Rule, Skus, When

Condition = Callable[["Facts"], bool]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may ask about a row."""

    reference: str
    sku: str
    quantity: int
    unit_price: Decimal
    customer: str
    cells: Mapping[str, str]


class Rulebook:
    """The rules of a mapping, made ready to be asked for every row."""

    def __init__(self, rules: Sequence[Rule], skus: Skus, fold: Callable[[str], str]) -> None:
        self._charges = frozenset(fold(sku) for sku in skus.non_stock)
        self._rules = [(self._conditions(rule.when, fold), rule) for rule in rules]

    def decide(self, facts: Facts) -> Rule | None:
        """Return the first rule that fits, or None."""
        for conditions, rule in self._rules:
            for holds in conditions:
                if not holds(facts):
                    break
            else:
                return rule
        return None

    def is_charge(self, sku: str) -> bool:
        """Tell whether a SKU is one of the non-stock codes."""
        return sku in self._charges

    def _conditions(self, when: When, fold: Callable[[str], str]) -> list[Condition]:
        conditions: list[Condition] = []
        if when.reference_prefix:
            prefixes = when.reference_prefix
            conditions.append(lambda facts: facts.reference.startswith(prefixes))
        if when.sku:
            skus = frozenset(map(fold, when.sku))
            conditions.append(lambda facts: facts.sku in skus)
        if when.quantity:
            conditions.append(_sign("quantity", when.quantity))
        if when.unit_price:
            conditions.append(_sign("unit_price", when.unit_price))
        conditions += self._presence(when)
        conditions += [_cell(heading, wanted) for heading, wanted in when.cells.items()]
        return conditions

    def _presence(self, when: When) -> list[Condition]:
        conditions: list[Condition] = []
        if when.customer is not None:
            conditions.append(lambda facts: bool(facts.customer) is when.customer)
        if when.stocked is not None:
            conditions.append(lambda facts: (facts.sku not in self._charges) is when.stocked)
        return conditions


def _sign(field: str, sign: str) -> Condition:
    def holds(facts: Facts) -> bool:
        value: int | Decimal = getattr(facts, field)
        if sign == "zero":
            return not value
        return value < 0 if sign == "negative" else value > 0

    return holds


def _cell(heading: str, wanted: Sequence[str]) -> Condition:
    accepted = frozenset(text.strip().casefold() for text in wanted)
    return lambda facts: facts.cells[heading].strip().casefold() in accepted
