"""What channels send to change an order."""

from config.kernel import contracts
from config.kernel.contracts import Contract


class CancelLineIn(Contract):
    """So many units of one line, named by its position."""

    position: contracts.count(1, 1_000)
    quantity: contracts.count(1, 1_000_000)


class CancelIn(Contract):
    """Why, and which units; without lines the whole order."""

    reason: contracts.text(200) = ""
    lines: list[CancelLineIn] | None = None
