"""Orders as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the handlers, so that they subscribe, and name the tables of allowed moves."""
        from config.kernel import states as kernel_states
        from orders import handlers, states  # noqa: F401
        from orders.models import Hold, ImportRun

        kernel_states.register(Hold, states.HOLD_MOVES)
        kernel_states.register(ImportRun, states.IMPORT_MOVES)
