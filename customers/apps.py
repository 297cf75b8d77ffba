"""Customers as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what declares itself, and name what can be uploaded."""
        from config.kernel.uploads import works
        from customers import events, uploads  # noqa: F401

        works.register(uploads.CUSTOMERS)
