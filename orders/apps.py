"""Orders as a Django app; loads the handlers of events when Django starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the handlers, so that they subscribe to the events they react to."""
        from orders import handlers  # noqa: F401, PLC0415
