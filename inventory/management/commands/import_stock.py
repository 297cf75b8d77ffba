"""`manage.py import_stock FILE --warehouse CODE`: stock from a CSV file, booked as one receipt."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel import clock, errors
from config.kernel.actors import Actor
from config.kernel.models.channels import CODE
from inventory import imports
from inventory.errors import NotStocked
from inventory.services import opening

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Book stock from a CSV file with the columns sku and quantity (.csv or .csv.gz; other "
        "columns are ignored) as one receipt. Products and the warehouse are made where missing; "
        "quantity 0 makes the product only. The same content again changes nothing. One bad row, "
        "and nothing is booked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--warehouse", required=True, metavar="CODE")

    def handle(self, *, file: Path, warehouse: str, **options: Any) -> None:  # noqa: ARG002
        try:
            CODE(warehouse)
            sheet = imports.read(file)
            _refuse(sheet.bad)
            booked = opening.book(
                quantities=sheet.quantities,
                warehouse_code=warehouse,
                digest=sheet.digest,
                document=file.name[:80],
                actor=Actor.system("import_stock"),
                at=clock.now(),
            )
        except ValidationError as error:
            raise CommandError(f"{warehouse}: {' '.join(error.messages)}") from error
        except imports.Unreadable as error:
            raise CommandError(str(error)) from error
        except NotStocked as error:
            raise CommandError(f"never stocked: {', '.join(error.params['skus'])}") from error
        except errors.DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{warehouse}: {booked.products} products, {booked.units} units")


def _refuse(bad: list[imports.BadRow]) -> None:
    if bad:
        lines = [str(row) for row in bad[:SHOWN]]
        more = [f"… and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
        raise CommandError("\n".join(["Nothing was booked.", *lines, *more]))
