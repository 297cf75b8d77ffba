"""An app whose only migration changes the busiest table."""

from django.apps import AppConfig


class LateConfig(AppConfig):
    name = "tests.faults.late"
    label = "late"
