"""Turns the line of a set into the line as it was sent and a line per component below it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from config.kernel import folding, ids
from orders import sets
from orders.sets import Component, Meaning

SPLIT = ("discount_amount", "amount", "net_amount", "tax_amount")
NOTHING = Decimal(0)
# What of the line as sent is another than before.
CHANGED = (
    "id", "is_stocked", "description", "set_quantity", "ordered", *sets.COUNTED,
    "amount", "net_amount", "tax_amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The row of the line as sent, which carries nothing, and the rows that carry it all."""

    line: dict[str, Any]
    components: list[dict[str, Any]]


def unfold(line: Mapping[str, Any], meaning: Meaning, *, currency: str, position: int) -> Unfolded:
    """Unfold the row of a line whose SKU means several units; components count on from `position`.

    Buckets are multiplied; discount, amount, net and tax are split to the last minor unit. The tax
    rate is the sent line's: what the channel charged is not ours to divide by rates.
    """
    components = meaning.components
    prices = sets.unit_prices(line["unit_price"], components)
    parts = {name: sets.split(line[name], components, currency) for name in SPLIT}
    rows = [
        {
            **_row(line, one, position + place),
            **{name: line[name] * one.quantity for name in ("ordered", *sets.COUNTED)},
            **{name: parts[name][place] for name in SPLIT},
            "unit_price": prices[place],
        }
        for place, one in enumerate(components)
    ]
    return Unfolded(_as_sent(line, meaning), rows)


def _as_sent(line: Mapping[str, Any], meaning: Meaning) -> dict[str, Any]:
    """The price and the discount stay to be seen; what adds up is the components'."""
    named = " + ".join(f"{one.quantity} × {one.good.name}" for one in meaning.components)
    return {
        **line,
        "product_id": None,
        "is_stocked": meaning.is_stocked,
        "description": line["description"] or named[:300],
        "set_quantity": line["ordered"],
        "ordered": 0,
        **dict.fromkeys(sets.COUNTED, 0),
        **dict.fromkeys(("amount", "net_amount", "tax_amount"), NOTHING),
    }


def _row(line: Mapping[str, Any], component: Component, position: int) -> dict[str, Any]:
    good = component.good
    return {
        "id": ids.new(),
        "order_id": line["order_id"],
        "parent_line_id": line["id"],
        "per_kit": component.quantity,
        "position": position,
        "reference": "",
        "sku": good.sku,
        "sku_key": folding.sku(good.sku),
        "product_id": good.product_id,
        "description": good.name,
        "is_stocked": good.is_stocked,
        "tax_rate": line["tax_rate"],
        "buyer_item_number": "",
        "attributes": {},
    }


def by_shape(
    lines: Sequence[Mapping[str, Any]], components: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[Mapping[str, Any]], ...]:
    """Return the rows of lines in groups that have the same columns, for an insert."""
    if not components:
        return (lines,)
    plain = [line for line in lines if "set_quantity" not in line]
    return (plain, [line for line in lines if "set_quantity" in line], components)
