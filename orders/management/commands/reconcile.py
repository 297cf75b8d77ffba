"""`manage.py reconcile`: holds the books of stock against each other and against the orders."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel import clock
from inventory.models import StockDifference
from inventory.services import stock_checks


class Command(BaseCommand):
    help = (
        "Compare stock counters with ledger, bins and allocations, and these with the orders. "
        'Prints "no differences" and ends with 0 when all agree; else prints each difference, '
        "keeps it in the queue of the console, and ends with 1."
    )

    def handle(self, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        differences = stock_checks.run(at=clock.now())
        for difference in differences:
            self.stdout.write(_line(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences")
        self.stdout.write("no differences")


def _line(difference: StockDifference) -> str:
    level = difference.level
    where = f"{level.product.sku}  {level.warehouse.code}" if level else "no stock record"
    what = f"{difference.get_check_kind_display()}: {difference.counted}, {difference.expected}"
    demand = f"  line {difference.demand_id}" if difference.demand_id else ""
    return f"{where}  {what}{demand}"
