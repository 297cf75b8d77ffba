"""The console as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "config.console"
    label = "console"
    verbose_name = _("Console")
