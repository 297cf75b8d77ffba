"""Operations as a Django app; loading it gives workers their heart."""

from celery import current_app
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "config.operations"
    label = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from config.operations.hearts import WorkerHeart

        current_app.steps["worker"].add(WorkerHeart)
