"""`manage.py demo`: fills an empty system with the demo company."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from config.kernel import audit, clock
from config.kernel.errors import DomainError
from customers.models import Customer
from fulfillment.demo import filling
from fulfillment.demo.story import SYSTEM
from inventory.models import Product
from orders.models import Order

STEPS = ("products", "stock", "orders")


class Command(BaseCommand):
    help = (
        "Fill an empty system with a demo company: products, stock, customers, a month of orders. "
        "All of it or nothing; a key of its web shop is written to KAPELL_HOME/demo_channel_key."
    )

    def handle(self, **_options: Any) -> None:
        started = time.monotonic()
        try:
            with self._progress() as progress, audit.acting(SYSTEM):
                key = filling.fill(at=clock.now(), progress=progress)
        except DomainError as error:
            raise CommandError(error.detail) from error
        _keep(key, settings.KAPELL_HOME / "demo_channel_key")
        self.stdout.write(
            f"kapell: demo company: {Product.objects.count()} products, "
            f"{Customer.objects.count()} customers, {Order.objects.count()} orders"
            f" in {time.monotonic() - started:.1f} s"
        )

    @contextmanager
    def _progress(self) -> Iterator[filling.Progress]:
        console = Console()
        columns = (TextColumn("kapell: {task.description:9}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
            tasks = {step: bars.add_task(step, total=1.0) for step in STEPS}
            yield lambda step, fraction: bars.update(tasks[step], completed=fraction)


def _keep(key: str, place: Path) -> None:
    """Write the key into a file that only its owner reads."""
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")
