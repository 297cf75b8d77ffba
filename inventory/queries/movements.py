"""What the ledger says."""

from uuid import UUID

from inventory.booking import Posted
from inventory.models import StockMovement

_COLUMNS = (
    "id", "level_id", "level__product_id", "level__warehouse_id", "version", "command_id", "kind",
    "d_on_hand", "d_unavailable", "d_reserved", "quantity", "bin_from_id", "bin_to_id",
)  # fmt: skip


def of_command(command_id: UUID) -> list[Posted]:
    """Return what a command booked, so that its repetition finds its effect; in level order."""
    rows = StockMovement.objects.filter(command_id=command_id).order_by("level_id")
    return [Posted(*row) for row in rows.values_list(*_COLUMNS)]
