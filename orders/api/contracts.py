"""What channels send to change an order."""

from typing import Annotated, Literal

from pydantic import Field

from config.kernel.contracts import (
    Contract,
    Flag,
    Paragraphs,
    Position,
    Quantity,
    Text200,
)

Reason = Annotated[Text200, Field(min_length=1)]


class CancelLineIn(Contract):
    """So many units of one line, named by its position."""

    position: Position
    quantity: Quantity


class CancelIn(Contract):
    """Why, and which units; without lines the whole order."""

    reason: Text200 = ""
    lines: list[CancelLineIn] | None = None


class HoldIn(Contract):
    """Why the order must wait: `fraud` while somebody checks it, `manual` for all else."""

    reason: Reason
    kind: Literal["manual", "fraud"] = "manual"


class ReleaseIn(Contract):
    """Why the order may go on."""

    reason: Reason


class NoteIn(Contract):
    """What staff should know; a pinned note is what they read first."""

    text: Annotated[Paragraphs, Field(min_length=1)]
    is_pinned: Flag = False
