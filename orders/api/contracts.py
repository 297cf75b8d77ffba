"""What channels send to change an order."""

from config.kernel.contracts import Contract, Position, Quantity, Text200


class CancelLineIn(Contract):
    """So many units of one line, named by its position."""

    position: Position
    quantity: Quantity


class CancelIn(Contract):
    """Why, and which units; without lines the whole order."""

    reason: Text200 = ""
    lines: list[CancelLineIn] | None = None
