"""`manage.py up`: the whole system on this machine, as `make up` runs it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.local import up


class Command(BaseCommand):
    help = "Start servers, web, worker and beat here and watch them until Ctrl-C."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        sys.exit(up.main())
