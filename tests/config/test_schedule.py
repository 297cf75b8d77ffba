import pytest
from django.conf import settings

from config.celery import app
from config.schedule import SCHEDULE

OURS = ("config.", "customers.", "inventory.", "orders.", "fulfillment.")


@pytest.fixture(autouse=True)
def tasks():
    app.loader.import_default_modules()
    return {name for name in app.tasks if name.startswith(OURS)}


def test_everything_scheduled_exists(tasks):
    assert {entry["task"] for entry in SCHEDULE.values()} - tasks == set()


def test_every_task_without_arguments_is_scheduled(tasks):
    unscheduled = {
        name
        for name in tasks - SCHEDULE.keys()
        if app.tasks[name].run.__code__.co_argcount + app.tasks[name].run.__code__.co_kwonlyargcount
        == 0
    }
    assert unscheduled == set()


def test_no_run_is_kept_beyond_the_queues_memory():
    assert all(entry["options"]["expires"] > 0 for entry in SCHEDULE.values())
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_a_worker_keeps_its_database_connection():
    assert app.conf.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX == 500


def test_a_lost_worker_loses_no_task():
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1
