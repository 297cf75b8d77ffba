"""Whether somebody sees a part only: who does manages no others, or could lift their own limits."""

from typing import Any

from inventory.models import Warehouse


def is_limited(user: Any) -> bool:
    """Tell whether somebody is limited to some sales channels or warehouses."""
    return user.channels.exists() or Warehouse.objects.filter(staff=user.pk).exists()
