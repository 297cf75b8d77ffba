"""Turns the lines of an order, as they were sent, into rows; pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from config.kernel import folding, ids
from orders import totals
from orders.contract import LineIn, OrderIn
from orders.services import unfolding
from orders.sets import Good, Meaning


def sku_key(line: LineIn) -> str:
    """Return the key by which a line's SKU is looked up."""
    return folding.sku(line.sku)


def rows(
    asked: OrderIn, amounts: totals.Totals, meanings: Mapping[str, Meaning], order_id: UUID
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the lines as sent, and the components of sets, which count on from there; all pending.

    A SKU without a meaning has no product.
    """
    lines: list[dict[str, Any]] = []
    components: list[dict[str, Any]] = []
    for position, (line, part) in enumerate(zip(asked.lines, amounts.lines, strict=True), 1):
        meaning = meanings.get(sku_key(line))
        good = meaning.only if meaning else None
        row = _line_row(position, line, part, good, order_id)
        if meaning is not None and good is None:
            after = len(asked.lines) + len(components) + 1
            unfolded = unfolding.unfold(row, meaning, currency=asked.currency, position=after)
            row = unfolded.line
            components += unfolded.components
        lines.append(row)
    return lines, components


def _line_row(
    position: int, line: LineIn, part: totals.Amounts, good: Good | None, order_id: UUID
) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "order_id": order_id,
        "position": position,
        "reference": line.reference,
        "sku": line.sku,
        "sku_key": sku_key(line),
        "product_id": good.product_id if good else None,
        "description": line.description or (good.name if good else ""),
        "is_stocked": good.is_stocked if good else True,
        "ordered": line.quantity,
        "cancelled": 0,
        "pending": line.quantity,
        "backordered": 0,
        "reserved": 0,
        "assigned": 0,
        "shipped": 0,
        "returned": 0,
        "unit_price": line.unit_price,
        "discount_amount": line.discount_amount,
        "tax_rate": line.tax_rate,
        "amount": part.amount,
        "net_amount": part.net,
        "tax_amount": part.tax,
        "buyer_item_number": line.buyer_item_number,
        "attributes": line.attributes,
    }
