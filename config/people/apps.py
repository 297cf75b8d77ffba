"""People as a Django app; who they are and what they may is the kernel's."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "config.people"
    label = "people"
    verbose_name = _("People")
