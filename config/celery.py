"""The Celery application: it only wakes things up; PostgreSQL remembers what is due."""

from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

from config.schedule import SCHEDULE

app = Celery("kapell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()


@signals.task_prerun.connect  # type: ignore[untyped-decorator]
def _ask_after_the_connection(**_signal: Any) -> None:
    """Each task begins with a live database connection; a worker keeps it across many tasks."""
    close_old_connections()
