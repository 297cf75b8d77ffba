"""A handler that takes longer than the queue waits, and notes what it did."""

import time

from celery import signals
from django.apps import AppConfig

SECONDS = 5


class SlowConfig(AppConfig):
    name = "tests.faults.slow"
    label = "slow"

    def ready(self) -> None:
        from config.kernel import events

        events.subscribe("order.placed")(work)
        signals.task_prerun.connect(note_run)


def work(event):
    from django.db import connection

    time.sleep(SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO slow_effect VALUES (%s)", [event.pk])


def note_run(task_id, task, **_signal):
    from config.operations import databases

    if task.name == "config.kernel.tasks.dispatch":
        with databases.connect(patience=3) as session:
            session.execute("INSERT INTO slow_run VALUES (%s)", [task_id])
