"""The door for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("KAPELL_ROLE", "web")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  (loads every door before the fork and the first request)
