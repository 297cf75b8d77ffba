"""Whether somebody sees a part only: who does manages no others, or could lift their own limits."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from config.kernel.models import User
from inventory.models import Warehouse

_KEPT = "_kapell_is_limited"


def is_limited(user: Any) -> bool:
    """Tell whether somebody is limited to some sales channels or warehouses.

    Asked once per request: every page's menu wants to know it for several of its links.
    """
    kept: bool | None = getattr(user, _KEPT, None)
    if kept is None:
        works_in = Warehouse.objects.filter(staff=OuterRef("pk"))
        limited = Q(channels__isnull=False) | Exists(works_in)
        kept = User.objects.filter(limited, pk=user.pk).exists()
        setattr(user, _KEPT, kept)
    return kept
