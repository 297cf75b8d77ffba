"""Composition root: settings, addresses, the API's root, the console and Celery.

It loads the Celery application, because a web process without it would publish to a default broker.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
