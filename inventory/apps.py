"""Inventory as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = _("Inventory")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Name the tables of allowed moves, and what can be uploaded."""
        from config.kernel import states as kernel_states
        from config.kernel.uploads import works
        from inventory import events, states, uploads  # noqa: F401
        from inventory.models import StockDifference, Transfer

        kernel_states.register(Transfer, states.TRANSFER_MOVES)
        kernel_states.register(StockDifference, states.DIFFERENCE_MOVES)
        works.register(*uploads.LAYOUTS)
