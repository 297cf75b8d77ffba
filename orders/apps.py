"""Orders as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what subscribes and registers itself, and name the tables of allowed moves."""
        from config.kernel import states as kernel_states
        from config.kernel.uploads import works
        from orders import events, handlers, jobs, states, uploads  # noqa: F401
        from orders.models import FailedOrder, Hold, ImportRun
        from orders.services import stock_checks  # noqa: F401

        kernel_states.register(FailedOrder, states.FAILURE_MOVES)
        kernel_states.register(Hold, states.HOLD_MOVES)
        kernel_states.register(ImportRun, states.IMPORT_MOVES)
        works.register(uploads.ORDERS)
