"""`manage.py reset`: leaves the demo company behind and begins with one's own."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel import installation, money
from config.kernel.errors import DomainError
from config.operations import resetting

WORD = "reset"


class Command(BaseCommand):
    help = (
        "Make a backup, then empty the demo company and begin with your own: administrators stay, "
        "numbers begin anew. Web, worker and beat must be stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", default="", help="its name; asked for if not given")
        parser.add_argument("--currency", default="GBP", metavar="ISO")
        parser.add_argument("--country", default="GB", metavar="ISO")
        parser.add_argument("--yes", action="store_true", help="ask nothing")
        parser.add_argument(
            "--although-real", action="store_true", help="also when it is not the demo company"
        )

    def handle(self, *, company: str, currency: str, country: str, **options: Any) -> None:
        if not money.is_currency(currency):
            raise CommandError(f"kapell: {currency} is no currency of ISO 4217")
        name = company.strip() or self._ask_name()
        if not options["yes"]:
            self._confirm(name)
        try:
            backup = resetting.reset(
                company=name,
                currency=currency,
                country=country.upper(),
                although_real=options["although_real"],
            )
        except DomainError as error:
            raise CommandError(f"kapell: {error.detail}") from error
        self.stdout.write(f"kapell: what was there is kept in {backup.path}")
        self.stdout.write(f"kapell: {name} begins; start Kapell and follow the list on Today")

    def _ask_name(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("kapell: say --company NAME (make reset COMPANY=…)")
        name = input("Name of your company: ").strip()
        if not name:
            raise CommandError("kapell: nothing was changed")
        return name

    def _confirm(self, name: str) -> None:
        what = "The demo company" if installation.read().is_demo else "EVERYTHING HERE"
        if not sys.stdin.isatty():
            raise CommandError("kapell: say --yes (make reset COMPANY=… YES=1) if it may go")
        self.stdout.write(f"{what} is deleted after a backup, and {name} begins empty.")
        if input(f"Type {WORD} to go on: ").strip() != WORD:
            raise CommandError("kapell: nothing was changed")
