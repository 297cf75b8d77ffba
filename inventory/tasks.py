"""The clock's work for inventory."""

import logging

from celery import shared_task

from config.kernel import clock
from inventory import errands
from inventory.services import low_stock, stock_checks

_log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def sweep_low_stock() -> None:
    """Open and close low-stock alerts."""
    low_stock.sweep(at=clock.now())


@shared_task(ignore_result=True)
def send_low_stock_digests() -> None:
    """Mail the digest to those subscribed."""
    errands.send_low_stock_digests(at=clock.now())


@shared_task(ignore_result=True)
def check_stock() -> None:
    """Hold all books of stock against each other; what differs stands in the queue and the log."""
    differences = stock_checks.run(at=clock.now())
    if differences:
        _log.error("%s stock differences", len(differences))
