"""The kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "config.kernel"
    label = "kernel"
    verbose_name = "Kapell"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Name the tables of allowed moves."""
        from config.kernel import states
        from config.kernel.models import Job, Upload, WebhookEndpoint
        from config.kernel.models.jobs import JOB_MOVES
        from config.kernel.models.uploads import UPLOAD_MOVES
        from config.kernel.webhooks.states import ENDPOINT_MOVES

        states.register(Job, JOB_MOVES)
        states.register(Upload, UPLOAD_MOVES)
        states.register(WebhookEndpoint, ENDPOINT_MOVES)
