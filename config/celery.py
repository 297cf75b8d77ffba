"""The Celery application: it only wakes things up; PostgreSQL remembers what is due."""

from celery import Celery

from config.schedule import SCHEDULE

app = Celery("kapell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
