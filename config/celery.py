"""The Celery application: it only wakes things up; PostgreSQL remembers what is due."""

from celery import Celery

app = Celery("kapell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
